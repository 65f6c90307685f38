"""Files over bad lines, restarts and reloads: what is on its way goes on."""

from pathlib import Path

from playwright.sync_api import Dialog, Page, Route, expect

from tests import servers
from tests.browser.conftest import NewPerson
from tests.browser.made import made
from tests.browser.rooms import READY, two_in_a_room
from tests.browser.sending import MB, ON_THE_WAY, PARTS, SENT, saved, send

# A browser that keeps no files, as in a private window.
KEEP_NOTHING = "Object.defineProperty(window, 'indexedDB', { get() { throw new Error('private'); } });"
CHOOSER = f"{ON_THE_WAY} input[type=file]"
LINE = f"{ON_THE_WAY} .upload-line"


class Gate:
    """Lets so many parts of a file through, and holds the next."""

    def __init__(self, page: Page, most: int) -> None:
        self.page, self.left = page, most
        self.held: list[Route] = []
        self.passed: list[int] = []
        page.route(PARTS, self.pass_or_hold)

    def pass_or_hold(self, route: Route) -> None:
        if route.request.method != "PATCH":
            route.continue_()
        elif self.left:
            self.left -= 1
            self.passed.append(int(route.request.headers["upload-offset"]))
            route.continue_()
        else:
            self.held.append(route)

    def wait(self) -> None:
        """Until one is held."""
        for _ in range(600):
            if self.held:
                return
            self.page.wait_for_timeout(50)
        raise TimeoutError

    def open(self) -> None:
        self.left = 1000
        for route in self.held:
            route.continue_()


def test_a_file_goes_on_after_the_server_restarted(new_person: NewPerson, site: servers.Site, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    content = bytes(range(256)) * (12 * MB // 256)
    gate = Gate(alice.page, 2)
    send(alice.page, made(tmp_path, "large.bin", content))
    gate.wait()
    site.kill()
    gate.open()
    expect(alice.page.locator(LINE)).to_have_text("The connection is away. It goes on by itself.")
    site.start()
    expect(bob.page.locator(SENT)).to_have_count(1, timeout=60_000)
    assert saved(bob.page, "large.bin") == content
    # What had arrived was not sent again.
    assert gate.passed.count(0) == 1


def test_a_file_goes_on_after_a_reload(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    content = bytes(range(256)) * (12 * MB // 256)
    gate = Gate(alice.page, 2)
    send(alice.page, made(tmp_path, "large.bin", content), caption="In the end")
    gate.wait()
    # Once the browser keeps the file, nothing is lost, and it does not ask.
    alice.page.reload()
    alice.page.wait_for_selector(READY)
    gate.open()
    expect(bob.page.locator(SENT)).to_have_count(1, timeout=60_000)
    expect(bob.page.locator(".message-caption")).to_have_text("In the end")
    expect(alice.page.locator(ON_THE_WAY)).to_have_count(0)
    assert saved(bob.page, "large.bin") == content
    assert gate.passed.count(0) == 1
    # Nor is it sent again by the next page.
    alice.page.reload()
    alice.page.wait_for_selector(READY)
    expect(alice.page.locator(SENT)).to_have_count(1)
    assert alice.page.locator(ON_THE_WAY).count() == 0


def test_a_file_that_the_browser_could_not_keep_is_asked_for_again(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    page = alice.page
    file = made(tmp_path, "large.bin", b"0123456789" * MB)
    gate = Gate(page, 2)
    send(page, file)
    gate.wait()
    expect(page.locator(f"{ON_THE_WAY} .file-name")).to_have_text("large.bin")
    page.evaluate(FORGET_FILES)
    page.reload()
    page.wait_for_selector(READY)
    expect(page.locator(LINE)).to_contain_text("this browser cannot read it any more")
    gate.open()
    page.set_input_files(CHOOSER, made(tmp_path, "other.bin", b"other"))
    expect(page.locator("[data-target=toast]")).to_contain_text("other.bin is another file.")
    page.set_input_files(CHOOSER, file)
    expect(bob.page.locator(SENT)).to_have_count(1, timeout=60_000)
    assert saved(bob.page, "large.bin") == file.read_bytes()
    assert gate.passed.count(0) == 1


FORGET_FILES = """() => new Promise((resolve) => {
    const opening = indexedDB.open("chatsite-uploads");
    opening.onsuccess = () => {
        const transaction = opening.result.transaction("files", "readwrite");
        transaction.objectStore("files").clear();
        transaction.oncomplete = () => { opening.result.close(); resolve(); };
    };
})"""


def test_the_browser_asks_before_it_leaves_what_would_be_lost(new_person: NewPerson, tmp_path: Path) -> None:
    alice, _ = two_in_a_room(new_person)
    page = alice.page
    page.add_init_script(KEEP_NOTHING)
    page.reload()
    page.wait_for_selector(READY)
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    gate = Gate(page, 0)
    send(page, made(tmp_path, "notes.txt", b"words"))
    gate.wait()
    page.evaluate("() => { location.href = '/rooms/'; }")
    page.wait_for_function("() => true")
    expect(page.locator(ON_THE_WAY)).to_have_count(1)
    assert asked == ["beforeunload"]
    gate.open()
    expect(page.locator(SENT)).to_have_count(1)
    alice.goto("/rooms/")
    assert asked == ["beforeunload"]


def test_two_tabs_send_a_file_once(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    gate = Gate(alice.page, 1)
    send(alice.page, made(tmp_path, "notes.bin", bytes(3 * MB)))
    gate.wait()
    other = alice.context.new_page()
    other.goto(alice.page.url)
    other.wait_for_selector(READY)
    assert other.locator(ON_THE_WAY).count() == 0
    # The tab that sends is closed: the other goes on, and may have to ask how far it is.
    alice.forgive(r"status of 409")
    alice.page.close()
    expect(bob.page.locator(SENT)).to_have_count(1, timeout=60_000)
    expect(other.locator(ON_THE_WAY)).to_have_count(0)
    assert len(saved(bob.page, "notes.bin")) == 3 * MB
