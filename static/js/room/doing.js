// What one can do besides: about a person, about a message, and by keyboard.

import { Store } from "../lib/store.js";
import { Deeds } from "../dialogs/user_menu.js";
import { Keys } from "../dialogs/keyboard_shortcuts.js";
import { Menu } from "../dialogs/menu.js";
import { Report } from "../dialogs/report_dialog.js";

export function makeDoings(page, { blocks }, { transcript, scroller }, around, { to, composer, attach }) {
  const { parts, you, urls, roomUrl } = page;
  const { people, header, peoplePanel, roomsPanel } = around;
  const tell = (sentence) => people.announce(sentence);
  const report = new Report({
    dialog: parts.report,
    form: parts.reportForm,
    reason: parts.reportReason,
    problem: parts.reportProblem,
    url: (seq) => `${urls.messages}/${seq}/report`,
    tell,
  });
  new Deeds({
    menu: new Menu(parts.menu),
    log: parts.log,
    ...{ people, transcript, you, blocks, to, urls, roomUrl, tell },
    room: () => header.room,
    report: (row) => report.open(row),
  });
  new Keys({
    dialog: parts.keys,
    toggle: parts.keysToggle,
    store: new Store("chatsite:keys"),
    deeds: {
      f: () => attach.open(),
      m: () => composer.focus(),
      n: () => scroller.toBottom(),
      p: () => peoplePanel.open(),
      r: () => roomsPanel.open(),
      t: () => scroller.focus(),
    },
  });
}
