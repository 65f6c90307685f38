"""How soon another room is there, from the click to the paint: ``python -m benchmarks.switching [ROUNDS]``.

On a desktop, and with the processor slowed down four times; rooms that were not seen yet (cold) and such that were
(warm). Then on and on through more rooms than a page keeps: what it holds in the end.

``python -m benchmarks.switching through ROOMS SWITCHES`` walks through many rooms at random, and tells what the page
holds.
"""

import random
import statistics
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import CDPSession, Page, sync_playwright

from benchmarks.page import POST, SLOWER
from tests import servers
from tests.browser.conftest import FLAGS

# More than a page keeps (static/js/room/switcher.js), each with this many messages.
ROOMS, MESSAGES = 12, 100
READY = ".composer-send:not([disabled])"
MB = 1024 * 1024
# Clicks, and waits for the frame that shows the room; what a frame has drawn is handed over by the next task.
CLICK = """(name) => new Promise((done) => {
  const link = [...document.querySelectorAll(".side-room")].find(({ innerText }) => innerText.trim() === name);
  const began = performance.now();
  const look = () => {
    const shown = document.querySelector("[data-target=roomName]").textContent === name;
    if (shown && document.querySelector("#transcript .log .entry")) {
      setTimeout(() => done(performance.now() - began));
    } else requestAnimationFrame(look);
  };
  link.click();
  requestAnimationFrame(look);
})"""


def filled_rooms(page: Page, site: servers.Site, first: str, rooms: int = ROOMS) -> list[str]:
    """Write into the rooms; return their names."""
    page.goto(f"{site.url}/rooms/{first}/")
    links = page.locator(".side-room")
    links.nth(rooms - 1).wait_for()
    found = [(link.inner_text().strip(), link.get_attribute("href")) for link in links.all()[:rooms]]
    for _, href in found:
        page.goto(f"{site.url}{href}")
        page.wait_for_selector(READY)
        page.evaluate(POST, [MESSAGES, 1])
    return [name for name, _ in found]


def times_of(page: Page, names: list[str], rounds: int) -> Iterator[tuple[str, list[float]]]:
    cold: list[float] = []
    warm: list[float] = []
    for _ in range(rounds):
        page.reload()
        page.wait_for_selector(READY)
        page.wait_for_load_state("networkidle")
        others = [name for name in names if name != page.inner_text("[data-target=roomName]")][:6]
        for times in (cold, warm, warm):
            for name in others:
                times.append(page.evaluate(CLICK, name))
                page.wait_for_timeout(300)
    yield "not seen yet", cold
    yield "seen before", warm


def held(page: Page, wire: CDPSession) -> str:
    wire.send("HeapProfiler.collectGarbage")
    counts = wire.send("Memory.getDOMCounters")
    heap = wire.send("Runtime.getHeapUsage")["usedSize"] / MB
    return f"{heap:.1f} MB, {counts['nodes']:,} nodes, {counts['jsEventListeners']:,} listeners"


@contextmanager
def alice_in(rooms: int) -> Iterator[tuple[Page, servers.Site, str]]:
    """Yield alice's page on a site of its own where she is in so many rooms, and the id of one in which was talk."""
    with servers.site(env={"RATE_LIMITS": "false"}) as site, sync_playwright() as playwright:
        filled: dict[str, Any] = site.fill("talk", str(MESSAGES), str(rooms - 1))
        browser = playwright.chromium.launch(executable_path=servers.need("chromium-headless-shell"), args=FLAGS)
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        context.add_cookies([{"name": "sessionid", "value": filled["sessions"]["alice"], "url": site.url}])
        yield context.new_page(), site, filled["room"]
        browser.close()


def main(rounds: int = 3) -> None:
    with alice_in(ROOMS) as (page, site, room):
        names = filled_rooms(page, site, room)
        wire = page.context.new_cdp_session(page)
        print("| processor | room | ms, median (least–most) |\n|---|---|--:|")
        for slower in (1, SLOWER):
            wire.send("Emulation.setCPUThrottlingRate", {"rate": slower})
            for kind, times in times_of(page, names, rounds):
                middle, least, most = statistics.median(times), min(times), max(times)
                print(f"| {slower}× slower | {kind} | {middle:.0f} ({least:.0f}–{most:.0f}) |")
        wire.send("Emulation.setCPUThrottlingRate", {"rate": 1})
        for laps in (0, 2, 4, 4, 4):
            for name in names * laps:
                page.evaluate(CLICK, name)
            print(f"After {laps} more laps through {ROOMS} rooms: {held(page, wire)}")


def through(rooms: int, switches: int, samples: int = 6) -> None:
    with alice_in(rooms) as (page, site, room):
        names = filled_rooms(page, site, room, rooms)
        wire = page.context.new_cdp_session(page)
        chosen = random.Random(1)
        for sample in range(samples + 1):
            if sample:
                for _ in range(switches // samples):
                    page.evaluate(CLICK, chosen.choice(names))
            print(f"After {sample * (switches // samples)} switches among {len(names)} rooms: {held(page, wire)}")


if __name__ == "__main__":
    if sys.argv[1:2] == ["through"]:
        through(*map(int, sys.argv[2:]))
    else:
        main(*map(int, sys.argv[1:]))
