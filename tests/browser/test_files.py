"""Files from one browser to another: chosen, sent, looked at, saved."""

import re
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Request, Route, expect

from tests.browser.conftest import NewPerson, Person
from tests.browser.made import bomb, made, picture, sound
from tests.browser.rooms import READY, open_panel, open_room_menu, say, two_in_a_room
from tests.browser.sending import MB, ON_THE_WAY, PARTS, SENT, TRAY, choose, saved, send
from tests.servers import Site

FETCH = (
    "async (url) => { const a = await fetch(url); return [a.status, Object.fromEntries(a.headers), await a.text()]; }"
)

# Of the picture in the viewer, of the place that it has, and of the picture as it is; 0 until it is here.
HEIGHTS = """() => {
    const picture = document.querySelector(".viewer-stage img");
    return [picture.getBoundingClientRect().height, picture.parentElement.clientHeight, picture.naturalHeight];
}"""


def names(page: Page) -> list[str]:
    return page.locator(f"{SENT} .file-name").all_inner_texts()


def test_a_file_goes_from_one_to_the_other_with_its_caption(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    send(alice.page, made(tmp_path, "notes.txt", b"one\ntwo\n"), caption="As *promised*.")
    for page in (alice.page, bob.page):
        expect(page.locator(SENT)).to_have_count(1)
        expect(page.locator(".log .message-caption em")).to_have_text("promised")
        expect(page.locator(".file-preview")).to_have_text("one\ntwo\n")
        # No line is cut in half.
        height, line = page.locator(".file-preview").evaluate(
            "(node) => [node.clientHeight, parseFloat(getComputedStyle(node).lineHeight)]"
        )
        assert height % line == 0
        expect(page.locator(".file-facts")).to_have_text("TXT · 8 bytes")
    expect(alice.page.locator(ON_THE_WAY)).to_have_count(0)
    assert saved(bob.page, "notes.txt") == b"one\ntwo\n"


def test_several_files_arrive_whole_and_in_their_order(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    large = bytes(range(256)) * (30 * MB // 256)
    files = [
        made(tmp_path, "nothing.bin", b""),
        made(tmp_path, "large.bin", large),
        made(tmp_path, "صورة القمر 🌙.png", picture(40, 30)),
    ]
    send(alice.page, *files, caption="Three of them")
    say(alice.page, "And words, which need not wait.")
    expect(bob.page.locator(".message-body", has_text="And words")).to_be_visible()
    expect(bob.page.locator(SENT)).to_have_count(3, timeout=60_000)
    assert names(bob.page) == [file.name for file in files]
    expect(bob.page.locator(".message-caption")).to_have_count(1)
    for file in files:
        assert saved(bob.page, file.name) == file.read_bytes()


def test_what_has_not_arrived_whole_is_in_nobodys_transcript(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    held: list[Route] = []
    alice.page.route(re.compile(r"/files/[^/]+/finish"), lambda route: held.append(route))  # noqa: PLW0108
    send(alice.page, made(tmp_path, "slow.bin", b"x" * 1000))
    expect(alice.page.locator(".upload-line")).to_have_text("Almost there: the site looks at the file.")
    assert bob.page.locator(SENT).count() == 0
    held[0].continue_()
    expect(bob.page.locator(SENT)).to_have_count(1)


def test_pictures_are_shown_small_and_looked_at_large_by_keyboard(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    sizes = {"red": (1200, 800), "green": (600, 3000), "blue": (300, 200)}
    files = [made(tmp_path, f"{colour}.png", picture(*size, colour=colour)) for colour, size in sizes.items()]
    send(alice.page, *files)
    page = bob.page
    expect(page.locator(".file-picture img")).to_have_count(3)
    small = page.locator(".file-picture img").first
    # Its place is kept before it is here: nothing jumps.
    assert (small.get_attribute("width"), small.get_attribute("height")) == ("320", "213")
    page.locator(".file-picture").nth(1).focus()
    page.keyboard.press("Enter")
    viewer = page.locator(".viewer")
    expect(viewer).to_be_visible()
    expect(viewer.locator(".viewer-name")).to_have_text("green.png")
    # A tall picture is seen whole, and then as large as it is.
    page.wait_for_function(f"() => {{ const [shown, stage, whole] = ({HEIGHTS})(); return whole && shown <= stage; }}")
    page.keyboard.press("+")
    expect(viewer).to_have_class(re.compile("is-zoomed"))
    page.wait_for_function(f"() => {{ const [shown, stage, whole] = ({HEIGHTS})(); return shown === whole; }}")
    page.keyboard.press("ArrowRight")
    expect(viewer.locator(".viewer-name")).to_have_text("blue.png")
    expect(viewer.get_by_role("button", name="Picture after")).to_be_disabled()
    # A small one is as large as it is already.
    expect(viewer.get_by_role("button", name="Full size")).to_be_disabled()
    for _ in range(3):
        page.keyboard.press("ArrowLeft")
    expect(viewer.locator(".viewer-name")).to_have_text("red.png")
    page.keyboard.press("Escape")
    expect(viewer).to_be_hidden()
    red = page.locator(".file-picture").filter(has=page.get_by_alt_text("Picture: red.png"))
    expect(red).to_be_focused()


def test_what_only_says_that_it_is_a_picture_has_an_icon_while_it_waits(new_person: NewPerson, tmp_path: Path) -> None:
    alice, _ = two_in_a_room(new_person)
    choose(alice.page, made(tmp_path, "true.png", picture(40, 30)), made(tmp_path, "false.png", b"no picture"))
    waiting = alice.page.locator(TRAY)
    expect(waiting.filter(has_text="true.png").locator("img")).to_be_visible()
    expect(waiting.filter(has_text="false.png").locator("img")).to_have_count(0)
    expect(waiting.filter(has_text="false.png").locator(".file-icon")).to_be_visible()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("page.gif", b"GIF89a/*<html><script>document.title='ran'</script>*/=1;\n" + bytes(40)),
        ("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"><script>document.title="ran"</script></svg>'),
        ("page.html", b"<!doctype html><script>document.title='ran'</script>"),
    ],
    ids=["polyglot", "svg", "html"],
)
def test_a_file_with_a_script_in_it_is_saved_and_never_run(
    new_person: NewPerson, tmp_path: Path, name: str, content: bytes
) -> None:
    alice, bob = two_in_a_room(new_person)
    send(alice.page, made(tmp_path, name, content))
    page = bob.page
    expect(page.locator(SENT)).to_have_count(1)
    expect(page.locator(".file-picture")).to_have_count(0)
    url = page.locator(f"{SENT} .file-save").get_attribute("href") or ""
    status, headers, _ = page.evaluate(FETCH, url)
    assert status == 200
    assert headers["content-disposition"].startswith("attachment")
    assert headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in headers["content-security-policy"]
    assert "html" not in headers["content-type"]
    assert "svg" not in headers["content-type"]
    assert saved(page, name) == content
    bob.forgive("status of 404")
    for shown in ("view", "thumbnail", "preview"):
        status, headers, _ = page.evaluate(FETCH, f"{url}/{shown}")
        assert status == 404 or headers["content-type"].startswith("text/plain")


def test_a_decompression_bomb_is_refused_and_says_why(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    # The site forgets the file with its no: there is nothing to take back.
    alice.forgive("status of 4(04|15|22)")
    send(alice.page, made(tmp_path, "bomb.png", bomb(60_000, 60_000)))
    expect(alice.page.locator(f"{ON_THE_WAY} .upload-line")).to_contain_text("bomb.png was not sent.")
    expect(alice.page.get_by_role("button", name="Try again")).to_be_visible()
    alice.page.get_by_role("button", name="Cancel").click()
    expect(alice.page.locator(ON_THE_WAY)).to_have_count(0)
    say(alice.page, "Sorry.")
    expect(bob.page.locator(".message-body")).to_have_text("Sorry.")


def test_a_file_over_the_limit_is_told_before_a_byte_travels(new_person: NewPerson, tmp_path: Path) -> None:
    alice, _ = two_in_a_room(new_person)
    asked: list[Request] = []
    alice.page.on("request", lambda request: asked.append(request) if "/files" in urlsplit(request.url).path else None)
    large = tmp_path / "large.bin"
    with large.open("wb") as file:
        file.truncate(101 * MB)
    choose(alice.page, large, made(tmp_path, "run.exe", b"MZ"), made(tmp_path, "fine.txt", b"fine"))
    problem = alice.page.locator("[data-target=trayProblem]")
    expect(problem).to_contain_text("“large.bin” is too large: it has 101 MB, and a file may have 100 MB at most.")
    expect(problem).to_contain_text("“run.exe” cannot be sent here")
    expect(alice.page.locator(TRAY)).to_have_count(1)
    assert [request for request in asked if "/api/" in request.url] == []


def test_files_are_taken_back_before_and_while_they_travel(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    page = alice.page
    page.route(PARTS, lambda route: None if route.request.method == "PATCH" else route.continue_())
    one, two = made(tmp_path, "one.txt", b"one"), made(tmp_path, "two.txt", b"two")
    choose(page, one, two)
    page.get_by_role("button", name="Do not send one.txt").press("Enter")
    expect(page.locator(TRAY)).to_have_count(1)
    assert page.evaluate("() => document.activeElement.textContent") == "Do not send two.txt"
    with page.expect_request(lambda request: request.method == "PATCH"):
        say(page, "")
    with page.expect_request(lambda request: request.method == "DELETE"):
        page.locator(ON_THE_WAY).get_by_role("button", name="Cancel").click()
    expect(page.locator(ON_THE_WAY)).to_have_count(0)
    page.reload()
    page.wait_for_selector(READY)
    say(page, "Nothing came.")
    expect(bob.page.locator(".message-body")).to_have_text("Nothing came.")
    assert page.locator(ON_THE_WAY).count() == 0


def test_a_file_for_one_person_is_seen_by_nobody_else(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    charlie = new_person("charlie")
    join_tea(charlie)
    page = alice.page
    page.fill("#composer-recipient", "bob")
    page.locator(".composer-recipient [role=option]").first.click()
    send(page, made(tmp_path, "secret.txt", b"only for bob"), caption="Psst")
    aside = page.locator(".is-private-echo")
    expect(aside.locator(".file-name")).to_have_text("secret.txt")
    expect(aside).to_contain_text("Privately to bob")
    url = aside.locator(".file-save").get_attribute("href")
    page.get_by_role("button", name="Write to everyone").click()
    say(page, "For everyone.")
    for other in (bob, charlie):
        expect(other.page.locator(".message-body")).to_have_text("For everyone.")
        assert other.page.locator(".file").count() == 0
    charlie.forgive("status of 404")
    assert [person.page.evaluate(FETCH, url)[0] for person in (bob, charlie)] == [200, 404]
    bob.page.locator("#side-directs").get_by_role("link", name="alice").click()
    bob.page.wait_for_selector(READY)
    assert saved(bob.page, "secret.txt") == b"only for bob"


def join_tea(person: Person) -> None:
    page = person.goto("/rooms/")
    page.locator("li, article, .card", has_text="Tea").get_by_role("button", name="Join").first.click()
    page.wait_for_selector(READY)


def test_without_sockets_files_come_and_go_all_the_same(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person, websockets=False)
    send(alice.page, made(tmp_path, "notes.txt", b"words"), caption="By hand")
    expect(bob.page.locator(".file-preview")).to_have_text("words")
    expect(alice.page.locator(ON_THE_WAY)).to_have_count(0)
    assert saved(bob.page, "notes.txt") == b"words"


DROP = """([name, content]) => {
    const data = new DataTransfer();
    data.items.add(new File([content], name, { type: "text/plain" }));
    const place = document.querySelector(".transcript");
    for (const kind of ["dragover", "drop"]) {
        if (kind === "drop") window.veil = document.querySelector(".drop-veil").innerText;
        place.dispatchEvent(new DragEvent(kind, { dataTransfer: data, bubbles: true, cancelable: true }));
    }
}"""
PASTE = """([name, content, words]) => {
    const data = new DataTransfer();
    data.items.add(new File([content], name, { type: "image/png" }));
    for (const kind of words ? ["text/plain", "text/html"] : []) data.setData(kind, words);
    const event = new ClipboardEvent("paste", { clipboardData: data, bubbles: true, cancelable: true });
    return document.querySelector("#composer-field").dispatchEvent(event);
}"""


def test_files_are_dropped_on_the_room_and_pasted(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    page = alice.page
    page.evaluate(DROP, ["dropped.txt", "dropped"])
    assert page.evaluate("() => window.veil") == "Drop files here to send them to everyone in this room"
    expect(page.locator(TRAY)).to_have_count(1)
    expect(page.locator(".drop-veil")).to_be_hidden()
    # Words from an office program bring a picture of themselves along.
    assert page.evaluate(PASTE, ["words.png", "x", "words"])
    assert not page.evaluate(PASTE, ["image.png", "x", ""])
    expect(page.locator(TRAY)).to_have_count(2)
    say(page, "")
    expect(bob.page.locator(SENT)).to_have_count(2)
    assert names(bob.page) == ["dropped.txt", "image.png"]


SAVE_INTO_THE_PAGE = """() => {
    window.showSaveFilePicker = async ({ suggestedName }) => {
        window.asked = suggestedName;
        const folder = await navigator.storage.getDirectory();
        return window.handle = await folder.getFileHandle("saved", { create: true });
    };
}"""
READ_SAVED = "async () => [window.asked, await (await window.handle.getFile()).text()]"


def test_saving_asks_where_and_under_which_name_where_the_browser_can(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    send(alice.page, made(tmp_path, "notes.txt", b"words"))
    bob.page.evaluate(SAVE_INTO_THE_PAGE)
    bob.page.locator(f"{SENT} .file-save").click()
    bob.page.wait_for_function("() => window.handle")
    expect(bob.page.locator(f"{SENT} .file-save")).not_to_have_attribute("aria-busy", "true")
    bob.page.wait_for_function("async () => (await window.handle.getFile()).size === 5")
    assert bob.page.evaluate(READ_SAVED) == ["notes.txt", "words"]


def test_the_room_has_one_list_of_its_files(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    open_room_menu(bob.page)
    bob.page.get_by_role("link", name="Files of this room").click()
    expect(bob.page.locator("main")).to_contain_text("No file has been sent here yet.")
    send(
        alice.page, made(tmp_path, "notes.txt", b"words"), made(tmp_path, "sky.png", picture(640, 480)), caption="Look"
    )
    expect(alice.page.locator(SENT)).to_have_count(2)
    page = bob.page
    page.reload()
    assert page.locator(".file-name").all_inner_texts() == ["sky.png", "notes.txt"]
    page.locator(".file-picture").click()
    expect(page.locator(".viewer-name")).to_have_text("sky.png")
    page.keyboard.press("Escape")
    assert saved(page, "notes.txt") == b"words"


def test_a_screen_reader_hears_who_sent_which_file(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    send(alice.page, made(tmp_path, "notes.txt", b"words"), caption="As promised")
    expect(bob.page.locator("[data-target=announcer]")).to_have_text("alice sent a file: notes.txt. As promised")


def test_files_of_somebody_blocked_are_folded_away(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    send(alice.page, made(tmp_path, "sky.png", picture(64, 48)))
    page = bob.page
    expect(page.locator(".file-picture")).to_be_visible()
    open_panel(page)
    page.locator("#people button", has_text="alice").click()
    page.get_by_role("menuitem", name="Block").click()
    expect(page.locator(".file-picture")).to_be_hidden()
    page.get_by_role("button", name="Show").click()
    expect(page.locator(".file-picture")).to_be_visible()
    page.goto(page.url + "files/")
    expect(page.locator(".file-picture")).to_be_hidden()
    page.get_by_text("A file of somebody you have blocked.").click()
    expect(page.locator(".file-picture")).to_be_visible()


def test_files_are_sent_by_keyboard_alone(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    page = alice.page
    # Playwright asks to be told of the chooser, and does not wait until the browser has heard it.
    with page.expect_file_chooser() as chooser:
        page.keyboard.press("Escape")
        expect(page.locator("#transcript .system-message").last).to_be_focused()
        page.keyboard.press("f")
    chooser.value.set_files(made(tmp_path, "notes.txt", b"words"))
    expect(page.locator(TRAY)).to_have_count(1)
    expect(page.locator("#composer-field")).to_be_focused()
    page.keyboard.type("By keyboard")
    page.keyboard.press("Enter")
    expect(bob.page.locator(SENT)).to_have_count(1)
    expect(page.locator("#composer-field")).to_be_focused()


def test_a_file_that_was_erased_leaves_a_tombstone(new_person: NewPerson, site: Site, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    send(alice.page, made(tmp_path, "sky.png", picture(64, 48)), caption="Look")
    expect(bob.page.locator(".file-picture")).to_be_visible()
    url = bob.page.locator(f"{SENT} .file-save").get_attribute("href")
    bob.forgive("status of 404")
    site.manage("shell", "-c", ERASE)
    for page in (alice.page, bob.page):
        expect(page.locator(".message-body")).to_have_text("This message was erased by the site’s admins.")
        assert page.locator(SENT).count() == 0
    assert bob.page.evaluate(FETCH, url)[0] == 404
    bob.page.goto(bob.page.url + "files/")
    expect(bob.page.locator("main")).to_contain_text("No file has been sent here yet.")


ERASE = """
from accounts.models import User
from rooms.actions.moderation import redact_message
from rooms.models import Message
dana = User.objects.create_superuser("dana", "dana@example.org", "correct horse")
message = Message.objects.get(kind="file")
redact_message(message.room, actor=dana, seq=message.seq)
"""


def test_sounds_are_played_by_the_browser(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    send(alice.page, made(tmp_path, "hello.wav", sound()))
    player = bob.page.locator("audio.file-player")
    expect(player).to_have_attribute("preload", "none")
    assert player.evaluate("(audio) => audio.play().then(() => audio.duration)") == 1
