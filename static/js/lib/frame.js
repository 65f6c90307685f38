// Drawing once for each frame, however many events come.

// A hidden page gets no frames. It is drawn all the same, for the title's count and to be right when it is shown.
const HIDDEN_MS = 250;

// Safari has no requestIdleCallback.
const SOON_MS = 100;
// A page that is never idle draws after this time.
const AT_LAST_MS = 1000;

const waiting = new Set();
let isAsked = false;

/** Call `draw` before the next frame: once, however often it is asked for. */
export function onNextFrame(draw) {
  waiting.add(draw);
  if (isAsked) return;
  isAsked = true;
  const timer = setTimeout(drawAll, HIDDEN_MS);
  requestAnimationFrame(() => {
    clearTimeout(timer);
    drawAll();
  });
}

/** Call `act` right after the next frame. */
export function whenShown(act) {
  onNextFrame(() => setTimeout(act));
}

/** Call `act` when the page is shown and the browser is idle. */
export function whenIdle(act) {
  if (globalThis.requestIdleCallback) requestIdleCallback(() => act(), { timeout: AT_LAST_MS });
  else setTimeout(act, SOON_MS);
}

function drawAll() {
  isAsked = false;
  const draws = [...waiting];
  waiting.clear();
  for (const draw of draws) draw();
}
