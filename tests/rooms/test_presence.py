"""Who is here: leases, grace, batches."""

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest
from django.conf import LazySettings

from accounts.models import User
from rooms.events import person_json
from rooms.limits import MAX_POLLING_TABS
from rooms.realtime.presence.announcer import events_of
from rooms.realtime.presence.tracker import GRACE, POLL_LEASE, Presence
from rooms.realtime.protocol import MAX_PRESENT
from tests.rooms.presence import OTHER_ROOM, ROOM, Clock, flushed, names, user


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def presence(clock: Clock) -> Presence:
    return Presence(clock)


def test_people_who_come_together_are_one_announcement(presence: Presence) -> None:
    for name in ("alice", "bob", "charlie"):
        presence.enter(ROOM, user(name), name)
    change = presence.flush(ROOM)
    assert change
    assert (names(change.entered), change.exited, change.count) == (["alice", "bob", "charlie"], [], 3)
    assert presence.flush(ROOM) is None


def test_a_reload_is_not_announced(presence: Presence, clock: Clock) -> None:
    alice = user("alice")
    presence.enter(ROOM, alice, "first")
    presence.flush(ROOM)
    presence.exit(ROOM, "first", alice.pk)
    clock.now += GRACE - 0.1
    assert presence.flush(ROOM) is None
    presence.enter(ROOM, alice, "second")
    clock.now += GRACE
    assert presence.flush(ROOM) is None
    assert presence.counts([ROOM]) == {ROOM: 1}


def test_who_goes_is_announced_after_the_grace(presence: Presence, clock: Clock) -> None:
    alice = user("alice")
    presence.enter(ROOM, alice, "tab")
    presence.flush(ROOM)
    presence.exit(ROOM, "tab", alice.pk)
    clock.now += GRACE
    change = presence.flush(ROOM)
    assert change
    assert (names(change.exited), change.count) == (["alice"], 0)
    assert presence.rooms() == []


def test_several_tabs_are_one_presence_which_ends_with_the_last(presence: Presence, clock: Clock) -> None:
    alice = user("alice")
    presence.enter(ROOM, alice, "one")
    presence.enter(ROOM, alice, "two")
    presence.exit(ROOM, "one", alice.pk)
    clock.now += GRACE
    assert presence.counts([ROOM]) == {ROOM: 1}
    presence.exit(ROOM, "two", alice.pk)
    clock.now += GRACE
    assert presence.counts([ROOM]) == {ROOM: 0}


def test_a_page_that_stops_polling_is_gone(presence: Presence, clock: Clock) -> None:
    alice = user("alice")
    for _ in range(2):
        presence.enter(ROOM, alice, "poll", seconds=POLL_LEASE)
        clock.now += POLL_LEASE - 1
        assert presence.counts([ROOM]) == {ROOM: 1}
    clock.now += 1
    presence.flush(ROOM)
    clock.now += GRACE
    assert presence.counts([ROOM]) == {ROOM: 0}


def test_who_is_expelled_is_gone_at_once(presence: Presence) -> None:
    alice, bob = user("alice"), user("bob")
    for person in (alice, bob):
        presence.enter(ROOM, person, person.username)
    presence.flush(ROOM)
    presence.expel(ROOM, bob.pk)
    change = presence.flush(ROOM)
    assert change
    assert (names(change.exited), change.count) == (["bob"], 1)


def test_the_version_changes_with_each_announcement_only(presence: Presence) -> None:
    presence.enter(ROOM, user("alice"), "tab")
    presence.flush(ROOM)
    version = presence.version(ROOM)
    presence.flush(ROOM)
    assert presence.version(ROOM) == version
    presence.enter(ROOM, user("bob"), "tab two")
    presence.flush(ROOM)
    assert presence.version(ROOM) != version


def test_who_is_shown_is_who_was_announced_and_a_version_names_one_list(presence: Presence) -> None:
    """Or a change that is taken back before it is announced would stay in a list that was given away meanwhile."""
    alice, bob = user("alice"), user("bob")
    presence.enter(ROOM, alice, "tab")
    presence.flush(ROOM)
    told = presence.snapshot(ROOM)
    presence.enter(ROOM, bob, "tab")
    presence.set_away(ROOM, "tab", alice.pk, away=True)
    assert presence.snapshot(ROOM) == told
    assert presence.version(ROOM) == told["version"]
    presence.expel(ROOM, bob.pk)
    presence.set_away(ROOM, "tab", alice.pk, away=False)
    assert presence.flush(ROOM) is None
    assert presence.snapshot(ROOM) == told


