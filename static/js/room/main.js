// The room's page: what its parts are, and in which order they are put together. Start reading here.

import { onNextFrame, whenShown } from "../lib/frame.js";
import { makeAround } from "./around.js";
import { makeConnection } from "./connection.js";
import { makeDoings } from "./doing.js";
import { hear } from "../connection/event_router.js";
import { watchLink } from "../connection/connection_status.js";
import { readPage } from "./page.js";
import { makeTalk } from "./talk.js";
import { makeWriting } from "./writing.js";

const page = readPage();
const connection = makeConnection(page);
const talk = makeTalk(page, connection);
const around = makeAround(page);
const writing = makeWriting(page, connection, talk, around);
makeDoings(page, connection, talk, around, writing);
hear(page, connection, talk, around, writing);
watchLink(page, connection, talk, around, writing);
talk.startFrom(page);
whenShown(() => connection.transport.start());
// On a phone the keyboard would hide half of the talk that one came to read.
if (matchMedia("(hover: hover)").matches) onNextFrame(() => writing.composer.focus());
