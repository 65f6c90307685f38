"""Who is here by several processes' records: one presence, whichever process holds it."""

from dataclasses import replace
from itertools import count
from uuid import uuid4

import pytest

from accounts.models import User
from rooms.events import person_json
from rooms.realtime.presence.announcer import events_of
from rooms.realtime.presence.occupants import PresenceRecord
from rooms.realtime.presence.room_presence import version_of
from rooms.realtime.presence.tracker import GRACE, Presence
from rooms.realtime.redis.presence_codec import decode, encode, field_of, key_from_field
from tests.rooms.presence import OTHER_ROOM, ROOM, Clock, flushed, names, user

LATER = 4_000_000_000.0


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def presence(clock: Clock) -> Presence:
    presence = Presence(clock)
    presence.publish_changes(lambda: None)
    return presence


def record_of(
    person: User, *, entered_at: float = 1.0, away: bool = False, tabs: tuple[str, ...] = ()
) -> PresenceRecord:
    return PresenceRecord(person_json(person), entered_at, away, tabs)


def test_people_of_two_processes_are_one_list(presence: Presence) -> None:
    alice, bob = user("alice"), user("bob")
    presence.enter(ROOM, alice, "tab")
    presence.merge("other", {(ROOM, bob.pk): record_of(bob)})
    assert names(flushed(presence, ROOM).entered) == ["alice", "bob"]
    assert names(presence.people(ROOM)) == ["alice", "bob"]
    assert presence.counts([ROOM]) == {ROOM: 2}


def test_whom_two_processes_know_is_one_presence_which_ends_with_the_last(presence: Presence, clock: Clock) -> None:
    alice = user("alice")
    key = (ROOM, alice.pk)
    presence.enter(ROOM, alice, "tab")
    presence.merge("other", {key: record_of(alice)})
    assert flushed(presence, ROOM).count == 1
    presence.exit(ROOM, "tab", alice.pk)
    clock.now += GRACE
    assert presence.flush(ROOM) is None
    presence.merge("other", {key: None})
    assert presence.flush(ROOM) is None
    clock.now += GRACE
    assert names(flushed(presence, ROOM).exited) == ["alice"]


def test_who_comes_back_by_another_process_within_the_grace_was_never_gone(presence: Presence, clock: Clock) -> None:
    alice = user("alice")
    presence.enter(ROOM, alice, "tab")
    presence.flush(ROOM)
    presence.exit(ROOM, "tab", alice.pk)
    clock.now += GRACE - 0.1
    presence.merge("other", {(ROOM, alice.pk): record_of(alice)})
    clock.now += GRACE
    assert presence.stale_rooms() == []
    assert presence.flush(ROOM) is None


def test_the_people_of_a_process_that_went_have_time_to_come_back(presence: Presence, clock: Clock) -> None:
    alice, bob = user("alice"), user("bob")
    presence.merge("other", {(ROOM, alice.pk): record_of(alice), (ROOM, bob.pk): record_of(bob)})
    presence.flush(ROOM)
    presence.lose_process("other", grace=8)
    clock.now += 7.9
    presence.enter(ROOM, alice, "tab")
    assert presence.flush(ROOM) is None
    clock.now += 0.2
    assert names(flushed(presence, ROOM).exited) == ["bob"]
    assert presence.keys_from("other") == set()


def test_away_is_who_is_away_in_every_process(presence: Presence) -> None:
    alice = user("alice")
    presence.enter(ROOM, alice, "tab", away=True)
    presence.merge("other", {(ROOM, alice.pk): record_of(alice)})
    assert [person["away"] for person in flushed(presence, ROOM).entered] == [False]
    presence.merge("other", {(ROOM, alice.pk): record_of(alice, away=True)})
    assert flushed(presence, ROOM).away == [str(alice.pk)]
    presence.merge("third", {(ROOM, alice.pk): record_of(alice)})
    assert flushed(presence, ROOM).back == [str(alice.pk)]


def test_an_entry_elsewhere_is_a_move_even_when_no_word_of_it_came(presence: Presence) -> None:
    alice = user("alice")
    presence.enter(ROOM, alice, "socket")
    presence.poll(ROOM, alice, "tab")
    (move,) = presence.merge("other", {(OTHER_ROOM, alice.pk): record_of(alice, entered_at=LATER)})
    assert (move.user_id, move.room_id, move.left) == (alice.pk, OTHER_ROOM, {ROOM})
    assert not presence.holds(ROOM, "socket", alice.pk)
    assert presence.poll(ROOM, alice, "tab").moved_to == OTHER_ROOM


def test_an_earlier_entry_elsewhere_moves_nobody(presence: Presence) -> None:
    alice = user("alice")
    presence.enter(ROOM, alice, "socket")
    assert presence.merge("other", {(OTHER_ROOM, alice.pk): record_of(alice, entered_at=1.0)}) == []
    assert presence.holds(ROOM, "socket", alice.pk)


