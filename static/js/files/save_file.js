// Saves a file where the user wants it, under the name that they want. A browser that cannot ask for these downloads it.

import { number, say } from "../lib/strings.js";

const SHOW_EVERY_MS = 250;

/** Promise that it is over. `link` leads to the file, has the name to propose, and shows how far it is. */
export async function save(link) {
  const label = link.firstChild;
  const before = label.textContent;
  const isBusy = link.getAttribute("aria-busy") === "true";
  if (isBusy) return;
  try {
    const handle = await globalThis.showSaveFilePicker({ suggestedName: link.download });
    link.setAttribute("aria-busy", "true");
    await write(link.href, await handle.createWritable(), (part) => {
      label.textContent = say("saving", { percent: number(part, { style: "percent" }) });
    });
  } catch (error) {
    // AbortError: the user cancelled. After any other failure, such as a folder that is read-only, a download may work.
    if (error.name !== "AbortError") download(link);
  } finally {
    link.removeAttribute("aria-busy");
    label.textContent = before;
  }
}

async function write(url, file, tell) {
  const answer = await fetch(url, { credentials: "same-origin" });
  if (!answer.ok) {
    await file.abort();
    throw new Error(answer.statusText);
  }
  const most = Number(answer.headers.get("Content-Length")) || Infinity;
  let [bytes, toldAt] = [0, 0];
  const counting = new TransformStream({
    transform(piece, controller) {
      bytes += piece.byteLength;
      if (performance.now() - toldAt > SHOW_EVERY_MS) {
        toldAt = performance.now();
        tell(Math.min(bytes / most, 1));
      }
      controller.enqueue(piece);
    },
  });
  await answer.body.pipeThrough(counting).pipeTo(file);
}

function download({ href, download: name }) {
  const link = document.createElement("a");
  Object.assign(link, { href, download: name });
  link.click();
}
