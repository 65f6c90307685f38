// What is new in the rooms where one is not, told by a socket that is in no room.

import { Socket } from "../connection/socket.js";

const PATH = "/ws/";
// A site whose sockets do not pass is asked the slow way only; who comes back to the page tries again.
const MOST_FAILURES = 4;
const SIGNED_OUT = 4401;

/** Begin to listen; `hear(event)` is called with each event. Returns null where there are no sockets. */
export function listen(hear) {
  if (!globalThis.WebSocket) return null;
  const socket = new Socket({ path: PATH, cursor: () => ({ seq: 0 }) });
  socket.addEventListener("events", ({ detail: events }) => events.forEach(hear));
  socket.addEventListener("failed", ({ detail: failures }) => failures >= MOST_FAILURES && socket.stop());
  // Signed out: the page, asked for again, leads to the log-in.
  socket.addEventListener("ended", ({ detail: { code } }) => code === SIGNED_OUT && location.reload());
  document.addEventListener("visibilitychange", () => document.hidden || socket.wake({ isNewNetwork: false }));
  addEventListener("online", () => socket.wake({ isNewNetwork: true }));
  socket.start();
  return socket;
}
