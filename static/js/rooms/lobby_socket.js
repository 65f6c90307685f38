// A socket that has entered no room. It brings what is new in all rooms of the user.

import { Socket } from "../connection/socket.js";

const PATH = "/ws/";
// After this many failures the page relies on its slow requests. Coming back to the tab tries again.
const MOST_FAILURES = 4;
const SIGNED_OUT = 4401;

/** Call `onEvent(event)` with each event. */
export function openLobbySocket(onEvent) {
  if (!globalThis.WebSocket) return;
  const socket = new Socket({ path: PATH });
  socket.addEventListener("events", ({ detail: events }) => events.forEach(onEvent));
  socket.addEventListener("failed", ({ detail: failures }) => failures >= MOST_FAILURES && socket.stop());
  // A signed-out user is led to the log-in by the page itself.
  socket.addEventListener("ended", ({ detail: { code } }) => code === SIGNED_OUT && location.reload());
  // Who logs out here is on the way to another page, which a reload would come before.
  document.addEventListener("submit", (event) => event.defaultPrevented || socket.stop());
  document.addEventListener("visibilitychange", () => document.hidden || socket.wake({ isNewNetwork: false }));
  addEventListener("online", () => socket.wake({ isNewNetwork: true }));
  socket.start();
}
