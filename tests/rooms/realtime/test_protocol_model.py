"""Random operations of a few people in a few rooms, by sockets and the API, against a plain model: all end equal.

The model is what docs/protocol.md lets one expect: the rows of each room, its members, what is pinned, and which room
each connection attends. The application is the real one, with its database and all that runs beside it.
"""

from collections.abc import Coroutine, Iterator
from itertools import count
from typing import Any, TypeVar

import pytest
from hypothesis import HealthCheck, Phase, settings as profile, strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from tests.api.caller import Caller
from tests.conftest import new_user
from tests.faults.windows import UNDRAWN
from tests.rooms.realtime.model_client import Client
from tests.rooms.realtime.model_world import Expected, World

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]

T = TypeVar("T")

NAMES = ("alice", "bob", "carol")
# Whose connections there are: bob has two.
CLIENTS = (0, 1, 1, 2)
ROOMS = 3

clients, people, indexes = (st.integers(0, last - 1) for last in (len(CLIENTS), len(NAMES), ROOMS))
some = st.integers(1, 3)


class Talk(RuleBasedStateMachine):
    world: World
    numbers = count(1)

    def __init__(self) -> None:
        super().__init__()
        number = next(self.numbers)
        self.users = [new_user(f"{name}{number}") for name in NAMES]
        self.callers = [Caller(user) for user in self.users]
        self.names = [user.username for user in self.users]
        # Alice is the admin of all, bob a member, and carol of the first two.
        made = [self.call(0, 201, "POST", "v1/rooms", {"name": f"Room {number}.{index}"}) for index in range(ROOMS)]
        self.rooms: list[str] = [room["id"] for room in made]
        self.log = [{1: Expected("opened", self.names[0])} for _ in self.rooms]
        self.members = [{0} for _ in self.rooms]
        self.removed: list[set[int]] = [set() for _ in self.rooms]
        self.pins: list[set[int]] = [set() for _ in self.rooms]
        self.clients = [Client(self.users[who], self.rooms) for who in CLIENTS]
        self.attends: list[str | None] = [None for _ in self.clients]
        self.said = count(1)
        for who, index in ((1, 0), (1, 1), (1, 2), (2, 0), (2, 1)):
            self.join(who, index)
        # Everybody reads everything, most of it.
        for which, who in enumerate(CLIENTS):
            for index in range(ROOMS):
                if who in self.members[index]:
                    self.enter(which, index, afresh=False)

    def call(self, who: int, status: int, method: str, path: str, body: object = None) -> Any:
        answer = self.callers[who](method, path, body)
        assert answer[0] == status, answer
        return answer[1]

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        return self.world.run(work)

    def append(self, index: int, row: Expected) -> None:
        self.log[index][len(self.log[index]) + 1] = row

    # --- Connections ------------------------------------------------------------------------------------------------

    @rule(which=clients)
    def connect(self, which: int) -> None:
        client = self.clients[which]
        if not client.is_online:
            self.run(client.connect())

    @rule(which=clients)
    def hang_up(self, which: int) -> None:
        self.run(self.clients[which].hang_up())
        self.attends[which] = None

    @rule(which=clients, index=indexes, afresh=st.booleans())
    def enter(self, which: int, index: int, afresh: bool) -> None:
        client, room = self.online(which), self.rooms[index]
        self.run(client.enter_afresh(room) if afresh else client.enter(room))
        self.run(client.fence())
        view = client.views[room]
        assert view.is_live == (CLIENTS[which] in self.members[index])
        assert view.is_live or view.ended == 4403

    @rule(which=clients, index=indexes)
    def leave(self, which: int, index: int) -> None:
        self.run(self.online(which).leave(self.rooms[index]))
        self.run(self.clients[which].fence())
        self.stop_attending(which, index)

    @rule(which=clients, index=st.none() | indexes)
    def attend(self, which: int, index: int | None) -> None:
        client = self.online(which)
        room = None if index is None else self.rooms[index]
        was_taken = self.run(client.attend(room))
        assert was_taken == (room is None or client.views[room].is_live)
        if not was_taken:
            assert client.errors.pop()["code"] == "not_entered"
            return
        self.attends[which] = room
        for other, who in enumerate(CLIENTS):
            if who == CLIENTS[which] and room is not None and self.attends[other] != room:
                self.attends[other] = None

    @rule(which=clients, index=indexes, often=some)
    def come_and_go_in_a_burst(self, which: int, index: int, often: int) -> None:
        """Leave and enter, over and over, while somebody talks, and wait for nothing."""
        client, room = self.online(which), self.rooms[index]
        if CLIENTS[which] not in self.members[index]:
            return
        for _ in range(often):
            self.run(client.leave(room))
            self.post_by_api(0, index, 1)
            self.run(client.enter(room))
            self.post_by_api(0, index, 1)
        self.stop_attending(which, index)

    def online(self, which: int) -> Client:
        self.connect(which)
        return self.clients[which]

    def stop_attending(self, which: int, index: int) -> None:
        if self.attends[which] == self.rooms[index]:
            self.attends[which] = None

    # --- Talk -------------------------------------------------------------------------------------------------------

    @rule(which=clients, index=indexes, often=some)
    def post(self, which: int, index: int, often: int) -> None:
        client, who, before = self.online(which), CLIENTS[which], len(self.log[index])
        words = {f"{number}": f"Message {number}" for number, _ in zip(self.said, range(often), strict=False)}
        self.run(client.post(self.rooms[index], words))
        if who not in self.members[index]:
            codes = {client.errors.pop()["code"] for _ in words}
            assert codes == {"removed" if who in self.removed[index] else self.refusal(who, index)}
            return
        rows = {client.posted[client_id]: body for client_id, body in words.items()}
        assert sorted(rows) == list(range(before + 1, before + often + 1))
        for seq in sorted(rows):
            self.append(index, Expected("text", self.names[who], body=rows[seq]))

    def refusal(self, who: int, index: int) -> str:
        has_left = any(row.kind == "left" and row.author == self.names[who] for row in self.log[index].values())
        return "left" if has_left else "join_first"

    @rule(who=people, index=indexes, often=some)
    def post_by_api(self, who: int, index: int, often: int) -> None:
        for _ in range(often):
            number = next(self.said)
            words = {"client_id": f"{number}", "body": f"Message {number}"}
            is_member = who in self.members[index]
            self.call(who, 201 if is_member else 403, "POST", f"v1/rooms/{self.rooms[index]}/messages", words)
            if is_member:
                self.append(index, Expected("text", self.names[who], body=words["body"]))

    @rule(index=indexes, data=st.data(), unpins=st.booleans())
    def pin(self, index: int, data: st.DataObject, unpins: bool) -> None:
        said = [seq for seq, row in self.log[index].items() if row.kind == "text"]
        if not said:
            return
        seq = data.draw(st.sampled_from(said))
        self.call(0, 204, "DELETE" if unpins else "PUT", f"v1/rooms/{self.rooms[index]}/pins/{seq}")
        if (seq in self.pins[index]) == unpins:
            kind, whose = "unpinned" if unpins else "pinned", self.log[index][seq].author
            self.append(index, Expected(kind, self.names[0], subject=whose, target=seq))
            self.pins[index] ^= {seq}

    @rule(who=people, index=indexes, how=st.sampled_from(["around", "before"]), data=st.data())
    def look(self, who: int, index: int, how: str, data: st.DataObject) -> None:
        log = self.log[index]
        seq, limit = data.draw(st.integers(1, len(log))), data.draw(st.sampled_from([1, 2, 5, 100]))
        path = f"v1/rooms/{self.rooms[index]}/messages?{how}={seq}&limit={limit}"
        answer = self.call(who, 200 if who in self.members[index] else 403, "GET", path)
        if who not in self.members[index]:
            return
        drawn = [each for each, row in log.items() if row.kind not in UNDRAWN]
        up_to = [each for each in drawn if each < seq + (how == "around")]
        after = [each for each in drawn if each > seq][: limit // 2] if how == "around" else []
        expected = up_to[-(limit - limit // 2 if how == "around" else limit) :] + after
        assert [row["seq"] for row in answer["messages"]] == expected
        assert {row["seq"] for row in answer["messages"] if row["pinned"]} == self.pins[index] & set(expected)
        assert answer["head"] == len(log)

    # --- Members ----------------------------------------------------------------------------------------------------

    @rule(who=people, index=indexes)
    def join(self, who: int, index: int) -> None:
        if who in self.members[index]:
            return
        if who in self.removed[index]:
            body = {"username": self.names[who]}
            self.call(0, 201, "POST", f"v1/rooms/{self.rooms[index]}/members", body)
            self.append(index, Expected("added", self.names[0], subject=self.names[who]))
        else:
            self.call(who, 200, "POST", f"v1/rooms/{self.rooms[index]}/join")
            self.append(index, Expected("joined", self.names[who]))
        self.removed[index].discard(who)
        self.members[index].add(who)

    @rule(who=st.integers(1, len(NAMES) - 1), index=indexes, removed=st.booleans())
    def end_membership(self, who: int, index: int, removed: bool) -> None:
        if who not in self.members[index]:
            return
        path = f"v1/rooms/{self.rooms[index]}"
        if removed:
            self.call(0, 204, "DELETE", f"{path}/members/{self.users[who].pk}")
            self.append(index, Expected("removed", self.names[0], subject=self.names[who]))
            self.removed[index].add(who)
        else:
            self.call(who, 204, "POST", f"{path}/leave")
            self.append(index, Expected("left", self.names[who], subject=self.names[who]))
        self.members[index].discard(who)
        for which, client in enumerate(self.clients):
            if CLIENTS[which] == who:
                self.stop_attending(which, index)
                view = client.views[self.rooms[index]]
                if client.is_online and view.is_wanted:
                    self.run(client.until_ended(view))

    # --- The end ----------------------------------------------------------------------------------------------------

    def teardown(self) -> None:
        try:
            self.all_agree()
        finally:
            for client in self.clients:
                self.run(client.hang_up())

    def all_agree(self) -> None:
        for which, client in enumerate(self.clients):
            self.connect(which)
            for index, room in enumerate(self.rooms):
                if client.views[room].is_wanted:
                    self.run(self.has_all(which, index))
            assert client.attending == self.attends[which]
            assert client.errors == []
            assert [found for view in client.views.values() for found in (*view.breaches, *view.restarts)] == []

    async def has_all(self, which: int, index: int) -> None:
        client, log, room = self.clients[which], self.log[index], self.rooms[index]
        view = client.views[room]
        there = {self.names[who] for who, attended in zip(CLIENTS, self.attends, strict=True) if attended == room}
        await client.until(lambda: view.is_live and view.head == len(log) and view.present == there)
        begin = client.began.get(room, 0)
        assert sorted(view.seen) == [seq for seq in log if seq > begin or log[seq].kind not in UNDRAWN]
        for seq, row in view.seen.items():
            expected = log[seq]
            assert (row.kind, row.author, row.subject) == (expected.kind, expected.author, expected.subject)
            assert expected.body in (None, row.body)
            assert row.target == expected.target
        assert view.pins == self.pins[index]


@pytest.fixture
def world(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[World]:
    # That who is gone is announced soon, and looked after soon.
    monkeypatch.setattr("rooms.realtime.presence.tracker.GRACE", 0.1)
    monkeypatch.setattr("rooms.realtime.hub.UPKEEP_EVERY", 0.1)
    world = World()
    yield world
    world.stop()


def test_whatever_people_do_all_end_with_the_same(world: World) -> None:
    machine = type("TalkOfThisWorld", (Talk,), {"world": world})
    # Not made shorter when it fails: what never comes is waited for each time. --hypothesis-seed plays it again.
    phases = (Phase.reuse, Phase.generate)
    checks = list(HealthCheck)
    quick = profile(max_examples=15, stateful_step_count=30, deadline=None, phases=phases, suppress_health_check=checks)
    run_state_machine_as_test(machine, settings=quick)
