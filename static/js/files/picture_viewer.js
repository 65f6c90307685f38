// One picture, large, with a way to those before and after it: by mouse, keys and swipes.

import { openDialog } from "../dialogs/open_dialog.js";
import { Component } from "../lib/component.js";
import { shownName } from "./file_card.js";

const SWIPE_PX = 60;
const STEPS = { ArrowRight: 1, ArrowLeft: -1, PageDown: 1, PageUp: -1 };

export class PictureViewer extends Component {
  static targets = ["viewer", "viewerPicture", "viewerName", "viewerSave", "viewerBefore", "viewerAfter", "viewerZoom"];

  #links;
  #link = null;
  // Where a finger came down, in pixels from the left; null for more than one finger.
  #touchedAt = null;

  /** `links()` are the links to all pictures, in their order. */
  constructor(page, links) {
    super(page);
    this.#links = links;
    const viewer = this.viewerTarget;
    viewer.addEventListener("keydown", (event) => this.#pressed(event));
    // A click beside the picture closes the viewer.
    viewer.addEventListener("click", ({ target }) => target.matches(".viewer, .viewer-stage") && viewer.close());
    viewer.addEventListener("close", () => this.#closed());
    viewer.addEventListener("touchstart", ({ touches }) => this.#touched(touches), { passive: true });
    viewer.addEventListener("touchend", ({ changedTouches: [{ clientX }] }) => this.#swiped(clientX));
    this.viewerPictureTarget.addEventListener("load", () => this.#offerZoom());
    addEventListener("resize", () => this.#offerZoom());
    this.viewerBeforeTarget.addEventListener("click", () => this.#step(-1));
    this.viewerAfterTarget.addEventListener("click", () => this.#step(1));
    for (const control of [this.viewerPictureTarget, this.viewerZoomTarget]) {
      control.addEventListener("click", () => this.#toggleZoom());
    }
  }

  open(link) {
    this.#show(link);
    openDialog(this.viewerTarget, this.viewerPictureTarget.alt);
  }

  #show(link) {
    const thumbnail = link.querySelector("img");
    const save = link.closest(".file").querySelector(".file-save");
    this.#link = link;
    this.viewerZoomTarget.disabled = false;
    this.#setZoom(false);
    this.viewerPictureTarget.src = link.href;
    this.viewerPictureTarget.alt = thumbnail.alt;
    this.viewerNameTarget.textContent = shownName(save?.download ?? "");
    this.viewerSaveTarget.hidden = !save;
    if (save) Object.assign(this.viewerSaveTarget, { href: save.href, download: save.download });
    this.viewerBeforeTarget.disabled = !this.#neighbour(-1);
    this.viewerAfterTarget.disabled = !this.#neighbour(1);
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
    this.#keepFocus();
  }

  #pressed(event) {
    const { key, ctrlKey, altKey, metaKey } = event;
    if (ctrlKey || altKey || metaKey) return;
    if (STEPS[key]) this.#step(STEPS[key] * (key.startsWith("Arrow") ? forward() : 1));
    else if (key === "+") this.#setZoom(!this.viewerZoomTarget.disabled);
    else if (key === "-") this.#setZoom(false);
    else return;
    event.preventDefault();
  }

  #touched(touches) {
    const isSwipe = touches.length === 1 && !this.viewerTarget.classList.contains("is-zoomed");
    this.#touchedAt = isSwipe ? touches[0].clientX : null;
  }

  #swiped(to) {
    const way = this.#touchedAt === null ? 0 : this.#touchedAt - to;
    this.#touchedAt = null;
    if (Math.abs(way) > SWIPE_PX) this.#step(Math.sign(way) * forward());
  }

  /** A picture that fits into the window is shown at its full size already. */
  #offerZoom() {
    if (!this.viewerTarget.open) return;
    const { naturalWidth: width, naturalHeight: height, parentElement: stage } = this.viewerPictureTarget;
    const fits = width <= stage.clientWidth && height <= stage.clientHeight;
    this.viewerZoomTarget.disabled = fits;
    if (fits) this.#setZoom(false);
    this.#keepFocus();
  }

  /** A button that has just been disabled keeps the focus, and no key would reach the dialog. */
  #keepFocus() {
    if (document.activeElement?.disabled) this.viewerTarget.focus();
  }

  #toggleZoom() {
    this.#setZoom(!this.viewerZoomTarget.disabled && !this.viewerTarget.classList.contains("is-zoomed"));
  }

  #setZoom(isZoomed) {
    this.viewerTarget.classList.toggle("is-zoomed", isZoomed);
    this.viewerZoomTarget.setAttribute("aria-pressed", String(isZoomed));
  }

  #closed() {
    this.viewerPictureTarget.removeAttribute("src");
    // The picture that was shown last, not the one that was opened first.
    if (this.#link.isConnected) this.#link.focus({ preventScroll: true });
  }
}

/** 1 where the next picture is to the right, -1 where one reads from right to left. */
function forward() {
  return document.documentElement.dir === "rtl" ? -1 : 1;
}
