// Where one writes.

import { say } from "../lib/strings.js";
import { BODY_MAX_LENGTH, codePoints, isTooLong, tidy } from "./message_length.js";

const COUNT_FROM = 9000;
const KEEP_DRAFT_MS = 400;
const DRAFT = "draft";
// What Safari reports for the Enter that ends an input method's composition.
const KEY_OF_COMPOSITION = 229;

/** Fires `send` (detail: the words), `writing` at each change that leaves words in the field, and `leave` on Escape. */
export class Composer extends EventTarget {
  #form;
  #field;
  #counter;
  #problem;
  #store;
  #mayGo;
  #hasMore;
  #timer = null;

  /** `mayGo()` is asked before the words leave the field; where `hasMore()`, no words at all are enough. */
  constructor({ form, field, counter, problem, store, mayGo = () => true, hasMore = () => false }) {
    super();
    this.#form = form;
    this.#field = field;
    this.#counter = counter;
    this.#problem = problem;
    this.#store = store;
    this.#mayGo = mayGo;
    this.#hasMore = hasMore;
    field.value ||= store.get(DRAFT) ?? "";
    field.addEventListener("input", () => this.#wrote());
    field.addEventListener("keydown", (event) => this.#pressed(event));
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    addEventListener("pagehide", () => this.#keepDraft());
    this.#changed();
    this.#enable(true);
  }

  focus() {
    this.#field.focus({ preventScroll: true });
  }

  /** Words that were not sent come back, before what has been begun meanwhile. */
  take(body) {
    this.#field.value = [body, this.#field.value].filter(Boolean).join("\n");
    this.#changed();
    this.focus();
  }

  close() {
    this.#enable(false);
  }

  #enable(isOpen) {
    for (const control of this.#form.elements) control.disabled = !isOpen;
  }

  #pressed(event) {
    // Out of the field, to where letters are keys again; not while an input method needs it to give up a word.
    if (event.key === "Escape" && !event.isComposing) this.dispatchEvent(new Event("leave"));
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.isComposing || event.keyCode === KEY_OF_COMPOSITION) return;
    event.preventDefault();
    // A key that is held down sends once.
    if (!event.repeat) this.#submit();
  }

  #submit() {
    const body = tidy(this.#field.value);
    if ((!body.trim() && !this.#hasMore()) || isTooLong(body)) return this.focus();
    if (!this.#mayGo()) return;
    // Emptied before anything else: the next of twenty clicks finds nothing to send.
    this.#field.value = "";
    this.#changed();
    this.#keepDraft();
    this.dispatchEvent(new CustomEvent("send", { detail: body.trim() ? body : "" }));
    this.focus();
  }

  #wrote() {
    this.#changed();
    if (this.#field.value.trim()) this.dispatchEvent(new Event("writing"));
  }

  #changed() {
    this.#count();
    this.#grow();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#keepDraft(), KEEP_DRAFT_MS);
  }

  #count() {
    const body = this.#field.value;
    const isLong = body.length > COUNT_FROM;
    const length = isLong ? codePoints(tidy(body)) : 0;
    const isOver = length > BODY_MAX_LENGTH;
    this.#counter.textContent = isLong ? say("counter", { length, most: BODY_MAX_LENGTH }) : "";
    this.#counter.classList.toggle("is-over", isOver);
    this.#field.setAttribute("aria-invalid", String(isOver));
    // Said once, when it happens, not at each key.
    const problem = isOver ? say("too_long", { most: BODY_MAX_LENGTH }) : "";
    if (this.#problem.textContent !== problem) this.#problem.textContent = problem;
  }

  /** For browsers without `field-sizing: content`; the style sheet sets the limit. */
  #grow() {
    if (globalThis.CSS?.supports("field-sizing", "content")) return;
    this.#field.style.height = "auto";
    this.#field.style.height = `${this.#field.scrollHeight + 2}px`;
  }

  #keepDraft() {
    clearTimeout(this.#timer);
    if (this.#field.value) this.#store.set(DRAFT, this.#field.value);
    else this.#store.remove(DRAFT);
  }
}
