"""Presence as state, merge and transport: whatever hints are lost, doubled or late, all processes come to agree.

So do all lists that are given away, whenever that is: a welcome or a polled list, and the events after it, are at each
moment what the process has announced.

The transport here is a dict for each process instead of a Redis hash (``test_presence_sync.py`` has the real one), so
that hypothesis can try thousands of orders in which writes, hints and reads meet.
"""

from collections.abc import Callable
from copy import copy, deepcopy
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from uuid import UUID, uuid5

from django.test import override_settings
from hypothesis import given, settings as profile, strategies as st

from accounts.models import User
from rooms.events import person_json
from rooms.realtime.presence.announcer import events_of
from rooms.realtime.presence.occupants import PresenceKey, PresenceRecord
from rooms.realtime.presence.replication import READ_ALL, Hint, Replication
from rooms.realtime.presence.state import PresenceState
from rooms.realtime.presence.tracker import GRACE, POLL_LEASE, Presence

SPACE = UUID(int=0)
ROOMS = [uuid5(SPACE, f"room {number}") for number in range(2)]
# Few names, so that steps meet in the same room: users do not influence each other.
USERS = [User(id=uuid5(SPACE, name), username=name) for name in ("alice",)]
PROCESSES = 3


class Page:
    """Somebody's list of who is in a room: as they got it, changed by the events since."""

    def __init__(self, present: dict[str, Any], *, version: int | None = None) -> None:
        self.people = {person["id"]: person for person in present["people"]}
        self.count = present["count"]
        assert self.count == len(self.people)
        # One that polls has a version instead of events.
        self.version = version

    def hear(self, event: dict[str, Any]) -> None:
        """Do what static/js/sidebar/presence_list.js does."""
        if event["type"] == "person":
            self.people[event["id"]] |= {name: value for name, value in event.items() if name != "type"}
            return
        self.people |= {person["id"]: person for person in event["entered"]}
        for person in event["exited"]:
            self.people.pop(person["id"], None)
        for away, ids in ((True, event["away"]), (False, event["back"])):
            for user_id in ids:
                self.people[user_id]["away"] = away
        self.count = event["count"]


@dataclass
class Process:
    """A process with what it has written for the others, and the hints that are on their way to it."""

    name: str
    presence: Presence
    replication: Replication = field(default_factory=Replication)
    # What other processes read: None once the store has lost it.
    stored: dict[PresenceKey, PresenceRecord] | None = None
    rev: int = 0
    inbox: list[tuple[str, Hint]] = field(default_factory=list)
    # The pages in each room that are sent its events.
    pages: dict[UUID, list[Page]] = field(default_factory=lambda: {room: [] for room in ROOMS})

    def announce(self, room: UUID) -> None:
        change = self.presence.flush(room)
        for event in events_of(room, change) if change else ():
            for page in self.pages[room]:
                page.hear(deepcopy(event))


