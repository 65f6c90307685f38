"""Walk through the site with the screen reader Orca, and hold what it speaks against what was kept (``listen.txt``).

``python -m tests.browser.listen`` walks, and tells what differs; with ``--keep`` it keeps what is spoken now. It takes
some minutes, and no part of ``make test`` waits for it: Orca and its friends are not on every machine, and another
version speaks otherwise.
"""

import argparse
import difflib
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests import servers
from tests.browser.conftest import PASSWORD, PATIENCE_MS
from tests.browser.rooms import READY
from tests.browser.screen_reader import BROWSER_FLAGS, Desk, missing

KEPT = Path(__file__).with_suffix(".txt")
# What differs from walk to walk.
CHANGING = [(re.compile(r"\d{1,2}:\d\d\s[AP]M"), "9:04 PM"), (re.compile(r"\w+day, \w+ \d+"), "Friday, November 20")]

Step = tuple[str, Callable[[], object]]


def walk(alice: Page, bob: Page, site: servers.Site) -> Iterator[Step]:
    """What alice, who listens, and bob do: each step with its name."""
    press, write = alice.keyboard.press, alice.keyboard.type
    yield "log in", lambda: alice.goto(f"{site.url}/accounts/login/")
    alice.focus("[name=login]")
    write("alice")
    alice.focus("[name=password]")
    write(PASSWORD)
    yield "open the room", lambda: open_room(alice)
    alice.wait_for_selector(READY)
    yield "hear a message", lambda: say(bob, "Say **yes** to `tea`")
    yield "send one", lambda: say(alice, "Yes.")
    yield "go to the messages", lambda: press("Escape")
    yield "one up", lambda: press("ArrowUp")
    yield "its menu", lambda: press("Enter")
    yield "report it", lambda: alice.get_by_role("menuitem", name="Report…").press("Enter")
    yield "thanks", lambda: alice.get_by_role("button", name="Report", exact=True).press("Enter")
    yield "the keys", lambda: press("Control+/")
    yield "close them", lambda: press("Escape")
    yield "write what is too long", lambda: alice.fill("#composer-field", "x" * 10_001)
    yield "try to send it", lambda: alice.press("#composer-field", "Enter")
    alice.fill("#composer-field", "")
    yield "write to one person", lambda: choose_bob(alice)
    yield "be removed from the room", lambda: site.manage("shell", "-v0", "-c", f"{CAST}\n{REMOVE}")


CAST = """
from accounts.models import User
from rooms.actions.memberships import join_room, remove_member
from rooms.actions.rooms import open_room
from rooms.models import Room
alice, bob = User.objects.order_by("username")
"""
OPEN = "join_room(open_room(actor=bob, name='Tea'), actor=alice)"
REMOVE = "remove_member(Room.objects.get(), actor=bob, user=alice)"


def open_room(page: Page) -> None:
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Tea").first.click()


def say(page: Page, words: str) -> None:
    page.fill("#composer-field", words)
    page.press("#composer-field", "Enter")


def choose_bob(page: Page) -> None:
    page.locator("#people [data-user]").first.press("Enter")
    page.get_by_role("menuitem", name="Write to them from here").press("Enter")


def spoken_now() -> str:
    """Return the walk as a text: each step, and below it what was spoken."""
    with servers.temporary_folder("listen") as folder, servers.site() as site, sync_playwright() as playwright:
        sessions = site.fill("people", "alice", "bob")
        site.manage("shell", "-v0", "-c", f"{CAST}\n{OPEN}")
        chromium = playwright.chromium
        flags = {"executable_path": servers.need("chromium-headless-shell"), "args": BROWSER_FLAGS}
        desk = Desk(folder)
        try:
            hers = chromium.launch(
                executable_path="/usr/bin/chromium", args=BROWSER_FLAGS, headless=False, env=desk.env
            )
            alice = page_in(hers)
            alice.goto("about:blank")
            alice.mouse.click(300, 300)
            desk.start_orca()
            bob = page_in(chromium.launch(**flags))
            bob.context.add_cookies([{"name": "sessionid", "value": sessions["bob"], "url": site.url}])
            bob.goto(f"{site.url}/rooms/")
            bob.get_by_role("link", name="Tea").first.click()
            bob.wait_for_selector(READY)
            desk.spoken()
            lines = []
            for name, act in walk(alice, bob, site):
                act()
                lines += [f"# {name}", *desk.spoken(), ""]
        finally:
            desk.close()
    text = "\n".join(lines)
    for pattern, example in CHANGING:
        text = pattern.sub(example, text)
    return text


def page_in(browser: Browser) -> Page:
    page = browser.new_page()
    page.set_default_timeout(PATIENCE_MS)
    return page


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.listen", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="keep what is spoken now")
    keep = parser.parse_args().keep
    if names := missing():
        print(f"Not installed: {', '.join(names)}. tests/browser/screen_reader.py names the packages.", file=sys.stderr)
        return 2
    text = spoken_now()
    if keep:
        KEPT.write_text(text, encoding="utf-8")
        return 0
    kept = KEPT.read_text(encoding="utf-8")
    sys.stdout.writelines(difflib.unified_diff(kept.splitlines(True), text.splitlines(True), "kept", "spoken now"))
    return int(text != kept)


if __name__ == "__main__":
    sys.exit(main())
