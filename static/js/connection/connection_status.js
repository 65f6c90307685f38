// The line to the server as the page shows it: up, down, or ended.

import { watchAway } from "./away.js";
import { Banner } from "./banner.js";
import { Elsewhere } from "./other_room_notice.js";
import { showEnding } from "../dialogs/ended_dialog.js";

const ELSEWHERE = 4409;

export function watchLink({ parts, urls, roomUrl }, connection, { history, reading }, { people }, { composer, typing }) {
  const { feed, transport, outbox } = connection;
  const banner = new Banner({
    ...parts,
    onRetry: () => transport.retryNow(),
    onFocusLost: () => composer.focus(),
  });
  const elsewhere = new Elsewhere({ ...parts, roomUrl, onBack: comeBack });
  watchAway((isAway) => transport.setAway(isAway));

  transport.addEventListener("up", () => {
    banner.up({ mode: transport.mode, why: transport.why });
    outbox.connect();
    history.resume();
    reading.again();
  });

  transport.addEventListener("down", () => {
    banner.down();
    outbox.disconnect();
  });

  transport.addEventListener("ended", ({ detail }) => {
    feed.stop();
    outbox.disconnect();
    banner.stop();
    typing.stopAll();
    if (detail.code === ELSEWHERE) {
      people.forget();
      elsewhere.show(detail);
      return;
    }
    composer.close();
    showEnding(detail, {
      dialog: parts.ending,
      title: parts.endingTitle,
      sentence: parts.endingSentence,
      way: parts.endingWay,
      listUrl: urls.list,
      loginUrl: parts.ending.dataset.login,
    });
  });

  function comeBack() {
    elsewhere.hide();
    banner.down();
    transport.start();
    composer.focus();
  }
}