class Site:
    def __init__(self) -> None:
        self.now = 1000.0
        self.users = [copy(user) for user in USERS]
        wall = count(1)
        self.processes = [
            Process(f"process {number}", Presence(lambda: self.now, lambda: float(next(wall))))
            for number in range(PROCESSES)
        ]
        for process in self.processes:
            process.presence.publish_changes(lambda: None)
        # When each polling tab began to attend, as it was told.
        self.since: dict[tuple[UUID, str], float | None] = {}
        # The list of each version that any process has named.
        self.lists: dict[int, dict[str, Any]] = {0: {"version": 0, "people": [], "count": 0}}

    def read_list(self, process: Process, room: UUID) -> None:
        """Poll, or ask the API: the same version is the same list, whoever answers and when."""
        present = deepcopy(process.presence.snapshot(room))
        assert self.lists.setdefault(present["version"], present) == present
        assert present["version"] == process.presence.version(room)
        # Whoever starts from this list and hears the events, as a page that goes from polling to a socket does not,
        # has what everybody has.
        process.pages[room].append(Page(present))

    def poll(self, process: Process, room: UUID, user: User, tab: str) -> None:
        """Poll as a page does: it says since when it attends, and begins again under the same name if it was moved."""
        polled = process.presence.poll(room, user, tab, since=self.since.get((room, tab)))
        self.since[room, tab] = polled.since if polled.moved_to is None else None

    def rename(self, user: User, name: str) -> None:
        """Each process hears of it by a notice, or sees it in the database."""
        user.display_name = name
        for process in self.processes:
            process.presence.rename(user.pk, person_json(user))

    def welcome(self, process: Process, room: UUID, user: User) -> None:
        process.presence.enter(room, user, "lease")
        process.pages[room].append(Page(deepcopy(process.presence.greeting(room, user.pk))))

    def check_pages(self) -> None:
        """All that was given away is what is announced, but for what somebody's own welcome said early."""
        for process in self.processes:
            for room, pages in process.pages.items():
                told = Page(process.presence.snapshot(room))
                for page in pages:
                    early = [user_id for user_id in page.people if user_id not in told.people]
                    assert len(early) <= 1
                    assert {**told.people, **{user_id: page.people[user_id] for user_id in early}} == page.people

    def others(self, process: Process) -> list[Process]:
        return [other for other in self.processes if other is not process]

    def write(self, process: Process) -> None:
        """Write the changed records, or all if the store has lost them, and send the others a hint."""
        keys, is_whole = process.presence.take_unpublished(), process.stored is None
        if is_whole:
            keys = set(process.presence.local_keys())
        elif not keys:
            return
        stored = process.stored = process.stored or {}
        for key, record in process.presence.records(keys).items():
            if record is None:
                stored.pop(key, None)
            else:
                stored[key] = record
        process.rev += 1
        hint = READ_ALL if is_whole else Hint(process.rev - 1, process.rev, frozenset(keys))
        for other in self.others(process):
            other.inbox.append((process.name, hint))

    def read(self, process: Process) -> None:
        if not process.replication.is_behind or (read := process.replication.next_read()) is None:
            return
        peer = next(other for other in self.processes if other.name == read.process)
        if peer.stored is None:
            process.replication.lose(peer.name)
            process.presence.lose_process(peer.name, grace=GRACE)
            return
        keys = read.keys
        if keys is None:
            keys = frozenset(process.presence.keys_from(peer.name) | peer.stored.keys())
        process.presence.merge(peer.name, {key: peer.stored.get(key) for key in keys})
        process.replication.read_up_to(peer.name, peer.rev if read.keys is None else read.rev)

    def share(self, process: Process) -> None:
        """What happens when nothing is lost: write, and let the others follow the hint."""
        self.write(process)
        for other in self.others(process):
            while other.inbox:
                other.replication.hint(*other.inbox.pop(0))
            while other.replication.is_behind:
                self.read(other)

    def beat(self, process: Process) -> None:
        """The periodic comparison, which finds what no hint told of."""
        if process.stored is None:
            self.write(process)
        known = set(process.replication.processes())
        for other in self.others(process):
            if other.name in known:
                is_lost = other.stored is None
                process.replication.compare(
                    other.name,
                    rev=None if is_lost else other.rev,
                    records=len(other.stored or ()),
                    known=len(process.presence.keys_from(other.name)),
                )
        process.replication.discover({other.name for other in self.others(process) if other.stored is not None})

    def settle(self) -> None:
        """No hint arrives any more; each process beats, reads and writes, and time passes."""
        for _round in range(6):
            for process in self.processes:
                self.beat(process)
                while process.replication.is_behind:
                    self.read(process)
                process.presence.stale_rooms()
                self.write(process)
            self.now += GRACE
        for process in self.processes:
            for room in ROOMS:
                process.announce(room)

    def shown(self, process: Process) -> list[list[tuple[str, bool]]]:
        return [
            sorted((str(person["username"]), bool(person["away"])) for person in process.presence.people(room))
            for room in ROOMS
        ]


numbers = st.integers(0, 7)
Step = tuple[str, int, int, int, int]
ACTIONS = ["enter", "exit", "poll", "away", "back", "expel", "rename", "wait"]
ACTIONS += ["welcome", "list", "announce", "announce"]
ACTIONS += ["share", "share", "write", "receive", "double", "lose", "read", "beat", "forget"]
steps = st.lists(st.tuples(st.sampled_from(ACTIONS), numbers, numbers, numbers, numbers), min_size=25, max_size=60)


