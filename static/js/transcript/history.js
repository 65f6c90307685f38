// Older rows, page by page, as the reader comes near to the top.

import { element } from "../lib/dom.js";
import { whenIdle } from "../lib/frame.js";
import { say } from "../lib/strings.js";

const PAGE_SIZE = 100;
// Begin to fetch so far before the top is seen.
const AHEAD = "900px 0px 0px 0px";

export class History {
  #mark;
  #view;
  #transcript;
  #fetchBefore;
  #observer;
  #hasMore = false;
  #isLoading = false;
  // Counts fresh starts: a page that was asked for before one belongs to another log.
  #age = 0;

  /** `mark` is the element above the first row; `fetchBefore(seq, count)` asks the server. */
  constructor({ mark, view, transcript, fetchBefore }) {
    this.#mark = mark;
    this.#view = view;
    this.#transcript = transcript;
    this.#fetchBefore = fetchBefore;
    this.#observer = new IntersectionObserver(([entry]) => entry.isIntersecting && this.#load(), {
      root: view,
      rootMargin: AHEAD,
    });
    transcript.addEventListener("trimmed", () => this.restart(true));
    transcript.addEventListener("moved", () => this.#look());
  }

  restart(hasMore) {
    this.#age += 1;
    this.#isLoading = false;
    this.#hasMore = hasMore;
    this.#show();
    whenIdle(() => this.#look());
  }

  /** The connection is back: what could not be fetched may be asked for again. */
  resume() {
    if (!this.#isLoading) this.#watch();
  }

  /** Observing anew reports at once whether the mark is (still) near. */
  #watch() {
    this.#observer.unobserve(this.#mark);
    if (this.#hasMore || this.#transcript.hasOlder) this.#observer.observe(this.#mark);
  }

  #look() {
    if (this.#isLoading) return;
    this.#show();
    this.#watch();
  }

  async #load() {
    if (this.#isLoading) return;
    if (this.#transcript.hasOlder) return this.#transcript.showOlder();
    if (!this.#hasMore) return;
    const age = this.#age;
    this.#isLoading = true;
    this.#show();
    try {
      const { messages, more } = await this.#fetchBefore(this.#transcript.oldestSeq, PAGE_SIZE);
      if (age !== this.#age) return;
      this.#isLoading = false;
      this.#hasMore = more;
      this.#transcript.prepend(messages);
      this.#look();
    } catch (error) {
      if (age !== this.#age) return;
      this.#isLoading = false;
      this.#observer.unobserve(this.#mark);
      this.#showFailure(error);
    }
  }

  #show() {
    if (this.#isLoading) this.#mark.replaceChildren(element("span", "spinner"), say("history_loading"));
    else if (this.#hasMore || this.#transcript.hasOlder) this.#mark.replaceChildren();
    else this.#mark.replaceChildren(element("span", "history-beginning", say("history_beginning")));
  }

  #showFailure(error) {
    const again = element("button", "btn btn-sm btn-outline-secondary", say("try_again"));
    again.type = "button";
    again.addEventListener("click", () => {
      // The button goes while the page loads: who pressed it by keyboard stays nearby.
      this.#view.focus({ preventScroll: true });
      this.#load();
    });
    this.#mark.replaceChildren(element("span", "", error.message || say("history_failed")), again);
  }
}
