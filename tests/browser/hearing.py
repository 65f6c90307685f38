"""What a page has read out by itself, as screen readers do it: the text of a live region when it changes.

A region is heard only if it was there a frame before, displayed, and not behind a dialog.
"""

from playwright.sync_api import Page

LISTEN = """() => {
    const LIVE = "[role=status], [role=alert], [aria-live]:not([aria-live=off])";
    const isThere = (region) => region.getClientRects().length > 0 && !region.closest("[inert]") &&
        (!document.querySelector("dialog:modal") || region.closest("dialog:modal"));
    let known = new Map();
    window.heard = [];
    const look = () => {
        const regions = [...document.querySelectorAll(LIVE)].filter(isThere);
        for (const region of regions) {
            const words = region.innerText.trim();
            if (words && known.has(region) && known.get(region) !== words) window.heard.push(words);
        }
        known = new Map(regions.map((region) => [region, region.innerText.trim()]));
        requestAnimationFrame(look);
    };
    look();
}"""


def listen(page: Page) -> None:
    """Begin to listen to this page, until the next one is loaded."""
    page.evaluate(LISTEN)


def wait_to_hear(page: Page, words: str) -> None:
    """Wait until something with these words has been read out since the last of these calls; forget it then."""
    page.wait_for_function(
        """(words) => {
            const at = window.heard.findIndex((sentence) => sentence.includes(words));
            if (at >= 0) window.heard.splice(0, at + 1);
            return at >= 0;
        }""",
        arg=words,
    )
