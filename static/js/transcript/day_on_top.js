// The day of what is at the upper edge of the transcript, over it while one scrolls. It comes with the first scroll away
// from the end. For the eyes alone: the days are headings in the transcript.

import { element } from "../lib/dom.js";

const SHOW_MS = 1500;
// As high as it is itself: a day that is about to come there says it.
const ROOM_PX = 44;

/** Return what shows it at each scroll of `view`; `write(node, entry)` writes the day of an entry. */
export function dayOnTop(view, write) {
  const day = element("span");
  const line = element("div", "day-on-top", day);
  line.setAttribute("aria-hidden", "true");
  view.after(line);
  let timer = null;
  return () => {
    const { top } = view.getBoundingClientRect();
    const days = [...view.querySelectorAll(".day")];
    const below = days.findIndex((one) => one.getBoundingClientRect().top > top);
    const isNear = below >= 0 && days[below].getBoundingClientRect().top < top + ROOM_PX;
    const entry = days.at(below < 0 ? -1 : below - 1)?.parentElement;
    // Above all days that are drawn are rows of the day of the first of them.
    write(day, below === 0 || !entry ? view.querySelector(".entry") : entry);
    line.classList.toggle("is-shown", !isNear);
    clearTimeout(timer);
    timer = setTimeout(() => line.classList.remove("is-shown"), SHOW_MS);
  };
}
