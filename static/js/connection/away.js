// Away: the page has not been used for a while, or is not looked at.

const IDLE_MS = 5 * 60 * 1000;
// A glance at another tab is not worth telling anybody.
const HIDDEN_MS = 3000;
const SIGNS_OF_LIFE = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"];
// A moving mouse says the same thing many times a second.
const LISTEN_EVERY_MS = 1000;

/** Calls `tell(isAway)` whenever that changes. */
export function watchAway(tell) {
  let isAway = false;
  let timer = null;
  let heardAt = 0;

  const become = (next) => {
    if (next === isAway) return;
    isAway = next;
    tell(isAway);
  };
  const wait = () => {
    clearTimeout(timer);
    timer = setTimeout(() => become(true), document.hidden ? HIDDEN_MS : IDLE_MS);
  };
  const alive = () => {
    if (document.hidden || (!isAway && Date.now() - heardAt < LISTEN_EVERY_MS)) return;
    heardAt = Date.now();
    become(false);
    wait();
  };

  for (const sign of SIGNS_OF_LIFE) addEventListener(sign, alive, { passive: true, capture: true });
  document.addEventListener("visibilitychange", () => (document.hidden ? wait() : alive()));
  wait();
}
