// What one reads: the rows, the older ones above them, and how far one has read.

import { getJson } from "../lib/api.js";
import { formatUnder } from "../transcript/formatter.js";
import { Announcer } from "../transcript/announcer.js";
import { History } from "../transcript/history.js";
import { explainTime } from "../transcript/message.js";
import { NewestButton } from "../transcript/newest_button.js";
import { Reading } from "../transcript/read_position.js";
import { Scroller } from "../transcript/scroller.js";
import { Transcript } from "../transcript/transcript.js";

export function makeTalk({ parts, you, times, urls }, { transport, outbox, blocks }) {
  const scroller = new Scroller(parts.view);
  parts.view.addEventListener("pointerover", (event) => explainTime(event, times));
  formatUnder((change) => scroller.keepingPlace(change));
  const transcript = new Transcript({ log: parts.log, empty: parts.empty, scroller, you, times, blocks });
  const history = new History({
    mark: parts.mark,
    view: parts.view,
    transcript,
    fetchBefore: (before, limit) => getJson(urls.messages, { before, limit }),
  });
  const reading = new Reading({ transcript, scroller, send: (seq) => transport.markRead(seq) });
  new Announcer({ place: parts.announcer, transcript, you, blocks });
  new NewestButton({ button: parts.newest, scroller, transcript, you });

  /** Show these rows, the newest of the log, and no others. */
  function startFrom({ messages, more }) {
    outbox.settle(messages, you);
    transcript.replace(messages);
    history.restart(more);
  }
  return { scroller, transcript, history, reading, startFrom };
}
