// Where the user writes.

import { Component } from "../lib/component.js";
import { whenShown } from "../lib/frame.js";
import { say } from "../lib/strings.js";
import { BODY_MAX_LENGTH, codePoints, isTooLong, tidy } from "./message_length.js";

const COUNT_FROM = 9000;
const KEEP_DRAFT_MS = 400;
const DRAFT = "draft";
// Safari reports this for the Enter that ends an input method's composition.
const KEY_OF_COMPOSITION = 229;

/** Fires `writing` at each change that leaves text in the field. */
export class Composer extends Component {
  static targets = ["composerForm", "composerField", "composerCounter", "composerProblem", "sayHello"];
  static needs = ["storeOf", "outbox", "recipient", "attachments", "scroller", "messageWalk", "peoplePanel", "pendingMessages"];

  #store = this.storeOf("draft");
  #timer = null;

  constructor(page) {
    super(page);
    const field = this.composerFieldTarget;
    field.value ||= this.#store.get(DRAFT) ?? "";
    field.addEventListener("input", () => this.#typed());
    field.addEventListener("keydown", (event) => this.#pressed(event));
    this.composerFormTarget.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#submit();
    });
    this.recipient?.addEventListener("change", () => this.#recipientChanged());
    // In a room in which nothing has been said.
    this.sayHelloTarget?.addEventListener("click", () => this.#sayHello());
    this.listen(window, "pagehide", () => this.keepDraft());
    this.#changed();
    this.#enable(true);
  }

  get isEmpty() {
    return this.composerFieldTarget.value === "";
  }

  focus() {
    this.composerFieldTarget.focus({ preventScroll: true });
  }

  /** Put a message that was not sent back into the field, before what was written meanwhile. */
  restore(body) {
    this.composerFieldTarget.value = [body, this.composerFieldTarget.value].filter(Boolean).join("\n");
    this.#changed();
    this.focus();
  }

  close() {
    this.#enable(false);
  }

  /** The words are the user's to change, and to send. */
  #sayHello() {
    this.composerFieldTarget.value ||= this.sayHelloTarget.dataset.words;
    this.#changed();
    this.focus();
  }

  #enable(isOpen) {
    for (const control of this.composerFormTarget.elements) control.disabled = !isOpen;
  }

  #recipientChanged() {
    // On a phone the list of people, from which one was chosen, covers the composer.
    this.peoplePanel.close();
    this.focus();
  }

  #pressed(event) {
    // To a message, where letters are commands; not while an input method needs Escape to give up a word.
    if (event.key === "Escape" && !event.isComposing) this.messageWalk.focus();
    if (event.key === "z" && (event.ctrlKey || event.metaKey) && this.isEmpty && this.pendingMessages.takeBack()) event.preventDefault();
    if (event.key !== "Enter" || event.shiftKey || event.ctrlKey || event.altKey || event.metaKey) return;
    if (event.isComposing || event.keyCode === KEY_OF_COMPOSITION) return;
    event.preventDefault();
    // A key that is held down sends once.
    if (!event.repeat) this.#submit();
  }

  #submit() {
    const body = tidy(this.composerFieldTarget.value);
    if (isTooLong(body)) return this.#repeatProblem();
    // Files need no words.
    if (!body.trim() && !this.attachments.hasChosen) return this.focus();
    if (this.recipient?.refuses() || this.attachments.isLoading) return;
    // Emptied before anything else: the next of twenty clicks finds nothing to send.
    this.composerFieldTarget.value = "";
    this.#changed();
    this.keepDraft();
    this.#send(body.trim() ? body : "");
    this.focus();
  }

  #send(body) {
    const recipient = this.recipient?.chosen ?? null;
    if (this.attachments.hasChosen) this.attachments.send(body, recipient);
    else this.outbox.add(body, recipient);
    this.scroller.toBottom();
  }

  #typed() {
    this.#changed();
    if (this.composerFieldTarget.value.trim()) this.dispatchEvent(new Event("writing"));
  }

  #changed() {
    this.#count();
    this.#grow();
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.keepDraft(), KEEP_DRAFT_MS);
  }

  #count() {
    const body = this.composerFieldTarget.value;
    const isLong = body.length > COUNT_FROM;
    const length = isLong ? codePoints(tidy(body)) : 0;
    const isOver = length > BODY_MAX_LENGTH;
    this.composerCounterTarget.textContent = isLong ? say("counter", { length, most: BODY_MAX_LENGTH }) : "";
    this.composerCounterTarget.classList.toggle("is-over", isOver);
    this.composerFieldTarget.setAttribute("aria-invalid", String(isOver));
    // Written once, when it happens, and not at each key: a screen reader reads each change out.
    const problem = isOver ? say("too_long", { most: BODY_MAX_LENGTH }) : "";
    if (this.composerProblemTarget.textContent !== problem) this.composerProblemTarget.textContent = problem;
  }

  /** Have it read out again why Enter does nothing: a region is heard when it changes, and was there before. */
  #repeatProblem() {
    this.focus();
    this.composerProblemTarget.textContent = "";
    whenShown(() => this.#count());
  }

  /** For browsers without `field-sizing: content`. The style sheet sets the limit. */
  #grow() {
    if (globalThis.CSS?.supports("field-sizing", "content")) return;
    const field = this.composerFieldTarget;
    field.style.height = "auto";
    // With its borders, on one of which the tools are.
    field.style.height = `${field.scrollHeight + field.offsetHeight - field.clientHeight}px`;
  }

  keepDraft() {
    clearTimeout(this.#timer);
    const draft = this.composerFieldTarget.value;
    if (draft) this.#store.set(DRAFT, draft);
    else this.#store.remove(DRAFT);
  }
}
