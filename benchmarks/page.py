"""How soon the room's page can be used on a slow phone: ``python -m benchmarks.page [ROUNDS]``.

Chromium's old "Fast 3G" profile (562.5 ms until an answer begins, 1.44 Mbit/s down, 675 kbit/s up, set by DevTools for
each request) and a processor slowed down four times. Usable: rows can be seen, and the composer takes words and sends.
"""

import statistics
import sys
from dataclasses import dataclass, field
from typing import Any

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests import servers
from tests.browser.conftest import FLAGS

MESSAGES, ROOMS = 200, 50
LATENCY_MS, DOWN, UP, SLOWER = 562.5, 1_440_000 / 8, 675_000 / 8, 4
SETTLE_MS = 1500
BURST, EVERY_MS = 500, 10
# Looks at each frame; what it sees in one has been handed over to be shown by the next task.
WATCH = """(() => {
  const look = () => requestAnimationFrame(() => {
    const isUsable = document.querySelector(".composer-send:not([disabled])")
      && document.querySelector("#transcript .log .entry");
    if (!isUsable) return look();
    setTimeout(() => {
      window.usable = performance.now();
      console.info("usable");
    });
  });
  look();
  window.longTasks = [];
  new PerformanceObserver((list) => {
    window.longTasks.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: "longtask" });
})()"""
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null"
POST = """async ([count, everyMs]) => {
  const { room } = JSON.parse(document.getElementById("room-data").textContent);
  const token = /csrftoken=([^;]+)/.exec(document.cookie)?.[1] ?? "";
  const posts = [];
  for (let number = 0; number < count; number += 1) {
    posts.push(fetch(`/api/rooms/${room.id}/messages`, {
      method: "POST", headers: { "Content-Type": "application/json", "X-CSRFToken": token },
      body: JSON.stringify({ client_id: `burst-${number}`, body: `Quick words, number ${number}` }),
    }));
    await new Promise((done) => setTimeout(done, everyMs));
  }
  await Promise.all(posts);
}"""


@dataclass
class Visits:
    usable: list[float] = field(default_factory=list)
    painted: list[float] = field(default_factory=list)
    weights: list[float] = field(default_factory=list)

    def row(self, name: str) -> str:
        middle, least, most = statistics.median(self.usable), min(self.usable), max(self.usable)
        painted, weight = statistics.median(self.painted or [0]), statistics.median(self.weights)
        return f"| {name} | {middle:,.0f} ({least:,.0f}–{most:,.0f}) | {painted:,.0f} | {weight / 1000:,.0f} |"


def slow_down(page: Page) -> list[float]:
    """Make the page's line and processor slow; return where the weights of what it loads will be."""
    wire = page.context.new_cdp_session(page)
    wire.send("Network.enable")
    wire.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": LATENCY_MS, "downloadThroughput": DOWN, "uploadThroughput": UP},
    )
    wire.send("Emulation.setCPUThrottlingRate", {"rate": SLOWER})
    weights: list[float] = []
    wire.on("Network.loadingFinished", lambda event: weights.append(event["encodedDataLength"]))
    return weights


def visit(context: BrowserContext, url: str, visits: Visits) -> None:
    page = context.new_page()
    # Chromium draws its own window meanwhile, on the processor that the page needs.
    page.wait_for_timeout(SETTLE_MS)
    weights = slow_down(page)
    # By a word of the page's own: wait_for_function would run Playwright's scripts in it, for 40 ms at this speed.
    with page.expect_console_message(lambda message: message.text == "usable"):
        page.goto(url, wait_until="commit")
    page.wait_for_load_state("networkidle")
    visits.usable.append(page.evaluate("() => window.usable"))
    visits.painted += [painted for painted in [page.evaluate(PAINTED)] if painted]
    visits.weights.append(sum(weights))
    page.close()


def person(browser: Browser, site: servers.Site, session: str) -> BrowserContext:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    context.add_init_script(WATCH)
    context.add_cookies([{"name": "sessionid", "value": session, "url": site.url}])
    return context


def long_tasks(browser: Browser, site: servers.Site, filled: dict[str, Any], url: str) -> list[float]:
    """A hundred messages a second for a while, at somebody who looks on."""
    reader, writer = (person(browser, site, filled["sessions"][name]).new_page() for name in ("alice", "bob"))
    for page in (reader, writer):
        page.goto(url, wait_until="networkidle")
    reader.evaluate("() => { window.longTasks.length = 0; }")
    writer.evaluate(POST, [BURST, EVERY_MS])
    reader.get_by_text(f"Quick words, number {BURST - 1}", exact=True).wait_for()
    return reader.evaluate("() => window.longTasks")


def main(rounds: int = 5) -> None:
    cold, warm = Visits(), Visits()
    with servers.site(env={"RATE_LIMITS": "false"}) as site, sync_playwright() as playwright:
        filled = site.fill("talk", str(MESSAGES), str(ROOMS))
        url = f"{site.url}/rooms/{filled['room']}/"
        browser = playwright.chromium.launch(executable_path=servers.need("chromium-headless-shell"), args=FLAGS)
        for _ in range(rounds):
            context = person(browser, site, filled["sessions"]["alice"])
            for visits in (cold, warm, warm):
                visit(context, url, visits)
            context.close()
        tasks = long_tasks(browser, site, filled, url)
        browser.close()
    print("| visit | usable after ms | first paint after ms | kB over the wire |\n|---|--:|--:|--:|")
    print(cold.row("first"))
    print(warm.row("later"))
    print(
        f"\n{BURST} messages at 100 a second: {len(tasks)} long tasks, the longest of {max(tasks, default=0):.0f} ms."
    )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
