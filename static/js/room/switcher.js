// Shows another room in the place of the one that is shown. One that was shown before is kept as it was, out of the
// document, and caught up; any other comes with its page. Loaded when somebody is about to change the room, it takes what
// keeps anything in mind from `shell`.

import { connectDialogButtons } from "../dialogs/dialog_buttons.js";

const MOST_KEPT = 10;
// With more unread than a screen shows, a room opens where that begins (rooms/queries/windows.py), so it is fetched anew.
const MOST_UNREAD = 30;
const PAGE_MS = 20_000;
// Longer than this what is written in the room that comes does not wait for being formatted.
const FORMATTER_MS = 2000;
const SCRIPT = "script[blocking=render]";

export class Switcher {
  #shell;
  // Counts changes: a page that comes after a later one was asked for is not shown.
  #turn = 0;

  constructor(shell) {
    this.#shell = shell;
    shell.myRooms.addEventListener("refreshed", () => this.#forgetLost());
  }

  /**
   * Show the room `id`, whose address is `url`. Rejects when it cannot be shown here, and the address has to be gone to;
   * when no answer comes, the user is told so and stays, except on the way `isBack`, where the address is another already.
   */
  async goTo(id, url, { isBack }) {
    const shell = this.#shell;
    const turn = (this.#turn += 1);
    if (shell.connection.hasEnded) throw new Error("ended");
    this.#wait(false);
    // An address within the room is no other room.
    if (id === shell.room.id) return isBack ? null : this.#arrive();
    let source = null;
    if (!this.#canShow(shell.pages.get(id))) {
      this.#wait(true);
      try {
        const formatter = Promise.race([shell.loadFormatter(), new Promise((go) => setTimeout(go, FORMATTER_MS))]);
        source = await this.#fetch(url, { isBack });
        // The room is painted once: formatted.
        if (source) await formatter;
      } catch (error) {
        if (turn === this.#turn) throw error;
      } finally {
        if (turn === this.#turn) this.#wait(false);
      }
      if (turn !== this.#turn || !source) return;
    }
    this.#leave();
    // In the place of the list of rooms, which has an entry of its own while it covers the room.
    if (!isBack) history[history.state?.drawer ? "replaceState" : "pushState"](null, "", url);
    if (source) this.#open(source);
    else this.#show(shell.pages.get(id));
    this.#arrive();
    this.#forgetOldest();
  }

  /** Words that are typed meanwhile are for the room that comes: they must not go into the one that is shown still. */
  #wait(isWaiting) {
    const { conversation, composerForm } = this.#shell.targets;
    conversation.setAttribute("aria-busy", String(isWaiting));
    composerForm.inert = isWaiting;
  }

  #canShow(page) {
    if (!page) return false;
    const { unread = 0 } = this.#shell.myRooms.find(page.room.id) ?? {};
    return unread <= MOST_UNREAD || isBusy(page);
  }

  /** Promise the room's page as a document; null where the server is away. */
  async #fetch(url, { isBack }) {
    const answer = await this.#answer(url);
    if (!answer && !isBack) this.#shell.toast.show(this.#shell.say("try_later"));
    if (!answer && !isBack) return null;
    // A refusal, the log-in, or another version of the site: the page that the server sends there says what to do.
    if (!answer?.ok || answer.redirected) throw new Error("no room's page");
    const source = new DOMParser().parseFromString(answer.text, "text/html");
    if (source.querySelector(SCRIPT)?.getAttribute("src") !== document.querySelector(SCRIPT).getAttribute("src")) {
      throw new Error("another version");
    }
    return source;
  }

  async #answer(url) {
    try {
      const answer = await fetch(url, {
        credentials: "same-origin",
        cache: "no-store",
        headers: { Accept: "text/html" },
        signal: AbortSignal.timeout(PAGE_MS),
      });
      return { ok: answer.ok, redirected: answer.redirected, text: await answer.text() };
    } catch {
      return null;
    }
  }

  #leave() {
    const { readPosition, composer, outbox, typing, scroller, targets } = this.#shell;
    // While the connection is still in the room.
    readPosition.send();
    composer.keepDraft();
    outbox.release();
    typing.clear();
    scroller.leave();
    targets.menu.hidden = true;
  }

  /** A page that has come. */
  #open(source) {
    const shell = this.#shell;
    const page = shell.readRoom(source);
    const before = shell.pages.get(page.room.id);
    if (before) this.#forget(before);
    this.#put(page);
    shell.openRoom(page);
    for (const part of Object.values(page.parts)) connectDialogButtons(part);
    if (shell.connection.isUp) page.outbox.connect();
    this.#enter(page);
  }

  /** A page that was kept. */
  #show(page) {
    const { unread = 0, readCount } = this.#shell.myRooms.find(page.room.id) ?? {};
    this.#put(page);
    page.transcript.come();
    page.transcript.markUnreadFrom(unread ? readCount + 1 : null);
    page.scroller.come();
    page.history.resume();
    page.liveEnd.resume();
    this.#enter(page);
    page.readPosition.sendAgain();
  }

  /** Put the room's parts into the document in the place of the others. */
  #put(page) {
    const shell = this.#shell;
    for (const [name, part] of Object.entries(page.parts)) shell.shown.parts[name].replaceWith(part);
    shell.setShown(page);
  }

  #enter({ room, feed }) {
    const { connection, attention, banner } = this.#shell;
    connection.show({ id: room.id, cursor: () => feed.cursor });
    attention.comeIfFocused();
    if (connection.isUp) banner.showUp();
  }

  /** Say where the user is now, to all their senses. */
  #arrive() {
    const shell = this.#shell;
    const { name } = shell.roomHeader.current;
    shell.pageTitle.rename(name);
    shell.myRooms.showCurrent();
    shell.roomsPanel.close();
    shell.peoplePanel.close();
    shell.targets.roomNews.textContent = name;
    shell.focusRoom(shell.shown);
  }

  #forgetOldest() {
    const { pages } = this.#shell;
    for (const page of [...pages.values()]) {
      if (pages.size <= MOST_KEPT) return;
      if (!page.isShown && !isBusy(page)) this.#forget(page);
    }
  }

  /** The list of rooms has come anew: what is not in it is not the user's to see. */
  #forgetLost() {
    const { pages, myRooms } = this.#shell;
    for (const page of [...pages.values()]) {
      if (!page.isShown && !isBusy(page) && !myRooms.find(page.room.id)) this.#forget(page);
    }
  }

  #forget(page) {
    this.#shell.pages.delete(page.room.id);
    page.feed.stop();
    page.outbox.disconnect();
    page.life.abort();
  }
}

/** Something of the room is on its way to the server, and goes on from here. */
function isBusy({ outbox, attachments }) {
  return outbox.entries.some(({ state }) => state !== "sent") || attachments.isBusy;
}
