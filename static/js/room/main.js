// The room's page: the parts, and what flows between them. Start reading here.

import { getJson } from "../lib/api.js";
import { pageJson, partsOf } from "../lib/dom.js";
import { Store, sessionArea } from "../lib/store.js";
import { useStrings } from "../lib/strings.js";
import { Times } from "../lib/time.js";
import { Announcer } from "./announcer.js";
import { Asides } from "./asides.js";
import { watchAway } from "./away.js";
import { Banner } from "./banner.js";
import { Blocks } from "./blocks.js";
import { Composer } from "./composer.js";
import { Deeds } from "./deeds.js";
import { Elsewhere } from "./elsewhere.js";
import { showEnding } from "./ending.js";
import { Feed } from "./feed.js";
import { Header } from "./header.js";
import { History } from "./history.js";
import { Keys } from "./keys.js";
import { isTalk } from "./message.js";
import { Menu } from "./menu.js";
import { Mute } from "./mute.js";
import { NewestButton } from "./newest.js";
import { Outbox } from "./outbox.js";
import { Pace } from "./pace.js";
import { Panel, wireDialogs } from "./panel.js";
import { People } from "./people.js";
import { Privately } from "./privately.js";
import { Reading } from "./reading.js";
import { Report } from "./report.js";
import { Rooms } from "./rooms.js";
import { Scroller } from "./scroller.js";
import { Sending } from "./sending.js";
import { Title } from "./title.js";
import { To } from "./to.js";
import { Transcript } from "./transcript.js";
import { Transport } from "./transport.js";
import { Typing } from "./typing.js";

const ELSEWHERE = 4409;

const { you, room, rooms, blocked, messages, more, present, websockets, urls } = pageJson("room-data");
const language = document.documentElement.lang;
useStrings(pageJson("strings"), language);
const times = new Times(language);
const parts = partsOf(document);
// Of this person in this room: two people may use one browser.
const storeOf = (name) => new Store(`chatsite:${name}:${you.id}:${room.id}`);

const roomUrl = (id) => urls.room.replace(room.id, id);

const feed = new Feed(messages, {
  fetchAfter: ({ seq, hash }) => getJson(urls.messages, { after: seq, hash: hash || null }),
});
const transport = new Transport({ urls, websockets, cursor: () => feed.cursor });
const privately = new Privately({
  directsUrl: urls.directs,
  messagesUrl: (id) => urls.messages.replace(room.id, id),
});
const outbox = new Outbox({
  store: storeOf("outbox"),
  send: (entry) => (entry.to ? privately : transport).post(entry),
});
const blocks = new Blocks({ blocked, url: urls.blocks });

const scroller = new Scroller(parts.view);
const transcript = new Transcript({ log: parts.log, empty: parts.empty, scroller, you, times, blocks });
const history = new History({
  mark: parts.mark,
  view: parts.view,
  transcript,
  fetchBefore: (before, limit) => getJson(urls.messages, { before, limit }),
});
const title = new Title(room.name);
const header = new Header({
  ...{ name: parts.name, topic: parts.topic, members: parts.members, kind: parts.kind },
  ...{ room, you, title },
});
new Mute({ button: parts.mute, url: urls.mine });
const people = new People({
  you,
  list: parts.people,
  counts: [parts.count, parts.countShort],
  news: parts.news,
  present,
});
const to = room.kind === "direct" ? null : new To({
  ...parts,
  ...{ store: storeOf("draft"), here: () => people.here, you },
  search: async (q) => (await getJson(urls.members, { q })).members.map(({ person }) => person),
});
to?.addEventListener("change", () => {
  // On a phone the people, of whom one was chosen, stand over the composer.
  peoplePanel.close();
  composer.focus();
});
const composer = new Composer({ ...parts, store: storeOf("draft"), mayGo: () => !to?.refuses() });
const banner = new Banner({
  ...parts,
  onRetry: () => transport.retryNow(),
  onFocusLost: () => composer.focus(),
});
const reading = new Reading({ transcript, scroller, send: (seq) => transport.markRead(seq) });
const typing = new Typing({ place: parts.typing, you, composer, tell: () => transport.typing() });
new Announcer({ place: parts.announcer, transcript, you, blocks });
composer.addEventListener("leave", () => scroller.focus());
new Pace({ place: parts.pace, outbox });
const elsewhere = new Elsewhere({ ...parts, roomUrl, onBack: comeBack });
watchAway((isAway) => transport.setAway(isAway));
new NewestButton({ button: parts.newest, scroller, transcript, you });
// The style sheet (room.css) has the same widths.
const peoplePanel = new Panel({
  ...{ panel: parts.panel, button: parts.panelButton, close: parts.panelClose },
  ...{ behind: parts.talk, wide: "(min-width: 60rem)" },
});
const roomsPanel = new Panel({
  ...{ panel: parts.side, button: parts.sideButton, close: parts.sideClose },
  ...{ behind: parts.talk, wide: "(min-width: 72rem)" },
});
const sideBar = new Rooms({
  ...{ list: parts.rooms, talks: parts.talks, badge: parts.sideUnread },
  ...{ here: room.id, rooms, url: urls.rooms, roomUrl },
});
wireDialogs();
const report = new Report({
  dialog: parts.report,
  form: parts.reportForm,
  reason: parts.reportReason,
  problem: parts.reportProblem,
  url: (seq) => `${urls.messages}/${seq}/report`,
  tell: (sentence) => people.announce(sentence),
});
new Deeds({
  menu: new Menu(parts.menu),
  log: parts.log,
  ...{ people, transcript, you, blocks, to, urls, roomUrl },
  room: () => header.room,
  report: (row) => report.open(row),
  tell: (sentence) => people.announce(sentence),
});
new Keys({
  dialog: parts.keys,
  toggle: parts.keysToggle,
  store: new Store("chatsite:keys"),
  deeds: {
    m: () => composer.focus(),
    n: () => scroller.toBottom(),
    p: () => peoplePanel.open(),
    r: () => roomsPanel.open(),
    t: () => scroller.focus(),
  },
});

