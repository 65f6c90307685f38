// A page that the browser has kept whole, and shows again by Back: the user may have logged out since. What the server
// says about keeping pages (chatsite/http/middleware.py) is not about these. So the page shows nothing until it has come
// anew.

export function askAgainWhenRestored() {
  addEventListener("pagehide", ({ persisted }) => {
    if (persisted) document.documentElement.hidden = true;
  });
  addEventListener("pageshow", ({ persisted }) => {
    if (persisted) location.reload();
  });
}
