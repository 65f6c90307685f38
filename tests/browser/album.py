"""Pictures of the site at many widths, in both themes and three languages, as a page to look through.

    python -m tests.browser.album [FOLDER] [--only WORD]

writes FOLDER/index.html (var/album/ unless said otherwise). ``--docs`` makes the pictures of docs/design.md anew, and
no others.
"""

import argparse
import html
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from rooms.management.demo_talk import PASSWORD
from tests import servers
from tests.browser.conftest import FLAGS
from tests.browser.rooms import READY

WIDTHS = {360: 740, 390: 844, 768: 1024, 1280: 800, 1920: 1080}
# Below, a finger is what points.
PHONE = 768
# How each width is looked at: (name, theme, language).
LOOKS = [("light", "light", "en"), ("dark", "dark", "en"), ("German", "light", "de"), ("Arabic", "dark", "ar")]
STYLE = "div { display: flex; flex-wrap: wrap; gap: 1rem } figure { margin: 0 }"
WHO = "alice"
ROOM = "Kitchen table"
# What the demonstration does not have: private talks, a private room, a favourite, a muted room, something pinned.
MORE = """
from accounts.models import User
from rooms.actions.directs import open_direct
from rooms.actions.memberships import favour_room, mute_room
from rooms.actions.messages import post_message
from rooms.actions.pins import pin_message
from rooms.actions.rooms import open_room
from rooms.models import Room
alice, bob, hana = (User.objects.get(username=name) for name in ("alice", "bob", "hana"))
for friend in (bob, hana):
    talk = open_direct(actor=alice, user=friend)
    post_message(talk, actor=friend, client_id="1", body="Are you coming on Thursday?")
open_room(actor=alice, name="Birthday of a person whose name is a secret", topic="Not a word", kind="private")
favour_room(Room.objects.get(name="Allotment"), actor=alice, favourite=True)
mute_room(Room.objects.get(name="Site notices"), actor=alice, muted=True)
table = Room.objects.get(name="Kitchen table")
pin_message(table, actor=alice, seq=table.messages.filter(talk__isnull=False).first().seq)
"""


@dataclass
class Shot:
    name: str
    look: str
    width: int
    path: Path


# --- What is looked at -----------------------------------------------------------------------------------------------


def room(page: Page) -> None:
    page.locator("a", has_text=ROOM).first.click()
    page.wait_for_selector(READY)
    page.wait_for_load_state("networkidle")


def rooms_at_the_side(page: Page) -> None:
    room(page)
    if page.locator("[data-target=sideButton]").is_visible():
        page.click("[data-target=sideButton]")


def panel(page: Page) -> None:
    room(page)
    if not page.locator("#room-panel").is_visible():
        page.click("[data-target=panelButton]")


def room_menu(page: Page) -> None:
    room(page)
    page.click("[popovertarget=room-menu]")


SCENES = {"room": room, "rooms": rooms_at_the_side, "panel": panel, "menu": room_menu}
PAGES = {"list": "/rooms/", "new": "/rooms/new/", "account": "/accounts/"}


# --- Looking ---------------------------------------------------------------------------------------------------------


@contextmanager
def signed_in(browser: Browser, site: servers.Site, width: int, theme: str, language: str) -> Iterator[Page]:
    options: dict[str, Any] = {"viewport": {"width": width, "height": WIDTHS[width]}, "color_scheme": theme}
    if width < PHONE:
        options |= {"is_mobile": True, "has_touch": True}
    context = browser.new_context(locale=language, reduced_motion="reduce", **options)
    page = context.new_page()
    page.goto(f"{site.url}/accounts/login/?next=/rooms/")
    page.fill("[name=login]", WHO)
    page.fill("[name=password]", PASSWORD)
    page.locator("form:has([name=password]) [type=submit]").click()
    page.wait_for_url("**/rooms/")
    yield page
    context.close()


def shots(browser: Browser, site: servers.Site, folder: Path, is_wanted: Callable[[str], bool]) -> Iterator[Shot]:
    for width in WIDTHS:
        for look, theme, language in LOOKS:
            wanted = [name for name in [*SCENES, *PAGES] if is_wanted(f"{name} {look} {width}")]
            if not wanted:
                continue
            with signed_in(browser, site, width, theme, language) as page:
                for name in wanted:
                    page.goto(site.url + PAGES.get(name, "/rooms/"))
                    if name in SCENES:
                        SCENES[name](page)
                    page.wait_for_timeout(400)
                    path = folder / f"{name}-{width}-{look.lower()}.png"
                    page.screenshot(path=path)
                    yield Shot(name, look, width, path)


def write_page(folder: Path, made: list[Shot]) -> Path:
    parts = []
    for name in dict.fromkeys(shot.name for shot in made):
        parts.append(f"<h2>{html.escape(name)}</h2><div>")
        parts += [
            f'<figure><a href="{shot.path.name}"><img src="{shot.path.name}" height="420" alt="" loading="lazy"></a>'
            f"<figcaption>{shot.width} · {html.escape(shot.look)}</figcaption></figure>"
            for shot in made
            if shot.name == name
        ]
        parts.append("</div>")
    page = folder / "index.html"
    page.write_text(f"<!doctype html><meta charset=utf-8><title>Album</title><style>{STYLE}</style>{''.join(parts)}")
    return page


# --- The pictures of docs/design.md ----------------------------------------------------------------------------------

# name → (scene, width)
OF_DOCS = {"design-room": ("panel", 1280), "design-phone": ("room", 390), "design-phone-rooms": ("rooms", 390)}


def is_of_docs(name: str) -> bool:
    return name in {f"{scene} {look} {width}" for scene, width in OF_DOCS.values() for look in ("light", "dark")}


def for_docs(made: list[Shot], docs: Path) -> None:
    for target, (name, width) in OF_DOCS.items():
        for look in ("light", "dark"):
            for shot in made:
                if (shot.name, shot.width, shot.look) == (name, width, look):
                    small(shot.path, docs / f"{target}-{look}.webp")


def small(path: Path, target: Path) -> None:
    with Image.open(path) as picture:
        picture.convert("RGB").save(target, quality=70, method=6)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", default=servers.PROJECT / "var" / "album")
    parser.add_argument("--only", default="", help="Pictures with this in their name, such as 390 or dark.")
    parser.add_argument("--docs", action="store_true", help="Make those of docs/design.md, and no others.")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    chromium = servers.need("chromium-headless-shell")
    with servers.site(env={"RATE_LIMITS": "false"}) as site, sync_playwright() as playwright:
        site.manage("demo")
        site.manage("shell", "-c", MORE)
        browser = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        is_wanted = is_of_docs if options.docs else lambda name: options.only in name
        made = list(shots(browser, site, options.folder, is_wanted))
        browser.close()
    if options.docs:
        for_docs(made, servers.PROJECT / "docs" / "pictures")
    print(f"{len(made)} pictures: {write_page(options.folder, made)}")


if __name__ == "__main__":
    main()
