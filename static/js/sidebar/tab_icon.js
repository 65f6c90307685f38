// The tab's icon with a number in it. It comes when something waits for the user.

const MOST = 9;
// As in static/img/mark.svg.
const BUBBLE =
  "M7 3h18a5 5 0 0 1 5 5v11a5 5 0 0 1-5 5h-9.2l-6.1 5.3c-.7.6-1.7.1-1.7-.8V24H7a5 5 0 0 1-5-5V8a5 5 0 0 1 5-5z";

/** Return the address of the icon. */
export function iconWith(count) {
  const number = count > MOST ? `${MOST}+` : String(count);
  const font = 'font-family="sans-serif" font-size="18" font-weight="700"';
  const words = `<text x="16" y="20" fill="#fffdf9" text-anchor="middle" ${font}>${number}</text>`;
  const bubble = `<path fill="#a3372f" d="${BUBBLE}"/>`;
  const icon = `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">${bubble}${words}</svg>`;
  return `data:image/svg+xml,${encodeURIComponent(icon)}`;
}
