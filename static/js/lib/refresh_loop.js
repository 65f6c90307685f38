// Asking the server again and again, for a page that must stay true also where events do not pass.

const SIGNED_OUT = 401;

/**
 * Call `ask()`, which returns a promise, each `everyMs` milliseconds and when the tab is looked at again; not while it is
 * hidden, and never twice at once. A failure changes nothing, and the next turn asks again; after the answer 401 nothing
 * is asked any more. Returns a function that asks now, or as soon as the present answer is there.
 */
export function refreshEvery(everyMs, ask) {
  let isAsking = false;
  let isAskedAgain = false;
  const now = async () => {
    if (document.hidden || timer === null) return;
    // The answer that is on its way may be older than what made somebody ask.
    if (isAsking) {
      isAskedAgain = true;
      return;
    }
    isAsking = true;
    try {
      await ask();
    } catch (error) {
      if (error.status === SIGNED_OUT) {
        clearInterval(timer);
        timer = null;
      }
    }
    isAsking = false;
    if (!isAskedAgain) return;
    isAskedAgain = false;
    now();
  };
  let timer = setInterval(() => isAsking || now(), everyMs);
  document.addEventListener("visibilitychange", now);
  return now;
}

/** A function that calls `act` `waitMs` milliseconds after it was first called, once for all calls in between. */
export function gathered(waitMs, act) {
  let timer = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      act();
    }, waitMs);
  };
}
