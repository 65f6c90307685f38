// Clicks on pictures and on "Save", in a transcript or in a list of files. What they need is loaded at the first one.

const PICTURE = "a.file-picture";
const SAVE = "a.file-save";

/** `place` holds the files; `parts` are the viewer's. */
export function watchFiles(place, parts) {
  const pictures = () => [...place.querySelectorAll(PICTURE)].filter((link) => link.offsetParent !== null);
  let viewer = null;

  const look = async (link) => {
    try {
      const { Viewer } = await import("./picture_viewer.js");
      viewer ??= new Viewer(parts, pictures);
      viewer.open(link);
    } catch {
      location.assign(link.href);
    }
  };
  const keep = async (link) => {
    try {
      const { save } = await import("./save_file.js");
      await save(link);
    } catch {
      location.assign(link.href);
    }
  };
  const clicked = (event) => {
    // Who wants it in another tab, or saved by the browser's own ways, gets that.
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const picture = event.target.closest?.(PICTURE);
    const link = event.target.closest?.(SAVE);
    if (!picture && !(link && globalThis.showSaveFilePicker)) return;
    event.preventDefault();
    if (picture) look(picture);
    else keep(link);
  };
  place.addEventListener("click", clicked);
  parts.viewer.addEventListener("click", clicked);
}
