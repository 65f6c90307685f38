"""Who is here: leases, grace, batches."""

from uuid import uuid4

import pytest

from accounts.models import User
from rooms.realtime.presence import GRACE, POLL_LEASE, Presence

ROOM = uuid4()


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def presence(clock: Clock) -> Presence:
    return Presence(clock)


def user(name: str) -> User:
    return User(username=name)


def names(people: list[dict[str, object]]) -> list[object]:
    return [person["username"] for person in people]


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
    presence.exit(ROOM, "first")
    clock.now += GRACE - 0.1
    assert presence.flush(ROOM) is None
    presence.enter(ROOM, alice, "second")
    clock.now += GRACE
    assert presence.flush(ROOM) is None
    assert presence.counts([ROOM]) == {ROOM: 1}


def test_who_goes_is_announced_after_the_grace(presence: Presence, clock: Clock) -> None:
    presence.enter(ROOM, user("alice"), "tab")
    presence.flush(ROOM)
    presence.exit(ROOM, "tab")
    clock.now += GRACE
    change = presence.flush(ROOM)
    assert change
    assert (names(change.exited), change.count) == (["alice"], 0)
    assert presence.rooms() == []


def test_several_tabs_are_one_presence_which_ends_with_the_last(presence: Presence, clock: Clock) -> None:
    alice = user("alice")
    presence.enter(ROOM, alice, "one")
    presence.enter(ROOM, alice, "two")
    presence.exit(ROOM, "one")
    clock.now += GRACE
    assert presence.counts([ROOM]) == {ROOM: 1}
    presence.exit(ROOM, "two")
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
    assert presence.version(ROOM) > version


def test_a_lease_that_is_unknown_ends_quietly(presence: Presence) -> None:
    presence.exit(ROOM, "never")
    presence.expel(ROOM, uuid4())
    assert presence.flush(ROOM) is None
    assert presence.counts([ROOM]) == {}
