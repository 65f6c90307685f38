// The user's picture: chosen, cut to a square and shown here, then sent. The server cuts and encodes it again anyway.

import { deleteAt, putFile } from "../lib/api.js";
import { targetsOf } from "../lib/dom.js";
import { drawFace } from "../lib/face.js";
import { retryWhileBusy } from "./retry.js";

const SIDE_PX = 512;
const TYPE = "image/webp";
const QUALITY = 0.9;
// The server encodes one picture at a time, and this one waits for its turn.
const TURN_MS = 60_000;

const targets = targetsOf(document);
const { url } = targets.picture.dataset;

targets.file.addEventListener("change", () => targets.file.files.length && show(targets.file.files[0]));
targets.use.addEventListener("click", () => tryTo("saved", send));
targets.remove.addEventListener("click", () => tryTo("removed", () => deleteAt(url)));
targets.cancel.addEventListener("click", () => {
  offer(false);
  targets.file.focus();
});

/** Draw the middle of the picture as large as fits into the square. */
async function show(file) {
  targets.problem.textContent = "";
  try {
    const picture = await createImageBitmap(file);
    const side = Math.min(picture.width, picture.height);
    const [left, top] = [(picture.width - side) / 2, (picture.height - side) / 2];
    Object.assign(targets.canvas, { width: SIDE_PX, height: SIDE_PX });
    targets.canvas.getContext("2d").drawImage(picture, left, top, side, side, 0, 0, SIDE_PX, SIDE_PX);
    picture.close();
    offer(true);
  } catch {
    offer(false);
    targets.problem.textContent = targets.problem.dataset.noPicture;
  }
}

function drawn() {
  return new Promise((resolve) => targets.canvas.toBlob(resolve, TYPE, QUALITY));
}

async function send() {
  const picture = await drawn();
  const put = () => putFile(url, picture, { timeoutMs: TURN_MS });
  return retryWhileBusy(put, () => (targets.problem.textContent = targets.problem.dataset.waiting));
}

async function tryTo(done, act) {
  targets.problem.textContent = "";
  targets.use.disabled = true;
  try {
    const user = await act();
    targets.problem.textContent = "";
    targets.face.replaceChildren(drawLargeFace(user));
    targets.remove.hidden = user.picture === null;
    offer(false);
    targets.done.textContent = targets.done.dataset[done];
    targets.file.focus();
  } catch (error) {
    targets.problem.textContent = error.message || targets.problem.dataset.failed;
  } finally {
    targets.use.disabled = false;
  }
}

function drawLargeFace(user) {
  const face = drawFace(user);
  face.classList.add("is-large");
  return face;
}

function offer(isOffered) {
  for (const part of [targets.canvas, targets.use, targets.cancel]) part.hidden = !isOffered;
  targets.face.hidden = isOffered;
  if (!isOffered) targets.file.value = "";
}
