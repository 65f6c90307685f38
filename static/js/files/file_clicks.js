// Clicks on pictures and on "Save", in a transcript or in a list of files. What they need is loaded at the first click.

const PICTURE = "a.file-picture";
const SAVE = "a.file-save";

/** `root` has the files in it; `page` has the targets of the viewer (templates/rooms/_viewer.html). */
export function handleFileClicks(root, page) {
  const pictures = () => [...root.querySelectorAll(PICTURE)].filter((link) => link.offsetParent !== null);
  let viewer = null;

  const openPicture = async (link) => {
    try {
      const { PictureViewer } = await import("./picture_viewer.js");
      viewer ??= new PictureViewer(page, pictures);
      viewer.open(link);
    } catch {
      location.assign(link.href);
    }
  };
  const saveFile = async (link) => {
    try {
      const { save } = await import("./save_file.js");
      await save(link);
    } catch {
      location.assign(link.href);
    }
  };
  const clicked = (event) => {
    // With another mouse button or a key the browser does what it does with any link.
    if (event.button !== 0 || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    const picture = event.target.closest?.(PICTURE);
    const link = event.target.closest?.(SAVE);
    if (!picture && !(link && globalThis.showSaveFilePicker)) return;
    event.preventDefault();
    if (picture) openPicture(picture);
    else saveFile(link);
  };
  root.addEventListener("click", clicked);
  page.targets.viewer.addEventListener("click", clicked);
}
