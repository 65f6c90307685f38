// The same request once more, where the server has too much of its kind to do and says when to come back.

import { Backoff } from "../lib/backoff.js";

const MOST_TRIES = 10;

/** Promise what `act` does in the end. `onWait()` is told each time that it has to wait for a busy server (503). */
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