def test_who_is_welcomed_is_in_their_own_list_and_that_they_went_is_announced(presence: Presence) -> None:
    alice, bob = user("alice"), user("bob")
    presence.enter(ROOM, alice, "tab")
    presence.flush(ROOM)
    presence.enter(ROOM, bob, "tab")
    welcome = presence.greeting(ROOM, bob.pk)
    assert (names(welcome["people"]), welcome["count"]) == (["alice", "bob"], 2)
    assert names(presence.greeting(ROOM, alice.pk)["people"]) == ["alice"]
    presence.expel(ROOM, bob.pk)
    change = flushed(presence, ROOM)
    assert (names(change.entered), names(change.exited), change.count) == ([], ["bob"], 1)
    assert presence.flush(ROOM) is None


def test_a_large_room_names_the_same_people_in_each_process() -> None:
    lists = []
    for order in (1, -1):
        presence = Presence(Clock())
        for number in range(MAX_PRESENT + 5)[::order]:
            presence.enter(ROOM, User(id=UUID(int=number + 1), username=f"person{number}"), "tab")
        presence.flush(ROOM)
        lists.append(presence.snapshot(ROOM))
    assert lists[0] == lists[1]
    assert (len(lists[0]["people"]), lists[0]["count"]) == (MAX_PRESENT, MAX_PRESENT + 5)


def test_a_lease_that_is_unknown_ends_quietly(presence: Presence) -> None:
    presence.exit(ROOM, "never", uuid4())
    presence.expel(ROOM, uuid4())
    assert presence.flush(ROOM) is None
    assert presence.counts([ROOM]) == {}


# --- One room at a time ----------------------------------------------------------------------------------------------


def test_entering_another_room_is_leaving_this_one_without_any_grace(presence: Presence) -> None:
    alice = user("alice")
    presence.enter(ROOM, alice, "here")
    presence.enter(ROOM, alice, "here, too")
    presence.flush(ROOM)
    assert presence.enter(OTHER_ROOM, alice, "there") == {ROOM}
    assert names(flushed(presence, ROOM).exited) == ["alice"]
    assert names(flushed(presence, OTHER_ROOM).entered) == ["alice"]
    assert presence.rooms() == [OTHER_ROOM]


def test_another_tab_in_the_same_room_moves_nobody(presence: Presence) -> None:
    alice = user("alice")
    presence.enter(ROOM, alice, "one")
    assert presence.enter(ROOM, alice, "two") == set()
    assert presence.poll(ROOM, alice, "three").left == set()
    assert presence.holds(ROOM, "one", alice.pk)


def test_a_page_that_polls_is_told_where_the_person_went(presence: Presence) -> None:
    alice = user("alice")
    presence.poll(ROOM, alice, "tab")
    assert presence.poll(ROOM, alice, "tab").left is None
    presence.enter(OTHER_ROOM, alice, "socket")
    assert presence.poll(ROOM, alice, "tab").moved_to == OTHER_ROOM
    assert presence.counts([ROOM, OTHER_ROOM])[OTHER_ROOM] == 1


def test_a_page_that_slept_does_not_fetch_the_person_back(presence: Presence, clock: Clock) -> None:
    """A browser lets a hidden page ask once a minute: by then its lease has run out."""
    alice = user("alice")
    presence.poll(ROOM, alice, "tab")
    clock.now += POLL_LEASE + GRACE
    presence.stale_rooms()
    presence.flush(ROOM)
    presence.enter(OTHER_ROOM, alice, "socket")
    clock.now += 3600
    assert presence.poll(ROOM, alice, "tab").moved_to == OTHER_ROOM
    assert presence.poll(ROOM, alice, "on purpose").left == {OTHER_ROOM}


def test_of_two_rooms_entered_in_two_processes_the_later_one_wins_in_both(clock: Clock) -> None:
    alice = user("alice")
    one, two = Presence(clock), Presence(clock)
    one.enter(ROOM, alice, "first")
    two.enter(OTHER_ROOM, alice, "second")
    earlier, later = one.entered_at(ROOM, alice.pk), two.entered_at(OTHER_ROOM, alice.pk)
    assert one.move(alice.pk, OTHER_ROOM, later) == {ROOM}
    assert two.move(alice.pk, ROOM, earlier) == set()
    assert two.holds(OTHER_ROOM, "second", alice.pk)


