// The way back to the end of the log, for a page that was opened before it: newer rows, page by page, as the user scrolls
// near to the last one; or all of it left out, at once.

import { getJson } from "../lib/api.js";
import { Component } from "../lib/component.js";
import { button, element } from "../lib/dom.js";
import { whenIdle } from "../lib/frame.js";
import { say } from "../lib/strings.js";

const PAGE_SIZE = 100;
// The next page is fetched when the last row is this near to the view.
const AHEAD = "0px 0px 900px 0px";

export class LiveEnd extends Component {
  static targets = ["newerMark", "transcriptView"];
  static needs = ["transcript", "scroller", "history", "feed", "urls", "toast", "isShown"];

  #observer;
  // The last row up to which the page has all.
  #end = 0;
  // What is being fetched: "next", "newest", or nothing.
  #loading = "";
  // It says that something could not be fetched, until the user or the connection tries again.
  #hasFailed = false;
  // The user wanted to go to the end while the server was away.
  #isWanted = false;
  // Counts restarts: a page that was asked for before one belongs to another part of the log.
  #age = 0;

  constructor(page) {
    super(page);
    this.#observer = new IntersectionObserver(([entry]) => entry.isIntersecting && this.#loadNext(), {
      root: this.transcriptViewTarget,
      rootMargin: AHEAD,
    });
    this.scroller.addEventListener("home", (event) => {
      if (this.transcript.isLive) return;
      event.preventDefault();
      this.#goToNewest();
    });
    this.scroller.addEventListener("bottom", () => this.#forgetLink());
    this.transcript.addEventListener("cut", () => this.restart());
    this.transcript.addEventListener("moved", () => this.#update());
  }

  /** The transcript ends with another row now. */
  restart() {
    this.#age += 1;
    this.#loading = "";
    this.#hasFailed = false;
    this.#isWanted = false;
    this.#end = this.transcript.newest?.seq ?? 0;
    this.#show();
    if (!this.transcript.isLive) whenIdle(() => this.#update());
  }

  /** The connection is back: what could not be fetched may be asked for again. */
  resume() {
    this.#hasFailed = false;
    if (this.#isWanted) this.#goToNewest();
    else this.#update();
  }

  /** Observing again reports at once whether the mark is (still) near. */
  #update() {
    if (this.#loading || this.#hasFailed) return;
    this.#show();
    this.#observer.unobserve(this.newerMarkTarget);
    if (!this.transcript.isLive) this.#observer.observe(this.newerMarkTarget);
  }

  async #loadNext() {
    if (this.#loading || this.transcript.isLive) return;
    if (this.transcript.hasNewer) return this.transcript.showNewer();
    await this.#load("next", { after: this.#end, drawn: true, limit: PAGE_SIZE }, ({ messages, more, head }) => {
      // The rows up to the head that are not drawn have been told of.
      this.#end = Math.max(messages.at(-1)?.seq ?? 0, more ? 0 : head);
      const isLive = this.#end >= this.feed.cursor.seq;
      this.#give(messages, (rows) => this.transcript.extend(rows, { isLive }));
      this.#update();
    });
  }

  async #goToNewest() {
    if (this.#loading === "newest") return;
    // A page of the next rows that is on its way is wanted no more.
    this.#age += 1;
    this.#isWanted = true;
    await this.#load("newest", { limit: PAGE_SIZE }, (page) => {
      // Rows that came meanwhile were told of, and not kept.
      if (page.head < this.feed.cursor.seq) return this.#goToNewest();
      this.#give(page.messages, (rows) => this.transcript.replace(rows));
      this.history.restart(page.more);
      this.restart();
    });
  }

  /** Show the rows that the page has heard of by `show`; those that it has not are as good as delivered. */
  #give(messages, show) {
    const { seq: head } = this.feed.cursor;
    show(messages.filter(({ seq }) => seq <= head));
    this.feed.apply(messages.filter(({ seq }) => seq > head));
  }

  async #load(what, query, take) {
    const age = this.#age;
    this.#loading = what;
    this.#hasFailed = false;
    this.#show();
    try {
      const page = await getJson(this.urls.messages, query);
      if (age !== this.#age) return;
      this.#loading = "";
      take(page);
    } catch (error) {
      if (age !== this.#age) return;
      this.#loading = "";
      this.#hasFailed = true;
      this.#observer.unobserve(this.newerMarkTarget);
      this.#showFailure(error);
    }
  }

  #show() {
    const mark = this.newerMarkTarget;
    mark.hidden = this.transcript.isLive;
    if (this.#loading) mark.replaceChildren(element("span", "spinner"), say("newer_loading"));
    else mark.replaceChildren();
  }

  #showFailure({ message }) {
    if (this.#isWanted) this.toast.show(message || say("newer_failed"));
    const again = button("btn btn-sm btn-outline-secondary", say("try_again"), () => {
      // The button, which has the focus, goes while the page loads.
      this.scroller.focus();
      this.resume();
    });
    this.newerMarkTarget.replaceChildren(element("span", "", message || say("newer_failed")), again);
  }

  /** At the end, with the message out of sight to which a link led, the address is that of the room. */
  #forgetLink() {
    const linked = this.transcriptViewTarget.querySelector(".entry[aria-current]");
    const top = this.transcriptViewTarget.getBoundingClientRect().top;
    if (!this.isShown || location.pathname === this.urls.room || linked?.getBoundingClientRect().bottom > top) return;
    globalThis.history.replaceState(null, "", this.urls.room);
  }
}
