// What the keys of the room's page do (keyboard_shortcuts.js says which). It comes with the first of them.

import { showKeys } from "./keys_dialog.js";

export const commands = {
  "?": ({ targets }) => showKeys(targets.keys),
  f: ({ fileDrop }) => fileDrop.open(),
  m: ({ composer }) => composer.focus(),
  n: ({ scroller, messageWalk }) => {
    scroller.toBottom();
    messageWalk.focus();
  },
  p: ({ peoplePanel }) => peoplePanel.open(),
  r: ({ roomsPanel }) => roomsPanel.open(),
  on: (page) => goAround(page, 1),
  back: (page) => goAround(page, -1),
};

/** Give the focus to the next part of the page that is shown or, with -1, to the one before. */
function goAround({ targets, roomsPanel, messageWalk, composer, peoplePanel }, step) {
  const areas = [
    [targets.side, () => roomsPanel.open()],
    [targets.transcriptView, () => messageWalk.focus()],
    [targets.composerForm, () => composer.focus()],
    ...(peoplePanel.isVisible ? [[targets.panel, () => peoplePanel.open()]] : []),
  ];
  const at = areas.findIndex(([area]) => area.contains(document.activeElement));
  // On a narrow screen they cover the others.
  roomsPanel.close();
  peoplePanel.close();
  const [, goTo] = areas[(Math.max(at, 0) + step + areas.length) % areas.length];
  goTo();
}
