// The dialog in which a user reports a message to the site's admins.

import { postJson } from "../lib/api.js";
import { Component } from "../lib/component.js";
import { say } from "../lib/strings.js";

export class ReportDialog extends Component {
  static targets = ["report", "reportForm", "reportReason", "reportProblem"];
  static needs = ["urls", "toast"];

  #row = null;

  constructor(page) {
    super(page);
    this.reportFormTarget.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#send();
    });
  }

  open(row) {
    this.#row = row;
    this.reportReasonTarget.value = "";
    this.reportProblemTarget.textContent = "";
    this.reportTarget.showModal();
    this.reportReasonTarget.focus();
  }

  async #send() {
    const [submit] = this.reportFormTarget.querySelectorAll("[type=submit]");
    submit.disabled = true;
    try {
      await postJson(`${this.urls.messages}/${this.#row.seq}/report`, { reason: this.reportReasonTarget.value });
      this.reportTarget.close();
      this.toast.show(say("report_thanks"));
    } catch (error) {
      this.reportProblemTarget.textContent = error.message || say("try_later");
    } finally {
      submit.disabled = false;
    }
  }
}