def test_a_site_may_let_people_be_in_several_rooms(presence: Presence, settings: LazySettings) -> None:
    settings.ONE_ROOM_AT_A_TIME = False
    alice = user("alice")
    presence.poll(ROOM, alice, "tab")
    assert presence.enter(OTHER_ROOM, alice, "socket") == set()
    assert presence.poll(ROOM, alice, "tab").moved_to is None
    assert presence.counts([ROOM, OTHER_ROOM]) == {ROOM: 1, OTHER_ROOM: 1}


def test_made_up_names_of_pages_do_not_fill_the_memory(presence: Presence, clock: Clock) -> None:
    alice = user("alice")
    for number in range(MAX_POLLING_TABS * 3):
        clock.now += 1
        presence.poll(ROOM, alice, f"tab {number}")
    assert presence._tabs.count(alice.pk) == MAX_POLLING_TABS
    clock.now += 2 * 24 * 3600
    presence.stale_rooms()
    assert presence._tabs.count(alice.pk) == 0


# --- Away and back ---------------------------------------------------------------------------------------------------


def test_who_is_away_on_every_page_is_away(presence: Presence) -> None:
    alice = user("alice")
    presence.enter(ROOM, alice, "one")
    presence.enter(ROOM, alice, "two")
    presence.flush(ROOM)
    assert presence.set_away(ROOM, "one", alice.pk, away=True) is False
    assert presence.flush(ROOM) is None
    assert presence.set_away(ROOM, "two", alice.pk, away=True) is True
    change = flushed(presence, ROOM)
    assert (change.away, change.back, change.entered, change.exited) == ([str(alice.pk)], [], [], [])
    assert [person["away"] for person in presence.people(ROOM)] == [True]
    presence.set_away(ROOM, "one", alice.pk, away=False)
    assert flushed(presence, ROOM).back == [str(alice.pk)]


def test_a_page_that_polls_says_whether_somebody_is_there(presence: Presence) -> None:
    alice = user("alice")
    presence.poll(ROOM, alice, "tab")
    presence.flush(ROOM)
    version = presence.version(ROOM)
    presence.poll(ROOM, alice, "tab", away=True)
    assert flushed(presence, ROOM).away == [str(alice.pk)]
    assert presence.version(ROOM) != version


def test_who_is_away_and_goes_is_not_said_to_be_back(presence: Presence, clock: Clock) -> None:
    alice = user("alice")
    presence.enter(ROOM, alice, "tab")
    presence.set_away(ROOM, "tab", alice.pk, away=True)
    presence.flush(ROOM)
    presence.exit(ROOM, "tab", alice.pk)
    assert presence.flush(ROOM) is None
    clock.now += GRACE
    assert names(flushed(presence, ROOM).exited) == ["alice"]


def test_whoever_polls_or_enters_brings_the_name_of_today(presence: Presence) -> None:
    alice = user("alice")
    presence.poll(ROOM, alice, "tab")
    presence.flush(ROOM)
    ways: list[tuple[str, Callable[[], object]]] = [
        ("Alice in Chains", lambda: presence.poll(ROOM, alice, "tab")),
        ("Alice unchained", lambda: presence.enter(ROOM, alice, "socket")),
    ]
    for name, act in ways:
        alice.display_name = name
        act()
        assert events_of(ROOM, flushed(presence, ROOM)) == [{"type": "person", **person_json(alice)}]


def test_a_new_name_is_told_and_is_a_new_list_for_pages_that_poll(presence: Presence) -> None:
    alice = user("alice")
    presence.enter(ROOM, alice, "tab")
    presence.flush(ROOM)
    version = presence.version(ROOM)
    alice.display_name = "Alice in Chains"
    presence.rename(alice.pk, person_json(alice))
    assert events_of(ROOM, flushed(presence, ROOM)) == [{"type": "person", **person_json(alice)}]
    assert presence.version(ROOM) != version
    assert presence.people(ROOM)[0]["display_name"] == "Alice in Chains"
