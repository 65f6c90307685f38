"""Every page of the site that a person can look at, for tests that look at all of them."""

from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from playwright.sync_api import Page

from tests.browser.conftest import NewPerson, Person
from tests.browser.made import picture, sound
from tests.browser.rooms import READY, fill_in_room, open_panel, open_room, say, wait_for_words

# A picture, a text and a sound, each as small as it can be.
FILES = [
    {"name": "sky.png", "mimeType": "image/png", "buffer": picture(640, 480)},
    {"name": "ملاحظات 🌙.txt", "mimeType": "text/plain", "buffer": b"one\ntwo\n" * 20},
    {"name": "hello.wav", "mimeType": "audio/wav", "buffer": sound()},
]
NO_ROOM = "/rooms/7b1f4c8e-8a56-4c8b-9a39-0d0c6f6a1a11/"
STRANGERS = [
    "/", "/accounts/login/", "/accounts/signup/", "/accounts/guest/", "/accounts/password/reset/",
    "/accounts/password/reset/done/", "/accounts/confirm-email/", "/accounts/inactive/", "/setup/not-a-token/",
    "/accounts/keep/confirm/not-a-token/", "/nothing-here/",
]  # fmt: skip
MEMBERS = [
    "/rooms/", "/rooms/?q=nothing+of+this+name", "/rooms/?page=9", "/rooms/new/", NO_ROOM,
    "/accounts/", "/accounts/profile/", "/accounts/email/", "/accounts/password/change/", "/accounts/preferences/",
    "/accounts/sessions/", "/accounts/blocked/", "/accounts/data/",
    "/accounts/delete/", "/accounts/keep/", "/accounts/reauthenticate/",
    "/accounts/logout/",
]  # fmt: skip
# What opens over the room's page: the buttons that lead there, as far as they can be seen, and what is seen then.
ROOMS, PANEL = "[data-target=sideButton]", "[data-target=panelButton]"
OPENED = [
    ([ROOMS], "#room-side.is-shown"),
    ([ROOMS, "[popovertarget=you-menu]"], "#you-menu:popover-open"),
    ([ROOMS, "[popovertarget=you-menu]", "[data-shows=keys]"], "#keys[open]"),
    (["[popovertarget=room-menu]"], "#room-menu:popover-open"),
    (["[popovertarget=room-menu]", "[data-opens=leave-dialog]"], "#leave-dialog[open]"),
    ([PANEL], "#panel-people:not([hidden])"),
    ([PANEL, "#tab-files"], "#panel-files .file-card"),
    ([PANEL, "#tab-pinned"], "#panel-pinned:not([hidden])"),
]


@dataclass
class Cast:
    stranger: Person
    alice: Person
    # Not a member of alice's room.
    bob: Person
    room: str
    quiet_room: str
    # A private room of alice's and bob's, and a link into the quiet one.
    den: str
    link: str


def come_together(new_person: NewPerson, **options: object) -> Cast:
    stranger = new_person("stranger", sign_up=False, **options)
    alice, bob = new_person("alice", **options), new_person("bob", **options)
    quiet_room = urlsplit(open_room(alice, "Quiet")).path
    alice.goto("/rooms/new/").check("[name=kind][value=private]")
    den = urlsplit(fill_in_room(alice, "Den")).path
    settings = alice.goto(f"{den}settings/")
    settings.fill("[name=username]", "bob")
    settings.locator("form[action$='/members/'] [type=submit]").click()
    settings.locator("[data-person=bob]").wait_for()
    settings = alice.goto(f"{quiet_room}settings/")
    settings.locator("form[action$='/invitations/'] [type=submit]").click()
    link = urlsplit(settings.locator(".invitation input[readonly]").input_value()).path
    room = urlsplit(open_room(alice, "Tea")).path
    say(
        alice.page,
        "Hello, *you*: `code`, https://example.org and > a quote\n\n> quoted\n\n- one\n- two\n\n```\nlong\n```",
    )
    wait_for_words(alice.page, 1)
    for person in (stranger, alice, bob):
        person.forgive(r"status of 4\d\d")
    send_files(alice.page)
    return Cast(stranger, alice, bob, room, quiet_room, den, link)


