// What the menu of a message opens; `menu` has the targets and the toast.

import { postJson } from "../lib/api.js";
import { element } from "../lib/dom.js";
import { whenShown } from "../lib/frame.js";
import { say } from "../lib/strings.js";
import { openDialog } from "./open_dialog.js";

/** Copy the link to a message or, where a browser refuses that, show it in a dialog from which it can be copied. */
export async function copyLink({ seq }, { urls, toast, linkTarget, linkFieldTarget }) {
  const address = new URL(`${urls.room}at/${seq}/`, location.href).href;
  try {
    // There is no clipboard without HTTPS.
    await navigator.clipboard.writeText(address);
    toast.show(say("link_copied"));
  } catch {
    linkFieldTarget.value = address;
    openDialog(linkTarget);
    linkFieldTarget.select();
  }
}

/** Copy what was written, as it was written. */
export async function copyText({ body }, { toast }) {
  try {
    await navigator.clipboard.writeText(body);
  } catch {
    // The old way, which needs no HTTPS.
    const field = element("textarea", "visually-hidden");
    const focused = document.activeElement;
    field.value = body;
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    focused?.focus({ preventScroll: true });
    if (!isCopied) return toast.show(say("try_later"));
  }
  toast.show(say("text_copied"));
}

/** Let the user report a message to the site's admins. */
export function report(row, menu) {
  menu.reportReasonTarget.value = "";
  menu.reportProblemTarget.textContent = "";
  menu.reportFormTarget.onsubmit = (event) => {
    event.preventDefault();
    sendReport(row, menu);
  };
  openDialog(menu.reportTarget);
  menu.reportReasonTarget.focus();
}

async function sendReport({ seq }, menu) {
  const [submit] = menu.reportFormTarget.querySelectorAll("[type=submit]");
  submit.disabled = true;
  try {
    await postJson(`${menu.urls.messages}/${seq}/report`, { reason: menu.reportReasonTarget.value });
    menu.reportTarget.close();
    // Behind an open dialog nothing is read out. A browser tells a screen reader with a frame that it is closed.
    whenShown(() => menu.toast.show(say("report_thanks")));
  } catch (error) {
    menu.reportProblemTarget.textContent = error.message || say("try_later");
  } finally {
    submit.disabled = false;
  }
}