// What the server says, by the kind of event. Rows are gathered: what came together is drawn together.
const HEARD = {
  welcome: (event) => {
    header.replace(event.room);
    people.replace(event.present);
    feed.expect(event.head);
  },
  reset: (event) => feed.reset(event),
  head: ({ seq }) => feed.expect(seq),
  posted: (event) => {
    feed.expect(event.seq);
    outbox.posted(event, feed.cursor.seq);
  },
  error: (event) => outbox.refused(event),
  presence: (event) => {
    people.change(event);
    typing.stopped(...event.exited.map(({ id }) => id));
  },
  present: (event) => people.compare(event),
  typing: ({ user }) => blocks.has(user.id) || typing.heard(user),
  person: (event) => rename(event),
  blocks: () => blocks.refresh(),
  unread: (event) => sideBar.hear(event),
  read: (event) => sideBar.hear(event),
  rooms: (event) => sideBar.hear(event),
};

transport.addEventListener("events", ({ detail: events }) => {
  let rows = [];
  for (const event of events) {
    if (event.type === "message") {
      rows.push(event);
      continue;
    }
    feed.apply(rows);
    rows = [];
    HEARD[event.type]?.(event);
  }
  feed.apply(rows);
});

feed.addEventListener("rows", ({ detail: rows }) => {
  outbox.settle(rows, you);
  transcript.append(rows);
  for (const { kind, body } of rows) {
    if (kind === "redacted") transcript.erase(Number(body));
  }
  header.apply(rows);
  typing.stopped(...rows.map(({ author }) => author?.id));
  if (rows.some(isTalk)) sideBar.talked();
  title.count(rows.filter(calls).length);
});

feed.addEventListener("reset", ({ detail }) => {
  startFrom(detail);
  header.apply(detail.messages);
});

/** Words of somebody else, whom this person wants to hear. */
function calls(row) {
  return isTalk(row) && row.author?.id !== you.id && !blocks.has(row.author?.id);
}

function startFrom({ messages: rows, more: hasMore }) {
  outbox.settle(rows, you);
  transcript.replace(rows);
  history.restart(hasMore);
}

function rename({ id, username, display_name: shown }) {
  const person = { id, username, display_name: shown };
  if (id === you.id) Object.assign(you, person);
  for (const place of [people, transcript, sending, header]) place.rename(person);
  typing.renamed(person);
  to?.rename(person);
}

transport.addEventListener("up", () => {
  banner.up({ mode: transport.mode });
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

composer.addEventListener("send", ({ detail: body }) => {
  outbox.add(body, to?.person ?? null);
  scroller.toBottom();
});

const sending = new Sending({
  ...{ place: parts.sending, outbox, transcript, scroller, composer, you, times },
  takeBackTo: (person) => to?.choose(person),
});
startFrom({ messages, more });
const asides = new Asides({
  store: new Store(`chatsite:asides:${you.id}:${room.id}`, sessionArea()),
  ...{ transcript, scroller, you, times },
});
privately.addEventListener("delivered", ({ detail: entry }) => {
  outbox.delivered(entry);
  asides.add(entry);
});
privately.addEventListener("refused", ({ detail }) => outbox.refused(detail));
transport.start();
// On a phone the keyboard would hide half of the talk that one came to read.
if (matchMedia("(hover: hover)").matches) composer.focus();
