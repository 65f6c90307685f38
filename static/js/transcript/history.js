// Older rows, page by page, as the user scrolls near to the top.

import { getJson } from "../lib/api.js";
import { Component } from "../lib/component.js";
import { button, element } from "../lib/dom.js";
import { whenIdle } from "../lib/frame.js";
import { say } from "../lib/strings.js";

const PAGE_SIZE = 100;
// The next page is fetched when the top is this near to the view.
const AHEAD = "900px 0px 0px 0px";

export class History extends Component {
  static targets = ["historyMark", "transcriptView"];
  static needs = ["transcript", "scroller", "urls"];

  #observer;
  #hasMore = false;
  #isLoading = false;
  // Counts restarts: a page that was asked for before one belongs to another log.
  #age = 0;

  constructor(page) {
    super(page);
    this.#observer = new IntersectionObserver(([entry]) => entry.isIntersecting && this.#load(), {
      root: this.transcriptViewTarget,
      rootMargin: AHEAD,
    });
    this.transcript.addEventListener("trimmed", () => this.restart(true));
    this.transcript.addEventListener("moved", () => this.#update());
  }

  /** The transcript begins with other rows now; `hasMore` is whether the server has older ones. */
  restart(hasMore) {
    this.#age += 1;
    this.#isLoading = false;
    this.#hasMore = hasMore;
    this.#show();
    whenIdle(() => this.#update());
  }

  /** The connection is back: a page that could not be fetched may be asked for again. */
  resume() {
    if (!this.#isLoading) this.#watch();
  }

  /** Observing again reports at once whether the mark is (still) near. */
  #watch() {
    this.#observer.unobserve(this.historyMarkTarget);
    if (this.#hasMore || this.transcript.hasOlder) this.#observer.observe(this.historyMarkTarget);
  }

  #update() {
    if (this.#isLoading) return;
    this.#show();
    this.#watch();
  }

  async #load() {
    if (this.#isLoading) return;
    if (this.transcript.hasOlder) return this.transcript.showOlder();
    if (!this.#hasMore) return;
    const age = this.#age;
    this.#isLoading = true;
    this.#show();
    try {
      const query = { before: this.transcript.oldestSeq, limit: PAGE_SIZE };
      const { messages, more } = await getJson(this.urls.messages, query);
      if (age !== this.#age) return;
      this.#isLoading = false;
      this.#hasMore = more;
      this.transcript.prepend(messages);
      this.#update();
    } catch (error) {
      if (age !== this.#age) return;
      this.#isLoading = false;
      this.#observer.unobserve(this.historyMarkTarget);
      this.#showFailure(error);
    }
  }

  #show() {
    const mark = this.historyMarkTarget;
    if (this.#isLoading) mark.replaceChildren(element("span", "spinner"), say("history_loading"));
    else if (this.#hasMore || this.transcript.hasOlder) mark.replaceChildren();
    else mark.replaceChildren(beginning());
  }

  #showFailure(error) {
    const again = button("btn btn-sm btn-outline-secondary", say("try_again"), () => {
      // The button, which has the focus, goes while the page loads.
      this.scroller.focus();
      this.#load();
    });
    this.historyMarkTarget.replaceChildren(element("span", "", error.message || say("history_failed")), again);
  }
}

/** It is no news: in a region that is read out, Orca says it again after each dialog. */
function beginning() {
  const mark = element("span", "history-beginning", say("history_beginning"));
  mark.setAttribute("aria-live", "off");
  return mark;
}
