// Telling the site's admins of a message.

import { postJson } from "../lib/api.js";
import { say } from "../lib/strings.js";

export class Report {
  #dialog;
  #form;
  #reason;
  #problem;
  #url;
  #tell;
  #row = null;

  /** `url(seq)` is where a message is reported; `tell(sentence)` says thanks. */
  constructor({ dialog, form, reason, problem, url, tell }) {
    this.#dialog = dialog;
    this.#form = form;
    this.#reason = reason;
    this.#problem = problem;
    this.#url = url;
    this.#tell = tell;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  open(row) {
    this.#row = row;
    this.#reason.value = "";
    this.#problem.textContent = "";
    this.#dialog.showModal();
    this.#reason.focus();
  }

  async #send() {
    const [button] = this.#form.querySelectorAll("[type=submit]");
    button.disabled = true;
    try {
      await postJson(this.#url(this.#row.seq), { reason: this.#reason.value });
      this.#dialog.close();
      this.#tell(say("report_thanks"));
    } catch (error) {
      this.#problem.textContent = error.message || say("try_later");
    } finally {
      button.disabled = false;
    }
  }
}
