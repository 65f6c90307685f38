// One's picture: chosen, cut to a square and looked at here, then sent. The server cuts and draws it anew all the same.

import { deleteAt, putFile } from "../lib/api.js";
import { partsOf } from "../lib/dom.js";
import { drawFace } from "../lib/face.js";
import { retryWhileBusy } from "./retry.js";

const SIDE_PX = 512;
const TYPE = "image/webp";
const QUALITY = 0.9;
// The server draws one picture at a time, and lets this one wait for its turn.
const TURN_MS = 60_000;

const parts = partsOf(document);
const { url } = parts.picture.dataset;

parts.file.addEventListener("change", () => parts.file.files.length && show(parts.file.files[0]));
parts.use.addEventListener("click", () => tryTo("saved", send));
parts.remove.addEventListener("click", () => tryTo("removed", () => deleteAt(url)));
parts.cancel.addEventListener("click", () => {
  offer(false);
  parts.file.focus();
});

/** Draw the middle of the picture as large as fits into the square. */
async function show(file) {
  parts.problem.textContent = "";
  try {
    const picture = await createImageBitmap(file);
    const side = Math.min(picture.width, picture.height);
    const [left, top] = [(picture.width - side) / 2, (picture.height - side) / 2];
    Object.assign(parts.canvas, { width: SIDE_PX, height: SIDE_PX });
    parts.canvas.getContext("2d").drawImage(picture, left, top, side, side, 0, 0, SIDE_PX, SIDE_PX);
    picture.close();
    offer(true);
  } catch {
    offer(false);
    parts.problem.textContent = parts.problem.dataset.noPicture;
  }
}

function drawn() {
  return new Promise((resolve) => parts.canvas.toBlob(resolve, TYPE, QUALITY));
}

async function send() {
  const picture = await drawn();
  const put = () => putFile(url, picture, { timeoutMs: TURN_MS });
  return retryWhileBusy(put, () => (parts.problem.textContent = parts.problem.dataset.waiting));
}

async function tryTo(done, act) {
  parts.problem.textContent = "";
  parts.use.disabled = true;
  try {
    const person = await act();
    parts.problem.textContent = "";
    parts.face.replaceChildren(drawLargeFace(person));
    parts.remove.hidden = person.picture === null;
    offer(false);
    parts.done.textContent = parts.done.dataset[done];
    parts.file.focus();
  } catch (error) {
    parts.problem.textContent = error.message || parts.problem.dataset.failed;
  } finally {
    parts.use.disabled = false;
  }
}

function drawLargeFace(person) {
  const face = drawFace(person);
  face.classList.add("is-large");
  return face;
}

function offer(isOffered) {
  for (const part of [parts.canvas, parts.use, parts.cancel]) part.hidden = !isOffered;
  parts.face.hidden = isOffered;
  if (!isOffered) parts.file.value = "";
}
