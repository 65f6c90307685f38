// Repeats a request while the server is busy (503) and says when to come back.

import { Backoff } from "../lib/backoff.js";

const MOST_TRIES = 10;

/** Promise what `act()` promises in the end: after ten tries its error. `onWait()` is called before each wait. */
export async function retryWhileBusy(act, onWait = () => {}) {
  const backoff = new Backoff();
  for (;;) {
    try {
      return await act();
    } catch (error) {
      const isBusy = error.status === 503 && error.retryAfterMs !== null;
      if (!isBusy || backoff.tries + 1 >= MOST_TRIES) throw error;
      onWait();
      await new Promise((resolve) => setTimeout(resolve, error.retryAfterMs + backoff.next()));
    }
  }
}
