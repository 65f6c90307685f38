// A file in the transcript, with a picture, player or preview where the browser can show it.

import { element } from "../lib/dom.js";
import { drawCard, shownName } from "./file_card.js";
import { say } from "../lib/strings.js";

// The largest size of a picture (transcript.css may make it smaller), set so that nothing jumps when it loads.
const MOST_WIDE_PX = 320;
const MOST_HIGH_PX = 256;

export function drawAttachment(attachment) {
  const { kind } = attachment;
  const card = drawCard(attachment, ...drawSave(attachment));
  const file = element("div", `file is-${kind}`, ...drawMedium(attachment), card);
  // A caption from right to left does not turn the card around.
  file.dir = document.documentElement.dir || "ltr";
  return file;
}

/** The attachment of a message that is not posted yet: nobody can fetch the file. */
export function withoutAddresses(attachment) {
  return { ...attachment, ...{ url: null, view_url: null, thumbnail_url: null, preview_url: null } };
}

function drawMedium(attachment) {
  const { kind, view_url: view, thumbnail_url: thumbnail, preview_url: preview } = attachment;
  if (kind === "image" && view && thumbnail) return [drawPicture(attachment)];
  if (kind === "audio" && view) return [player("audio", attachment)];
  if (kind === "video" && view) return [player("video", attachment)];
  if (kind === "text" && preview) return [drawPreview(attachment)];
  return [];
}

/** A link, so that a picture can be opened in another tab. A plain click opens the viewer. */
function drawPicture({ name, width, height, view_url: view, thumbnail_url: thumbnail }) {
  const picture = element("img");
  picture.loading = "lazy";
  picture.decoding = "async";
  picture.alt = say("picture_named", { name: shownName(name) });
  Object.assign(picture, sizeWithin(width, height));
  picture.src = thumbnail;
  const link = element("a", "file-picture", picture);
  link.href = view;
  link.target = "_blank";
  return link;
}

function sizeWithin(width, height) {
  if (!width || !height) return {};
  const scale = Math.min(1, MOST_WIDE_PX / width, MOST_HIGH_PX / height);
  return { width: Math.max(Math.round(width * scale), 1), height: Math.max(Math.round(height * scale), 1) };
}

function player(tag, { name, view_url: view }) {
  const medium = element(tag, "file-player");
  medium.controls = true;
  // A video shows its first picture. A sound has nothing to show before it is played.
  medium.preload = tag === "video" ? "metadata" : "none";
  medium.setAttribute("aria-label", shownName(name));
  medium.src = view;
  return medium;
}

function drawPreview({ name, preview_url: preview }) {
  const text = element("pre", "file-preview");
  text.dir = "auto";
  // It scrolls, so the keyboard must reach it.
  text.tabIndex = 0;
  text.setAttribute("role", "region");
  text.setAttribute("aria-label", say("preview_of", { name: shownName(name) }));
  fillPreview(text, preview);
  return text;
}

async function fillPreview(text, preview) {
  try {
    const { previewWhenSeen } = await import("./text_preview.js");
    previewWhenSeen(text, preview);
  } catch {
    text.textContent = say("no_preview");
  }
}

function drawSave({ name, url }) {
  if (!url) return [];
  const save = element("a", "btn btn-sm btn-secondary file-save", say("save"));
  save.append(element("span", "visually-hidden", ` ${shownName(name)}`));
  save.href = url;
  save.download = name;
  return [save];
}