def do(site: Site, step: Step) -> None:
    action, *picks = step
    process = site.processes[picks[0] % PROCESSES]
    room, user, lease = ROOMS[picks[1] % 2], site.users[picks[2] % len(site.users)], "lease"
    presence, inbox = process.presence, process.inbox
    index = picks[3] % len(inbox) if inbox else 0

    def receive(*, keep: bool) -> None:
        if inbox:
            process.replication.hint(*(inbox[index] if keep else inbox.pop(index)))

    actions: dict[str, Callable[[], object]] = {
        "enter": lambda: presence.enter(room, user, lease),
        "exit": lambda: presence.exit(room, lease, user.pk),
        "poll": lambda: site.poll(process, room, user, f"tab{picks[3] % 2}"),
        "away": lambda: presence.set_away(room, lease, user.pk, away=True),
        "back": lambda: presence.set_away(room, lease, user.pk, away=False),
        "expel": lambda: presence.expel(room, user.pk),
        "rename": lambda: site.rename(user, f"Name {picks[3]}"),
        "welcome": lambda: site.welcome(process, room, user),
        "list": lambda: site.read_list(process, room),
        "announce": lambda: process.announce(room),
        "share": lambda: site.share(process),
        "write": lambda: site.write(process),
        "receive": lambda: receive(keep=False),
        "double": lambda: receive(keep=True),
        "lose": lambda: inbox and inbox.pop(index),
        "read": lambda: site.read(process),
        "beat": lambda: site.beat(process),
        "forget": lambda: setattr(process, "stored", None),
        "wait": lambda: setattr(site, "now", site.now + POLL_LEASE / 4),
    }
    actions[action]()


@profile(max_examples=200, deadline=None)
@given(steps=steps, one_room=st.booleans())
def test_all_processes_agree_after_the_periodic_comparison(steps: list[Step], one_room: bool) -> None:
    with override_settings(ONE_ROOM_AT_A_TIME=one_room):
        site = Site()
        for step in steps:
            do(site, step)
            site.check_pages()
        site.settle()
        site.check_pages()
        for process in site.processes:
            for room, pages in process.pages.items():
                now = Page(site.processes[0].presence.snapshot(room))
                assert [(page.people, page.count) for page in pages] == [(now.people, now.count)] * len(pages)
        held = {key for process in site.processes for key in process.presence.local_keys()}
        for process in site.processes:
            assert site.shown(process) == site.shown(site.processes[0])
            assert {(room, user.pk) for room in ROOMS for user in USERS if is_in(process, room, user)} == held
        if one_room:
            assert all(len({room for room, user_id in held if user_id == user.pk}) <= 1 for user in USERS)


def is_in(process: Process, room: UUID, user: User) -> bool:
    return str(user.pk) in [person["id"] for person in process.presence.people(room)]


records = st.builds(
    lambda user, entered_at, away: PresenceRecord(person_json(user), entered_at, away),
    st.just(USERS[0]),
    st.floats(1, 10),
    st.booleans(),
)


@profile(deadline=None)
@given(
    latest=st.dictionaries(st.sampled_from("abc"), st.none() | records), order=st.permutations("abc"), data=st.data()
)
def test_the_order_of_processes_does_not_matter_nor_does_a_record_twice(
    latest: dict[str, PresenceRecord | None], order: list[str], data: st.DataObject
) -> None:
    key = (ROOMS[0], USERS[0].pk)

    def merged(processes: list[str]) -> tuple[object, ...]:
        state = PresenceState()
        for process in processes:
            record = latest.get(process)
            if record is None:
                state.retract(process, key, 0.0)
            else:
                state.merge(process, key, record)
        occupant = state.occupant(key)
        return (occupant and (occupant.remote, occupant.away), {name: state.keys_from(name) for name in "abc"})

    doubled = data.draw(st.permutations([*"abc", *data.draw(st.lists(st.sampled_from("abc"), max_size=4))]))
    assert merged(list(doubled)) == merged(list("abc"))


@profile(deadline=None)
@given(st.lists(st.integers(1, 8), max_size=12))
def test_hints_in_any_order_read_every_write_or_everything(revs: list[int]) -> None:
    """A hint tells of one write. What is read in the end covers all writes up to the rev that is noted."""
    replication, seen = Replication(), set[int]()
    replication.read_up_to("peer", 0)
    keys = {rev: (ROOMS[0], uuid5(SPACE, str(rev))) for rev in range(1, 9)}
    for rev in revs:
        replication.hint("peer", Hint(rev - 1, rev, frozenset([keys[rev]])))
        if rev % 2:
            noted = follow(replication, keys, seen)
            assert noted is None or set(range(1, noted + 1)) <= seen


def follow(replication: Replication, keys: dict[int, PresenceKey], seen: set[int]) -> int | None:
    """Read as ``peer_reader`` does, from a peer at rev 8; return the rev that was noted."""
    read = replication.next_read()
    if read is None:
        return None
    seen |= {rev for rev, key in keys.items() if read.keys is None or key in read.keys}
    rev = 8 if read.keys is None else read.rev
    replication.read_up_to("peer", rev)
    return rev
