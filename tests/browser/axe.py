"""What axe, and the width of the screen, complain of."""

from pathlib import Path

from playwright.sync_api import Page

AXE = (Path(__file__).parent / "vendor/axe-core/axe.min.js").read_text()
RUN_AXE = """async () => {
    const { violations } = await axe.run(document, {
        runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
        // Not one of WCAG's: behind an open drawer the page's heading is inert, as all that the drawer covers.
        rules: { "page-has-heading-one": { enabled: !document.querySelector("[inert]") } },
    });
    return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) =>
        `${id}: ${target.join(" ")}: ${failureSummary}`));
}"""
OVERFLOW = """() => {
    const root = document.scrollingElement;
    return root.scrollWidth > root.clientWidth + 1 ? root.scrollWidth : 0;
}"""


def complaints_of_axe(page: Page) -> list[str]:
    page.evaluate(AXE)
    return page.evaluate(RUN_AXE)