def send_files(page: Page) -> None:
    page.set_input_files("[data-target=fileField]", FILES)
    page.locator(".tray-item").last.wait_for()
    say(page, "Three *files*")
    page.locator(".log .file").nth(len(FILES) - 1).wait_for()


def every_page(cast: Cast) -> Iterator[tuple[str, Page]]:
    """Lead somebody to each page in turn, and say how to call it."""
    for path in STRANGERS:
        yield f"{path} to a stranger", cast.stranger.goto(path)
    settings = [f"{cast.room}settings/", f"{cast.den}settings/", f"{cast.den}settings/?q=nobody", f"{cast.den}kind/"]
    for path in [*MEMBERS, *settings, cast.quiet_room, cast.den, cast.room, f"{cast.room}delete/"]:
        page = cast.alice.goto(path)
        if path in (cast.room, cast.quiet_room, cast.den):
            page.wait_for_selector(READY)
        yield path, page
    page = cast.alice.goto(f"{cast.den}settings/")
    page.locator("[data-person=bob] .btn-outline-danger").click()
    yield "the question before a removal", page
    page = cast.alice.goto(f"{cast.den}settings/")
    page.locator("[data-person=bob] form[action='/rooms/direct/'] [type=submit]").click()
    page.wait_for_selector(READY)
    yield "a private talk", page
    yield "the settings of a private talk", cast.alice.goto(f"{urlsplit(page.url).path}settings/")
    page = cast.alice.goto(cast.den)
    page.wait_for_selector(READY)
    # As from a page that is older than her being the only admin: hers says what to do, and has no such button.
    page.locator("#leave-dialog form").evaluate("(form) => form.submit()")
    page.wait_for_selector(".members")
    yield "the members of whom one can be admin next", page
    yield "an invitation", cast.bob.goto(cast.link)
    yield "a link that has ended", cast.alice.goto("/rooms/invitations/not-a-code/")
    yield "the offer to join", cast.bob.goto(cast.room)
    cast.bob.page.locator("form[action$='/join/'] [type=submit]").click()
    cast.bob.page.wait_for_selector(READY)
    cast.bob.page.locator(".message-more").first.press("Enter")
    yield "the menu of a message", cast.bob.page
    cast.bob.page.locator(".menu-item").last.click()
    yield "the report of a message", cast.bob.page
    cast.bob.page.keyboard.press("Escape")
    cast.bob.page.locator("#composer-recipient").press_sequentially("al")
    cast.bob.page.locator(".composer-recipient [role=option]").first.click()
    yield "words to one person", cast.bob.page
    cast.bob.page.set_input_files("[data-target=fileField]", FILES)
    cast.bob.page.locator(".tray-item").last.wait_for()
    yield "files that are chosen", cast.bob.page
    cast.bob.page.locator(".tray-remove").evaluate_all("(buttons) => buttons.forEach((button) => button.click())")
    cast.bob.page.locator(".log .file-picture").click()
    yield "a picture, looked at", cast.bob.page
    yield "the files of a room", cast.bob.goto(f"{cast.room}files/")
    yield "a room without files", cast.alice.goto(f"{cast.quiet_room}files/")
    yield from what_opens(cast)


def what_opens(cast: Cast) -> Iterator[tuple[str, Page]]:
    for buttons, opened in OPENED:
        # From elsewhere: a page that is loaded again is as it was, with what is open.
        cast.alice.goto("/rooms/keys/")
        page = cast.alice.goto(cast.room)
        page.wait_for_selector(READY)
        for button in buttons:
            # On a wide screen the rooms are there already, and so is the panel, once it has been opened.
            if button == PANEL:
                open_panel(page)
            elif page.locator(button).is_visible():
                page.click(button)
        if opened == "#room-side.is-shown" and not page.locator(ROOMS).is_visible():
            continue
        page.wait_for_selector(opened)
        yield f"the room with {opened}", page
