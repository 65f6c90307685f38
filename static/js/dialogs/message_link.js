// The link to a message: onto the clipboard or, where a browser refuses that, into a dialog from which it can be copied.

import { Component } from "../lib/component.js";
import { say } from "../lib/strings.js";

export class MessageLink extends Component {
  static targets = ["link", "linkField"];
  static needs = ["urls", "toast"];

  async copy({ seq }) {
    const address = new URL(`${this.urls.room}at/${seq}/`, location.href).href;
    try {
      // There is no clipboard without HTTPS.
      await navigator.clipboard.writeText(address);
      this.toast.show(say("link_copied"));
    } catch {
      this.linkFieldTarget.value = address;
      this.linkTarget.showModal();
      this.linkFieldTarget.select();
    }
  }
}
