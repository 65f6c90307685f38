"""The whole life of a private room, with three people in three browsers."""

import re
from urllib.parse import urlsplit

from playwright.sync_api import Locator, Page, Route, expect

from tests import servers
from tests.browser.conftest import NewPerson, Person
from tests.browser.rooms import READY, join, open_room, open_room_menu, say, two_in_a_room, wait_for_words

# The question that tells a settings page whether it is still true.
ROOM_ITSELF = re.compile(r"/api/(?:v1/)?rooms/[^/?]+\?$")
# What the page shows of the talk; what is folded away or only the writer's own does not count.
WORDS = "#transcript .log .entry:not(.is-folded) .message-body"
ERASE = """
from accounts.models import User
from rooms.actions.moderation import redact_message
from rooms.models import Message
dana = User.objects.create_superuser("dana", "dana@example.org", None)
row = Message.objects.get(body="Something dreadful.")
redact_message(row.room, actor=dana, seq=row.seq)
"""


def open_private(person: Person, name: str) -> str:
    page = person.goto("/rooms/new/")
    page.fill("[name=name]", name)
    page.get_by_label("Private:").check()
    page.locator("form:has([name=name]) [type=submit]").click()
    page.wait_for_selector(READY)
    return urlsplit(page.url).path


def add_by_suggestion(page: Page, beginning: str, username: str) -> None:
    field = page.get_by_role("combobox", name="Username")
    field.press_sequentially(beginning)
    expect(page.get_by_role("option", name=username)).to_be_visible()
    field.press("ArrowDown")
    field.press("Enter")
    expect(field).to_have_value(username)
    field.press("Enter")
    expect(member(page, username)).to_be_visible()


def member(page: Page, username: str) -> Locator:
    return page.locator(f".member[data-person={username}]")


def talk_to(page: Page, username: str) -> None:
    """Choose in the To field whom the next words are for."""
    page.get_by_role("combobox", name="To", exact=True).press_sequentially(username[:2])
    page.get_by_role("option", name=username).click()
    expect(page.get_by_text(f"Privately to {username}").first).to_be_visible()


def enter(person: Person, room: str) -> Page:
    page = person.goto(room)
    page.wait_for_selector(READY)
    return page


def test_the_whole_life_of_a_private_room(new_person: NewPerson) -> None:
    alice, bob, charlie = new_person("alice"), new_person("bob", phone=True), new_person("charlie")
    for person in (alice, bob, charlie):
        person.forgive(r"status of 4\d\d")
    room = open_private(alice, "Den")
    say(alice.page, "Before anybody came.")
    wait_for_words(alice.page, 1)

    # Nobody else sees that it is there.
    assert "Den" not in charlie.goto("/rooms/").inner_text("main")
    assert "Den" not in charlie.goto(room).inner_text("main")

    # Bob is added by a suggestion; charlie comes by a link, which a stranger would be led back to.
    settings = alice.goto(f"{room}settings/")
    add_by_suggestion(settings, "b", "bob")
    settings.get_by_label("People (optional)").fill("1")
    settings.get_by_role("button", name="Make a link").click()
    link = urlsplit(settings.get_by_role("textbox", name="Invitation link").input_value()).path
    invited = charlie.goto(link)
    expect(invited.get_by_text("alice invites you to this room.")).to_be_visible()
    invited.get_by_role("button", name="Join this room").click()
    invited.wait_for_selector(READY)
    assert [words for _, words in wait_for_words(invited, 1)] == ["Before anybody came."]

    # The settings page is true without a reload, and bob's grows when he becomes an admin.
    expect(member(settings, "charlie")).to_be_visible()
    his = bob.goto(f"{room}settings/")
    expect(his.get_by_role("button", name="Make a link")).to_be_hidden()
    member(settings, "bob").get_by_role("button", name="Make admin").click()
    expect(his.get_by_role("button", name="Make a link")).to_be_visible()
    member(his, "alice").get_by_role("button", name="Take the admin role").click()
    expect(settings.get_by_role("button", name="Make a link")).to_be_hidden()

    # The removed page closes at once, the link is no way back, and adding gives the whole transcript back.
    member(his, "charlie").get_by_role("link", name="Remove").click()
    his.get_by_role("button", name="Remove them").click()
    expect(invited.locator("#ending")).to_be_visible()
    assert "You were removed from this room." in charlie.goto(room).inner_text("main")
    assert "Den" not in charlie.goto("/rooms/").inner_text("main")
    say(enter(alice, room), "While charlie was away.")
    wait_for_words(alice.page, 2)
    add_by_suggestion(his, "ch", "charlie")
    hers = enter(charlie, room)
    assert [words for _, words in wait_for_words(hers, 2)] == ["Before anybody came.", "While charlie was away."]

    become_public_and_end(alice, bob, hers, room)


