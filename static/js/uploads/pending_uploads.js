// What is on its way, as bubbles after the last row: how far, how fast, how long still; or why not, and what to do.

import { restOf, sizeOf, speedOf } from "../files/sizes.js";
import { element } from "../lib/dom.js";
import { drawCard } from "../files/file_card.js";
import { onNextFrame } from "../lib/frame.js";
import { say } from "../lib/strings.js";

export class Bubbles {
  #place;
  #uploads;
  #scroller;
  #composer;
  #drawTalk;
  #tell;
  // client_id → its elements
  #shown = new Map();
  #draw = () => this.#drawAll();

  /** `drawTalk(entry)` draws its caption as talk; `tell(sentence)` says what went wrong to who does not see it. */
  constructor({ place, uploads, scroller, composer, drawTalk, tell }) {
    this.#place = place;
    this.#uploads = uploads;
    this.#scroller = scroller;
    this.#composer = composer;
    this.#drawTalk = drawTalk;
    this.#tell = tell;
    uploads.addEventListener("change", () => onNextFrame(this.#draw));
    this.#drawAll();
  }

  #drawAll() {
    const entries = this.#uploads.entries;
    const ids = new Set(entries.map(({ client_id: id }) => id));
    for (const [id, { bubble }] of this.#shown) {
      if (ids.has(id)) continue;
      const hadFocus = bubble.contains(document.activeElement);
      bubble.remove();
      this.#shown.delete(id);
      if (hadFocus) this.#composer.focus();
    }
    for (const entry of entries) this.#update(this.#shown.get(entry.client_id) ?? this.#make(entry), entry);
    this.#scroller.settle();
  }

  #make(entry) {
    const { client_id: id, name, size, type } = entry;
    const bar = element("progress", "upload-bar");
    bar.max = Math.max(size, 1);
    bar.setAttribute("aria-label", say("sending_file", { name }));
    const line = element("p", "upload-line");
    const cancel = button("btn btn-sm btn-secondary", say("cancel"), () => this.#uploads.cancel(id));
    const again = button("btn btn-sm btn-outline-primary", say("try_again"), () => this.#uploads.retry(id));
    const [choose, field] = chooser((file) => this.#chosenAgain(id, file));
    const deeds = element("div", "upload-deeds", again, choose, cancel, field);
    const talk = this.#drawTalk(entry);
    talk.querySelector(".talk-body").append(element("div", "file is-unsent", drawCard({ name, size, type }), bar, line, deeds));
    const bubble = element("div", "entry is-unsent", talk);
    this.#place.append(bubble);
    const made = { bubble, bar, line, again, choose, told: "" };
    this.#shown.set(id, made);
    return made;
  }

  #update(made, entry) {
    const { bubble, bar, line, again, choose, told } = made;
    const { state, sent, size } = entry;
    bubble.dataset.state = state === "missing" ? "failed" : state;
    bar.hidden = state === "failed" || state === "missing";
    if (state === "finishing") bar.removeAttribute("value");
    else bar.value = size ? sent : 1;
    hide(again, state !== "failed");
    hide(choose, state !== "missing");
    const sentence = sentenceOf(entry);
    line.textContent = sentence;
    if (bar.hidden && told !== sentence) this.#tell(sentence);
    made.told = bar.hidden ? sentence : "";
  }

  #chosenAgain(id, file) {
    if (!this.#uploads.chooseAgain(id, file)) this.#tell(say("another_file", { name: file.name }));
  }
}

function sentenceOf({ state, name, sent, size, isWaiting, detail, speed }) {
  if (state === "failed") return say("file_not_sent", { name, detail: detail || say("not_sent") });
  if (state === "missing") return say("file_missing", { name });
  if (isWaiting) return detail || say("upload_waiting");
  if (state === "finishing") return say("upload_finishing");
  if (state === "queued") return say("upload_queued");
  const perSecond = speed.perSecond;
  const values = { sent: sizeOf(sent), size: sizeOf(size) };
  if (perSecond === null) return say("upload_sent", values);
  return say("upload_line", { ...values, speed: speedOf(perSecond), rest: restOf((size - sent) / perSecond) });
}

function hide(control, isHidden) {
  control.hidden = isHidden;
}

function button(className, text, onClick) {
  const node = element("button", className, text);
  node.type = "button";
  node.addEventListener("click", onClick);
  return node;
}

/** A button that asks for a file, and the field that it presses. */
function chooser(onFile) {
  const field = element("input");
  field.type = "file";
  field.hidden = true;
  field.addEventListener("change", () => {
    if (field.files.length) onFile(field.files[0]);
    field.value = "";
  });
  return [button("btn btn-sm btn-outline-primary", say("choose_again"), () => field.click()), field];
}
