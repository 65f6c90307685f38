"""Every page of the site that a person can look at, for tests that look at all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.browser.conftest import NewPerson, Person
from tests.browser.test_first_light import READY, open_room, say, wait_for_words

NO_ROOM = "/rooms/7b1f4c8e-8a56-4c8b-9a39-0d0c6f6a1a11/"
STRANGERS = [
    "/", "/accounts/login/", "/accounts/signup/", "/accounts/guest/", "/accounts/password/reset/",
    "/accounts/password/reset/done/", "/accounts/confirm-email/", "/accounts/inactive/", "/setup/not-a-token/",
    "/nothing-here/",
]  # fmt: skip
MEMBERS = [
    "/rooms/", "/rooms/?q=nothing+of+this+name", "/rooms/?page=9", "/rooms/new/", NO_ROOM,
    "/accounts/", "/accounts/profile/", "/accounts/email/", "/accounts/password/change/", "/accounts/preferences/",
    "/accounts/sessions/", "/accounts/data/", "/accounts/delete/", "/accounts/keep/", "/accounts/reauthenticate/",
    "/accounts/logout/",
]  # fmt: skip
# What opens over the room's page: the button that opens it, and what is seen then.
OPENED = [
    ("[data-opens=keys]", "#keys[open]"),
    ("[data-opens=leave-dialog]", "#leave-dialog[open]"),
    ("[data-part=sideButton]", "#room-side.is-shown"),
    ("[data-part=panelButton]", "#room-panel.is-shown"),
]


@dataclass
class Cast:
    stranger: Person
    alice: Person
    # Not a member of alice's room.
    bob: Person
    room: str
    quiet_room: str


def come_together(new_person: NewPerson, **options: object) -> Cast:
    stranger = new_person("stranger", sign_up=False, **options)
    alice, bob = new_person("alice", **options), new_person("bob", **options)
    quiet_room = urlsplit(open_room(alice, "Quiet")).path
    room = urlsplit(open_room(alice, "Tea")).path
    say(
        alice.page,
        "Hello, *you*: `code`, https://example.org and > a quote\n\n> quoted\n\n- one\n- two\n\n```\nlong\n```",
    )
    wait_for_words(alice.page, 1)
    for person in (stranger, alice, bob):
        person.forgive(r"status of 4\d\d")
    return Cast(stranger, alice, bob, room, quiet_room)


def every_page(cast: Cast) -> Iterator[tuple[str, Page]]:
    """Lead somebody to each page in turn, and say how to call it."""
    for path in STRANGERS:
        yield f"{path} to a stranger", cast.stranger.goto(path)
    for path in [*MEMBERS, cast.quiet_room, cast.room, f"{cast.room}delete/"]:
        page = cast.alice.goto(path)
        if path in (cast.room, cast.quiet_room):
            page.wait_for_selector(READY)
        yield path, page
    yield "the offer to join", cast.bob.goto(cast.room)
    cast.bob.page.locator("form[action$='/join/'] [type=submit]").click()
    cast.bob.page.wait_for_selector(READY)
    for opener, opened in OPENED:
        page = cast.alice.goto(cast.room)
        page.wait_for_selector(READY)
        # On a phone some buttons are in the panel, and on a wide screen the panels need none.
        if opener.startswith("[data-opens") and page.locator("[data-part=panelButton]").is_visible():
            page.click("[data-part=panelButton]")
        if page.locator(opener).is_visible():
            page.click(opener)
            page.wait_for_selector(opened)
            yield f"the room with {opened}", page