def test_a_role_that_comes_while_the_settings_are_on_their_way_is_seen(new_person: NewPerson) -> None:
    alice, bob = new_person("alice"), new_person("bob")
    room = open_private(alice, "Den")
    settings = alice.goto(f"{room}settings/")
    add_by_suggestion(settings, "b", "bob")
    waiting: list[Route] = []
    bob.page.route(ROOM_ITSELF, lambda route: waiting.append(route))  # noqa: PLW0108
    his = bob.goto(f"{room}settings/")
    expect(member(his, "bob")).to_be_visible()
    member(settings, "bob").get_by_role("button", name="Make admin").click()
    expect(member(settings, "bob").get_by_role("button", name="Take the admin role")).to_be_visible()
    assert waiting
    for question in waiting:
        question.continue_()
    expect(his.get_by_role("button", name="Make a link")).to_be_visible()


def become_public_and_end(alice: Person, bob: Person, hers: Page, room: str) -> None:
    # It becomes public only after a page that says what it means; who is here sees it.
    expect(hers.locator("[data-target=roomKind]")).to_be_visible()
    his = bob.goto(f"{room}settings/")
    his.get_by_role("link", name="Make it public").click()
    expect(his.get_by_text("The whole transcript becomes readable")).to_be_visible()
    his.get_by_role("button", name="Make it public").click()
    expect(hers.get_by_text("bob made the room public")).to_be_visible()
    expect(hers.locator("[data-target=roomKind]")).to_be_hidden()

    # The only admin is offered somebody to appoint, then gives up the role and leaves in one step.
    his.get_by_role("link", name="Choose one of the members").click()
    member(his, "alice").get_by_role("button", name="Make admin").click()
    his.get_by_role("button", name="Give up the role and leave").click()
    expect(his.get_by_text("You have left “Den”.")).to_be_visible()

    # Deleting tells who is here, and leads them to their list.
    settings = alice.goto(f"{room}settings/")
    settings.get_by_role("link", name="Delete the room").click()
    settings.get_by_role("button", name="Delete the room").click()
    expect(hers.locator("#ending")).to_be_visible()
    hers.locator("[data-target=endedLink]").click()
    hers.wait_for_url("**/rooms/")
    assert "Den" not in hers.inner_text("main")