def test_entering_here_is_leaving_the_room_of_another_process_at_once(presence: Presence) -> None:
    alice = user("alice")
    presence.merge("other", {(ROOM, alice.pk): record_of(alice)})
    presence.flush(ROOM)
    assert presence.enter(OTHER_ROOM, alice, "tab") == {ROOM}
    assert names(flushed(presence, ROOM).exited) == ["alice"]
    assert presence.keys_from("other") == set()


def test_a_page_that_polls_is_known_to_the_process_that_its_next_question_reaches(presence: Presence) -> None:
    """Or its next question would be an entry, and fetch the person back from the room where they are."""
    alice = user("alice")
    presence.merge("other", {(ROOM, alice.pk): record_of(alice, tabs=("tab",))})
    assert presence.poll(ROOM, alice, "tab").left is None
    assert presence.entered_at(ROOM, alice.pk) == 1.0
    presence.move(alice.pk, OTHER_ROOM, at=2.0)
    assert presence.poll(ROOM, alice, "tab").moved_to == OTHER_ROOM


def test_of_two_pages_that_entered_two_rooms_in_two_processes_one_goes_on_in_both(clock: Clock) -> None:
    """Whatever record of the first was written meanwhile, and whichever notice comes first."""
    alice, clocks = user("alice"), count(1)
    for order in (1, -1):
        one, two = (Presence(clock, lambda: float(next(clocks))) for _ in range(2))
        one.poll(ROOM, alice, "first")
        two.poll(OTHER_ROOM, alice, "second")
        first = (ROOM, one.entered_at(ROOM, alice.pk), "first")
        second = (OTHER_ROOM, two.entered_at(OTHER_ROOM, alice.pk), "second")
        for process, (room, at, tab) in ((one, second), (two, first))[::order]:
            process.move(alice.pk, room, at, tab=tab)
        for process in (one, two, one, two):
            assert process.poll(OTHER_ROOM, alice, "second").left is None
            assert process.poll(ROOM, alice, "first").moved_to == OTHER_ROOM


def test_a_page_that_entered_anew_where_it_was_not_known_goes_on_everywhere(clock: Clock) -> None:
    """The notice of its first entry was lost; that of the second one brings it back to where it had been moved on."""
    alice, clocks = user("alice"), count(1)
    one, two = (Presence(clock, lambda: float(next(clocks))) for _ in range(2))
    one.poll(ROOM, alice, "first")
    two.poll(OTHER_ROOM, alice, "second")
    one.move(alice.pk, OTHER_ROOM, two.entered_at(OTHER_ROOM, alice.pk), tab="second")
    assert two.poll(ROOM, alice, "first").left == {OTHER_ROOM}
    one.move(alice.pk, ROOM, two.entered_at(ROOM, alice.pk), tab="first")
    for process in (one, two):
        assert process.poll(ROOM, alice, "first").left is None
        assert process.poll(OTHER_ROOM, alice, "second").moved_to == ROOM


def test_of_two_pages_one_goes_on_though_neither_process_ever_hears_of_the_other(clock: Clock) -> None:
    """As while Redis is away: what each page was told of its moment is all that there is to know."""
    alice, clocks = user("alice"), count(1)
    one, two = (Presence(clock, lambda: float(next(clocks))) for _ in range(2))
    first = one.poll(ROOM, alice, "first").since
    second = two.poll(OTHER_ROOM, alice, "second").since
    for process in (two, one, two, one):
        first_poll = process.poll(ROOM, alice, "first", since=first)
        second_poll = process.poll(OTHER_ROOM, alice, "second", since=second)
        assert second_poll.moved_to is None
        assert (first_poll.since, second_poll.since) == (first, second)
        # Until the later page has asked here, there is nobody who could know.
        if process is two:
            assert first_poll.moved_to == OTHER_ROOM
    assert one.poll(ROOM, alice, "first", since=first).moved_to == OTHER_ROOM
    for process in (one, two):
        assert (process.count(ROOM), process.count(OTHER_ROOM)) == (0, 1)


def test_a_moment_that_is_made_up_is_no_later_than_now(presence: Presence) -> None:
    """Or the person could be taken to no other room, and would survive the end of their membership."""
    alice = user("alice")
    made_up = presence.poll(ROOM, alice, "tab", since=LATER)
    assert made_up.since < LATER
    presence.expel(ROOM, alice.pk, before=made_up.since)
    assert presence.count(ROOM) == 0
    presence.poll(ROOM, alice, "tab", since=LATER)
    assert presence.enter(OTHER_ROOM, alice, "socket") == {ROOM}


