// The list of rooms: its numbers stay true while somebody looks at it.

import { getJson } from "../lib/api.js";

const REFRESH_MS = 10_000;

/** Writes a number, and lets its place show whether there is anything to see. */
function show(place, number, { lively = false, hide = false } = {}) {
  if (!place) return;
  place.querySelector("[data-number]").textContent = String(number);
  if (lively) place.classList.toggle("is-lively", number > 0);
  if (hide) place.hidden = number === 0;
}

class Counts {
  #list;
  #timer = 0;

  constructor(list) {
    this.#list = list;
  }

  start() {
    this.#timer = setInterval(() => this.#refresh(), REFRESH_MS);
    // Who comes back to the tab is not shown what was true when they left it.
    document.addEventListener("visibilitychange", () => this.#refresh());
  }

  async #refresh() {
    if (document.hidden || !this.#timer) return;
    // One's own rooms and the others are two lists of the API. The second holds one's own too, so on a later page some
    // cards keep the numbers that they came with.
    for (const part of this.#list.querySelectorAll("[data-scope]")) await this.#refreshPart(part.dataset.scope);
  }

  async #refreshPart(scope) {
    const { url, q, page } = this.#list.dataset;
    try {
      const { rooms } = await getJson(url, { scope, q, page });
      for (const room of rooms) this.#update(room);
    } catch (error) {
      // Away for a moment: the numbers stay, and the next turn asks again. Signed out: there is nothing to ask for.
      if (error.status === 401) this.#stop();
    }
  }

  #stop() {
    clearInterval(this.#timer);
    this.#timer = 0;
  }

  #update(room) {
    const card = this.#list.querySelector(`[data-room="${CSS.escape(room.id)}"]`);
    if (!card) return;
    show(card.querySelector("[data-here]"), room.here, { lively: true });
    show(card.querySelector("[data-members]"), room.member_count);
    show(card.querySelector("[data-unread]"), room.unread, { hide: true });
  }
}

new Counts(document.getElementById("rooms")).start();
