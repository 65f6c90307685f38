// Drawing, once for each frame, however many events came.

// A hidden page gets no frames; it is still drawn, so that it is right when it is shown (and for the title's count).
const HIDDEN_MS = 250;

// Safari does not tell when it is idle.
const SOON_MS = 100;
// A page that is never idle draws what waited all the same.
const AT_LAST_MS = 1000;

const waiting = new Set();
let isAsked = false;

/** Call `draw` before the next frame; asked for twice, it is called once. All that wait are drawn together. */
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

/** Call `act` when the page has been shown and nobody waits for it. */
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
