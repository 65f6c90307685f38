// Two tabs of one browser know of the same uploads: one of them sends, and where it is closed the other goes on.

/** Promise once this page alone may see to `name`, which it may until `signal` fires. */
export function claim(name, signal) {
  // Missing on http://<address in the local network>. Two tabs may send there: the server takes each byte once.
  if (!navigator.locks) return Promise.resolve();
  return new Promise((resolve) => {
    navigator.locks.request(name, () => {
      resolve();
      return signal.aborted || new Promise((release) => signal.addEventListener("abort", release));
    });
  });
}
