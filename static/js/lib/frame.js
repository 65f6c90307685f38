// Drawing, once for each frame, however many events came.

// A hidden page gets no frames; it is still drawn, so that it is right when it is shown (and for the title's count).
const HIDDEN_MS = 250;

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

function drawAll() {
  isAsked = false;
  const draws = [...waiting];
  waiting.clear();
  for (const draw of draws) draw();
}