def test_words_to_one_person_reach_them_alone_without_leaving_the_room(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    charlie = new_person("charlie")
    join(charlie, "Tea")
    talk_to(alice.page, "bob")
    say(alice.page, "Only for you.")
    aside = alice.page.locator(".is-private-echo")
    expect(aside).to_contain_text("Only for you.")
    # The choice stays, and stays visible, until it is changed.
    expect(alice.page.locator("[data-target=recipientChip]")).to_be_visible()
    alice.page.get_by_role("button", name="Write to everyone").click()
    say(alice.page, "For everyone.")
    for person in (alice, bob, charlie):
        expect(person.page.locator(WORDS).last).to_have_text("For everyone.")
    assert "Only for you." not in charlie.page.content()
    assert "Only for you." not in bob.page.locator("#transcript").inner_text()
    # It stays in its place over a reload.
    alice.page.reload()
    alice.page.wait_for_selector(READY)
    expect(aside).to_contain_text("Only for you.")
    assert alice.page.locator(".is-private-echo + .entry .message-body").inner_text() == "For everyone."
    # Bob learns of it where he is, and finds it in their own talk.
    talks = bob.page.locator("#side-directs")
    expect(talks).to_contain_text("alice")
    expect(talks).to_contain_text("1 unread")
    talks.get_by_role("link", name="alice").click()
    expect(bob.page.locator("#room-name")).to_contain_text("alice")
    assert [words for _, words in wait_for_words(bob.page, 1)] == ["Only for you."]
    expect(bob.page.locator("#composer-recipient")).to_have_count(0)


def test_who_types_on_and_presses_enter_at_once_gets_nobody_who_fitted_the_words_before(new_person: NewPerson) -> None:
    alice, _bob = two_in_a_room(new_person)
    bea = new_person("bea")
    join(bea, "Tea")
    alice.page.get_by_role("combobox", name="To", exact=True).press_sequentially("b")
    options = alice.page.get_by_role("option")
    expect(options).to_have_count(2)
    second = options.all_inner_texts()[1].strip()
    # In one go, as fast as no answer comes from anywhere.
    alice.page.evaluate(
        """(words) => {
          const field = document.getElementById("composer-recipient");
          field.value = words;
          field.dispatchEvent(new Event("input", { bubbles: true }));
          field.dispatchEvent(new KeyboardEvent("keydown", { key: "Enter", bubbles: true, cancelable: true }));
        }""",
        second[:2],
    )
    expect(alice.page.get_by_text(f"Privately to {second}").first).to_be_visible()


def test_a_name_that_is_not_chosen_keeps_the_words_from_everyone(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    alice.page.fill("#composer-recipient", "nobody of this name")
    say(alice.page, "A secret.")
    expect(alice.page.locator("#composer-recipient")).to_be_focused()
    expect(alice.page.locator("#composer-field")).to_have_value("A secret.")
    alice.page.fill("#composer-recipient", "")
    alice.page.press("#composer-field", "Enter")
    wait_for_words(bob.page, 1)


LINES_OF_ITEMS = """() => [...document.querySelectorAll(".menu-item")].map((item) => {
    const words = document.createRange();
    // Behind its icon.
    words.selectNodeContents(item.lastChild);
    return words.getClientRects().length;
})"""


def test_who_is_blocked_is_folded_away_and_cannot_write_privately(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    for person in (alice, bob):
        person.forgive(r"status of 403")
    say(alice.page, "Something tiresome.")
    wait_for_words(bob.page, 1)
    # On a narrow phone, whose letters are wide, where a menu of fewer words was before.
    bob.page.set_viewport_size({"width": 360, "height": 740})
    bob.page.locator("[data-target=menu]").evaluate(
        "(menu) => { menu.style.fontFamily = 'monospace'; menu.style.left = '144px'; }"
    )
    for is_meant in (False, True):
        bob.page.locator(".message-more").last.press("Enter")
        # What is in menus comes with the first of them.
        expect(bob.page.locator(".menu-item")).to_have_count(6)
        assert bob.page.evaluate(LINES_OF_ITEMS) == [1] * 6
        bob.page.get_by_role("menuitem", name="Block").click()
        expect(bob.page.locator(WORDS)).to_have_count(0)
        news = bob.page.locator("[data-target=toast]")
        expect(news).to_contain_text("You have blocked alice.")
        # It covers no words.
        line, view = news.bounding_box(), bob.page.locator("#transcript").bounding_box()
        assert line is not None
        assert view is not None
        assert line["y"] >= view["y"] + view["height"]
        if not is_meant:
            news.get_by_role("button", name="Undo").click()
            expect(bob.page.locator(WORDS)).to_have_text(["Something tiresome."])
            expect(bob.page.locator("#transcript")).to_be_focused()
    say(alice.page, "And more.")
    fold = bob.page.get_by_text("A message of somebody you have blocked.")
    expect(fold).to_have_count(2)
    bob.page.get_by_role("button", name="Show").last.click()
    expect(bob.page.locator(WORDS)).to_have_text(["And more."])
    talk_to(alice.page, "bob")
    say(alice.page, "A private word?")
    expect(alice.page.locator(".message-failure-reason")).to_contain_text("not possible")
    # Not by whom, and nothing is lost: the words go back to where they were written, still for bob alone.
    alice.page.get_by_role("button", name="Edit").click()
    expect(alice.page.locator("#composer-field")).to_have_value("A private word?")
    expect(alice.page.locator("[data-target=recipientChip]")).to_be_visible()
    # Unblocked on the account's page, all is there again.
    account = bob.context.new_page()
    account.goto(f"{bob.site.url}/accounts/blocked/")
    account.get_by_role("button", name="Unblock").click()
    expect(account.get_by_text("You have blocked nobody.")).to_be_visible()
    expect(bob.page.locator(WORDS)).to_have_text(["Something tiresome.", "And more."])


def test_a_message_is_reported_and_erased_on_open_pages(new_person: NewPerson, site: servers.Site) -> None:
    alice, bob = two_in_a_room(new_person)
    say(alice.page, "Something dreadful.")
    wait_for_words(bob.page, 1)
    bob.page.locator(".message-more").press("Enter")
    bob.page.get_by_role("menuitem", name="Report…").press("Enter")
    bob.page.get_by_label("What is wrong with it?").fill("It is dreadful.")
    bob.page.get_by_role("button", name="Report", exact=True).click()
    expect(bob.page.get_by_text("Thank you.")).to_be_visible()
    site.manage("shell", "-v0", "-c", ERASE)
    for person in (alice, bob):
        expect(person.page.locator(WORDS)).to_have_text(["This message was erased by the site’s admins."])
        expect(person.page.get_by_text("dana erased a message of alice.")).to_be_visible()
    assert "dreadful" not in enter(alice, urlsplit(alice.page.url).path).inner_text("#transcript")
    assert "All 1 transcripts verify." in site.manage("verify_transcripts")


def test_what_is_unread_shows_at_once_in_the_list_and_reading_elsewhere_clears_it(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    tea = urlsplit(bob.page.url).path
    open_room(bob, "Jazz")
    cards = bob.goto("/rooms/").locator("[data-scope=mine] .room-card-name a")
    expect(cards).to_have_text(["Jazz", "Tea"])
    for number in range(3):
        say(alice.page, f"message {number}")
    card = bob.page.locator(".room-card", has_text="Tea")
    expect(card.locator("[data-unread]")).to_have_text("3 unread")
    expect(cards).to_have_text(["Tea", "Jazz"])
    other = bob.context.new_page()
    other.goto(bob.site.url + tea)
    wait_for_words(other, 3)
    expect(card.locator("[data-unread]")).to_be_hidden()
    open_room_menu(other)
    other.get_by_role("button", name="Mute").click()
    expect(card).to_contain_text("muted")
    other.close()
    say(alice.page, "Not so loud.")
    wait_for_words(alice.page, 4)
    expect(card.locator("[data-unread]")).to_be_hidden()


def test_a_private_talk_is_put_away_and_comes_back_with_new_words(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person)
    # From anybody's name: also from the line that says that they came.
    alice.page.locator(".system-message").get_by_role("button", name="bob", exact=True).click()
    alice.page.get_by_role("menuitem", name="Message privately").click()
    alice.page.wait_for_selector(READY)
    expect(alice.page.locator("#room-name")).to_contain_text("bob")
    say(alice.page, "Hello.")
    wait_for_words(alice.page, 1)
    open_room_menu(alice.page)
    alice.page.get_by_role("button", name="Put away").click()
    alice.page.get_by_role("dialog").get_by_role("button", name="Put away").click()
    expect(alice.page.get_by_text("You have put away the talk with bob.")).to_be_visible()
    expect(alice.page.locator(".room-card", has_text="bob")).to_have_count(0)
    bob.page.locator("#side-directs").get_by_role("link").click()
    expect(bob.page.locator("[data-target=roomName]")).to_have_text("alice")
    say(bob.page, "Hello again.")
    expect(alice.page.locator(".room-card", has_text="bob").locator("[data-unread]")).to_have_text("1 unread")


def test_without_sockets_words_still_go_to_one_person_and_the_lists_still_learn_of_talk(new_person: NewPerson) -> None:
    alice, bob = two_in_a_room(new_person, websockets=False)
    bob.goto("/rooms/")
    talk_to(alice.page, "bob")
    say(alice.page, "Only for you.")
    expect(alice.page.locator(".is-private-echo")).to_contain_text("Only for you.")
    alice.page.get_by_role("button", name="Write to everyone").click()
    say(alice.page, "For everyone.")
    for name in ("alice", "Tea"):
        card = bob.page.locator(".room-card", has_text=name)
        expect(card.locator("[data-unread]")).to_have_text("1 unread", timeout=60_000)