def test_an_earlier_moment_takes_nobody_from_where_they_are(presence: Presence) -> None:
    alice = user("alice")
    presence.enter(OTHER_ROOM, alice, "socket")
    for since in (0.0, 1.0):
        assert presence.poll(ROOM, alice, f"tab{since}", since=since).moved_to == OTHER_ROOM
    assert (presence.count(ROOM), presence.count(OTHER_ROOM)) == (0, 1)
    # Of a page that is known, what it was told is known better here.
    tab = presence.poll(OTHER_ROOM, alice, "known")
    assert presence.poll(OTHER_ROOM, alice, "known", since=1.0) == tab._replace(left=None)


def test_a_page_that_was_moved_on_by_a_later_entry_returns_by_a_still_later_one(presence: Presence) -> None:
    """The page entered anew in another process, of which no word came but the page's own."""
    alice = user("alice")
    before = presence.poll(ROOM, alice, "tab").since
    presence.enter(OTHER_ROOM, alice, "socket")
    assert not presence.knows_tab(ROOM, alice.pk, "tab", before + 60)
    assert presence.poll(ROOM, alice, "tab", since=before + 60).left == {OTHER_ROOM}


def test_who_is_expelled_is_gone_wherever_they_were_but_not_who_came_back_since(presence: Presence) -> None:
    alice = user("alice")
    presence.merge("other", {(ROOM, alice.pk): record_of(alice, entered_at=10.0)})
    presence.flush(ROOM)
    presence.expel(ROOM, alice.pk, before=9.0)
    assert presence.count(ROOM) == 1
    presence.expel(ROOM, alice.pk, before=11.0)
    assert names(flushed(presence, ROOM).exited) == ["alice"]


def test_a_new_name_comes_from_where_the_person_is(presence: Presence) -> None:
    alice = user("alice")
    presence.merge("other", {(ROOM, alice.pk): record_of(alice)})
    presence.flush(ROOM)
    version = presence.version(ROOM)
    alice.display_name = "Alice in Chains"
    presence.merge("other", {(ROOM, alice.pk): record_of(alice)})
    assert events_of(ROOM, flushed(presence, ROOM)) == [{"type": "person", **person_json(alice)}]
    assert presence.version(ROOM) != version
    assert presence.people(ROOM)[0]["display_name"] == "Alice in Chains"


# --- What is published -----------------------------------------------------------------------------------------------


def test_what_changes_here_is_published_once(presence: Presence) -> None:
    alice = user("alice")
    key = (ROOM, alice.pk)
    presence.enter(ROOM, alice, "tab")
    assert presence.take_unpublished() == {key}
    assert presence.take_unpublished() == set()
    presence.set_away(ROOM, "tab", alice.pk, away=True)
    assert presence.take_unpublished() == {key}
    published = presence.records([key])[key]
    assert published is not None
    assert (published.person["username"], published.away, published.tabs) == ("alice", True, ())
    presence.exit(ROOM, "tab", alice.pk)
    assert presence.take_unpublished() == {key}
    assert presence.records([key]) == {key: None}


def test_a_page_that_asks_again_is_no_news(presence: Presence, clock: Clock) -> None:
    alice = user("alice")
    presence.poll(ROOM, alice, "tab")
    assert presence.take_unpublished() == {(ROOM, alice.pk)}
    for _ in range(5):
        clock.now += 1
        presence.poll(ROOM, alice, "tab")
    assert presence.take_unpublished() == set()


def test_what_others_published_is_not_published_again(presence: Presence) -> None:
    alice = user("alice")
    presence.merge("other", {(ROOM, alice.pk): record_of(alice)})
    presence.lose_process("other", grace=8)
    presence.merge("other", {(ROOM, alice.pk): record_of(alice)})
    presence.expel(ROOM, alice.pk)
    assert presence.take_unpublished() == set()
    assert presence.local_keys() == []


def test_without_other_processes_nothing_is_kept_for_them(clock: Clock) -> None:
    alone = Presence(clock)
    alone.enter(ROOM, user("alice"), "tab")
    assert alone.take_unpublished() == set()


def test_the_version_of_a_list_is_the_same_in_each_process() -> None:
    """A page that polls asks now one of them, now another."""
    alice, bob = ({**person_json(user(name)), "away": False} for name in ("alice", "bob"))
    one, two = uuid4(), uuid4()
    assert version_of({one: alice, two: bob}) == version_of({two: bob, one: alice})
    assert version_of({one: alice, two: {**bob, "away": True}}) != version_of({one: alice, two: bob})


def test_a_record_is_read_as_it_was_written_and_nonsense_is_nobody() -> None:
    record = record_of(user("alice"), entered_at=12.5, away=True, tabs=("one", "two"))
    assert decode(encode(record)) == record
    assert decode(encode(replace(record, tabs=()))[:-1] + ',"of a later release":1}') == replace(record, tabs=())
    assert decode("{") is decode("[]") is decode('{"person":1}') is decode(None) is None
    key = (uuid4(), uuid4())
    assert key_from_field(field_of(key)) == key
