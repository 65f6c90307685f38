// Uploads as messages after the last row: how far, how fast, how long still; or why not, and what to do.

import { drawCard } from "../files/file_card.js";
import { remainingTime, sizeOf, speedOf } from "../files/sizes.js";
import { Component } from "../lib/component.js";
import { button, element } from "../lib/dom.js";
import { onNextFrame } from "../lib/frame.js";
import { say } from "../lib/strings.js";

export class PendingUploads extends Component {
  static targets = ["pendingUploads"];
  static needs = ["scroller", "composer", "attachments", "toast"];

  #uploads;
  // client_id → its elements
  #drawn = new Map();
  #draw = () => this.#drawAll();

  constructor(page, uploads) {
    super(page);
    this.#uploads = uploads;
    uploads.addEventListener("change", () => onNextFrame(this.#draw));
    this.#drawAll();
  }

  #drawAll() {
    const { entries } = this.#uploads;
    const ids = new Set(entries.map(({ client_id: id }) => id));
    for (const [id, { pending }] of this.#drawn) {
      if (ids.has(id)) continue;
      const hadFocus = pending.contains(document.activeElement);
      pending.remove();
      this.#drawn.delete(id);
      if (hadFocus) this.composer.focus();
    }
    for (const entry of entries) this.#update(this.#drawn.get(entry.client_id) ?? this.#make(entry), entry);
    this.scroller.settle();
  }

  #make(entry) {
    const { client_id: id, name, size, type } = entry;
    const bar = element("progress", "upload-bar");
    bar.max = Math.max(size, 1);
    bar.setAttribute("aria-label", say("sending_file", { name }));
    const line = element("p", "upload-line");
    const cancel = button("btn btn-sm btn-secondary", say("cancel"), () => this.#uploads.cancel(id));
    const again = button("btn btn-sm btn-outline-primary", say("try_again"), () => this.#uploads.retry(id));
    const [choose, field] = fileButton(say("choose_again"), (file) => this.#choseAgain(id, file));
    const actions = element("div", "upload-actions", again, choose, cancel, field);
    const message = this.attachments.drawCaption(entry);
    const file = element("div", "file is-unsent", drawCard({ name, size, type }), bar, line, actions);
    message.querySelector(".message-body").append(file);
    const pending = element("div", "entry is-unsent", message);
    this.pendingUploadsTarget.append(pending);
    const made = { pending, bar, line, again, choose, announced: "" };
    this.#drawn.set(id, made);
    return made;
  }

  #update(made, entry) {
    const { pending, bar, line, again, choose, announced } = made;
    const { state, sent, size } = entry;
    pending.dataset.state = state === "missing" ? "failed" : state;
    bar.hidden = state === "failed" || state === "missing";
    if (state === "finishing") bar.removeAttribute("value");
    else bar.value = size ? sent : 1;
    again.hidden = state !== "failed";
    choose.hidden = state !== "missing";
    const sentence = sentenceOf(entry);
    line.textContent = sentence;
    // For users who do not see the end of the transcript.
    if (bar.hidden && announced !== sentence) this.toast.show(sentence);
    made.announced = bar.hidden ? sentence : "";
  }

  #choseAgain(id, file) {
    if (!this.#uploads.chooseAgain(id, file)) this.toast.show(say("another_file", { name: file.name }));
  }
}

function sentenceOf({ state, name, sent, size, isWaiting, detail, speed }) {
  if (state === "failed") return say("file_not_sent", { name, detail: detail || say("not_sent") });
  if (state === "missing") return say("file_missing", { name });
  if (isWaiting) return detail || say("upload_waiting");
  if (state === "finishing") return say("upload_finishing");
  if (state === "queued") return say("upload_queued");
  const { perSecond } = speed;
  const values = { sent: sizeOf(sent), size: sizeOf(size) };
  if (perSecond === null) return say("upload_sent", values);
  return say("upload_line", { ...values, speed: speedOf(perSecond), rest: remainingTime((size - sent) / perSecond) });
}

/** A button that asks for a file, and the hidden field that it opens. */
function fileButton(text, onFile) {
  const field = element("input");
  field.type = "file";
  field.hidden = true;
  field.addEventListener("change", () => {
    if (field.files.length) onFile(field.files[0]);
    // Empty, so that the same file can be chosen again.
    field.value = "";
  });
  return [button("btn btn-sm btn-outline-primary", text, () => field.click()), field];
}
