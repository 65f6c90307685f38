// Away: the page has not been used for a while, or its tab is hidden.

const IDLE_MS = 5 * 60 * 1000;
// A glance at another tab is not worth telling anybody.
const HIDDEN_MS = 3000;
const ACTIVITY = ["pointerdown", "pointermove", "keydown", "wheel", "touchstart", "focus"];
// A moving mouse fires many events a second.
const LISTEN_EVERY_MS = 1000;

/** Call `tell(isAway)` whenever that changes. */
export function watchAway(tell) {
  let isAway = false;
  let timer = null;
  let activeAt = 0;

  const set = (next) => {
    if (next === isAway) return;
    isAway = next;
    tell(isAway);
  };
  const startTimer = () => {
    clearTimeout(timer);
    timer = setTimeout(() => set(true), document.hidden ? HIDDEN_MS : IDLE_MS);
  };
  const onActivity = () => {
    if (document.hidden || (!isAway && Date.now() - activeAt < LISTEN_EVERY_MS)) return;
    activeAt = Date.now();
    set(false);
    startTimer();
  };

  for (const name of ACTIVITY) addEventListener(name, onActivity, { passive: true, capture: true });
  document.addEventListener("visibilitychange", () => (document.hidden ? startTimer() : onActivity()));
  startTimer();
}
