// Pictures, one large: by mouse, keys and fingers, with those before and after it.

import { shownName } from "./file_card.js";

const SWIPE_PX = 60;
const STEPS = { ArrowRight: 1, ArrowLeft: -1, PageDown: 1, PageUp: -1 };

export class Viewer {
  #dialog;
  #picture;
  #name;
  #save;
  #buttons;
  #zoom;
  #links;
  #link = null;
  // Where a finger came down.
  #touchedAt = null;

  /** `links()` are the links to all pictures, in their order. */
  constructor({ viewer, viewerPicture, viewerName, viewerSave, viewerBefore, viewerAfter, viewerZoom }, links) {
    this.#dialog = viewer;
    this.#picture = viewerPicture;
    this.#name = viewerName;
    this.#save = viewerSave;
    this.#buttons = { [-1]: viewerBefore, 1: viewerAfter };
    this.#zoom = viewerZoom;
    this.#links = links;
    viewer.addEventListener("keydown", (event) => this.#pressed(event));
    // A click beside the picture is one on the dialog itself.
    viewer.addEventListener("click", ({ target }) => target.matches(".viewer, .viewer-stage") && viewer.close());
    viewer.addEventListener("close", () => this.#closed());
    viewer.addEventListener("touchstart", ({ touches }) => this.#touched(touches), { passive: true });
    viewer.addEventListener("touchend", ({ changedTouches: [{ clientX }] }) => this.#swiped(clientX));
    viewerBefore.addEventListener("click", () => this.#step(-1));
    viewerAfter.addEventListener("click", () => this.#step(1));
    for (const control of [viewerPicture, viewerZoom]) control.addEventListener("click", () => this.#turnZoom());
  }

  open(link) {
    this.#show(link);
    this.#dialog.showModal();
  }

  #show(link) {
    const thumbnail = link.querySelector("img");
    const save = link.closest(".file").querySelector(".file-save");
    this.#link = link;
    this.#setZoom(false);
    this.#picture.src = link.href;
    this.#picture.alt = thumbnail.alt;
    this.#name.textContent = shownName(save?.download ?? "");
    this.#save.hidden = !save;
    if (save) Object.assign(this.#save, { href: save.href, download: save.download });
    for (const [step, button] of Object.entries(this.#buttons)) button.disabled = !this.#neighbour(Number(step));
  }

  #neighbour(step) {
    const links = this.#links();
    const at = links.indexOf(this.#link);
    return at < 0 ? undefined : links[at + step];
  }

  #step(step) {
    const next = this.#neighbour(step);
    if (!next) return;
    this.#show(next);
    // A button that has just been disabled would keep the keys.
    if (document.activeElement?.disabled) this.#dialog.focus();
  }

  #pressed(event) {
    const { key, ctrlKey, altKey, metaKey } = event;
    if (ctrlKey || altKey || metaKey) return;
    if (STEPS[key]) this.#step(STEPS[key] * (key.startsWith("Arrow") ? forward() : 1));
    else if (key === "+") this.#setZoom(true);
    else if (key === "-") this.#setZoom(false);
    else return;
    event.preventDefault();
  }

  #touched(touches) {
    const isSwipe = touches.length === 1 && !this.#dialog.classList.contains("is-zoomed");
    this.#touchedAt = isSwipe ? touches[0].clientX : null;
  }

  #swiped(to) {
    const way = this.#touchedAt === null ? 0 : this.#touchedAt - to;
    this.#touchedAt = null;
    if (Math.abs(way) > SWIPE_PX) this.#step(Math.sign(way) * forward());
  }

  #turnZoom() {
    this.#setZoom(!this.#dialog.classList.contains("is-zoomed"));
  }

  #setZoom(isZoomed) {
    this.#dialog.classList.toggle("is-zoomed", isZoomed);
    this.#zoom.setAttribute("aria-pressed", String(isZoomed));
  }

  #closed() {
    this.#picture.removeAttribute("src");
    // The last one that was looked at, not the one that was opened first.
    if (this.#link.isConnected) this.#link.focus({ preventScroll: true });
  }
}

/** Which way is on: to the left where one reads from right to left. */
function forward() {
  return document.documentElement.dir === "rtl" ? -1 : 1;
}
