"""Pictures of people: chosen, cut to a square, shown wherever their name is."""

from pathlib import Path

from playwright.sync_api import expect

from tests.browser.conftest import NewPerson
from tests.browser.made import made, picture
from tests.browser.rooms import READY, open_panel, say, two_in_a_room, wait_for_words

FACE = ".log .message .face"
NATURAL = "(image) => image.complete && [image.naturalWidth, image.naturalHeight]"


def test_a_picture_is_shown_to_everybody_at_once(new_person: NewPerson, tmp_path: Path) -> None:
    alice, bob = two_in_a_room(new_person)
    say(alice.page, "Hello.")
    wait_for_words(bob.page, 1)
    expect(bob.page.locator(FACE)).to_have_text("A")
    other = alice.context.new_page()
    other.goto(f"{alice.site.url}/accounts/profile/")
    # Too large to travel, and wider than high: cut and made smaller here.
    other.set_input_files("#picture-file", made(tmp_path, "me.png", picture(3000, 1000)))
    other.get_by_role("button", name="Use this picture").click()
    expect(other.locator("[data-target=face] img")).to_be_visible()
    expect(alice.page.locator(".side-you .face img")).to_be_visible()
    open_panel(bob.page)
    for place in (FACE, "#people .face"):
        face = bob.page.locator(place).locator("img").first
        expect(face).to_be_visible()
        bob.page.wait_for_function(NATURAL, arg=face.element_handle())
        width, height = face.evaluate(NATURAL)
        assert width == height > 0
    bob.page.goto(bob.page.url + "settings/")
    expect(bob.page.locator("[data-person=alice] .face img")).to_be_visible()
    other.get_by_role("button", name="Remove your picture").click()
    expect(other.locator("[data-target=face]")).to_have_text("A")
    expect(alice.page.locator(".side-you .face")).to_have_text("A")
    bob.page.go_back()
    bob.page.wait_for_selector(READY)
    expect(bob.page.locator(FACE)).to_have_text("A")
    assert bob.page.locator(f"{FACE} img").count() == 0


def test_what_is_no_picture_says_so(new_person: NewPerson, tmp_path: Path) -> None:
    alice = new_person("alice")
    page = alice.goto("/accounts/profile/")
    page.set_input_files("#picture-file", made(tmp_path, "me.png", b"not a picture"))
    expect(page.locator("[data-target=problem]")).to_have_text(
        "This browser cannot show that file as a picture. Choose another."
    )
    expect(page.get_by_role("button", name="Use this picture")).to_be_hidden()


def test_the_server_has_the_same_colour_for_a_person_as_the_page(new_person: NewPerson) -> None:
    alice, _ = two_in_a_room(new_person)
    page = alice.page
    # The people are drawn by the script, the members by the server.
    faces = page.locator("#people .face")
    expect(faces).to_have_count(2)
    drawn = {face.inner_text(): face.get_attribute("class") for face in faces.all()}
    page.goto(page.url + "settings/")
    written = {face.inner_text(): face.get_attribute("class") for face in page.locator(".member .face").all()}
    assert written == drawn
