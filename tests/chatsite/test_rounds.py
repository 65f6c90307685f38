"""Which connections the server looks at, and when."""

from types import SimpleNamespace
from typing import Any

import pytest
from daphne import server as daphne_server

from chatsite import serve
from chatsite.rounds import Rounds


class Clock:
    now = 0.25

    def __call__(self) -> float:
        return self.now


def test_each_is_due_once_when_its_time_is_up_and_within_one_more_second() -> None:
    clock = Clock()
    rounds: Rounds[str] = Rounds(clock)
    rounds.add("later", seconds=9.5)
    rounds.add("soon", seconds=2)
    rounds.add("now", seconds=0)
    found = []
    while clock.now < 12:
        found += [(thing, int(clock.now)) for thing in rounds.due()]
        clock.now += 1
    assert found == [("now", 1), ("soon", 3), ("later", 10)]


def test_the_next_second_begins_on_the_full_one() -> None:
    clock = Clock()
    rounds: Rounds[str] = Rounds(clock)
    assert rounds.until_next() == 0.75
    clock.now = 7.0
    assert rounds.until_next() == 1.0


def test_after_a_pause_all_that_was_missed_is_due_in_order() -> None:
    clock = Clock()
    rounds: Rounds[str] = Rounds(clock)
    for name, seconds in (("third", 30), ("first", 2), ("second", 7)):
        rounds.add(name, seconds=seconds)
    clock.now = 100
    assert rounds.due() == ["first", "second", "third"]
    assert rounds.due() == []


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(daphne_server, "reactor", SimpleNamespace(callLater=lambda seconds, function: None))
    server: Any = serve.Server(application=None, endpoints=["tcp:port=1"])
    server.connections = {}
    return server


class Connection:
    looks = 0

    def __init__(self, seconds: float | None) -> None:
        self.seconds = seconds

    def check_timeouts(self) -> float | None:
        self.looks += 1
        return self.seconds


def test_the_server_looks_at_each_connection_when_it_wants_and_as_long_as_it_is_there(server: Any) -> None:
    clock = Clock()
    server.rounds = Rounds(clock)
    patient, plain, gone = Connection(8.0), Connection(None), Connection(8.0)
    for connection in (patient, plain, gone):
        server.protocol_connected(connection)
    del server.connections[gone]
    while clock.now < 20:
        server.timeout_checker()
        clock.now += 1
    assert (gone.looks, patient.looks, plain.looks) == (0, 2, 6)


def test_the_server_searches_its_connections_only_when_one_has_ended_and_now_and_then(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    searches: list[int] = []
    monkeypatch.setattr(daphne_server.Server, "application_checker", lambda server: searches.append(server._turn))
    connection = Connection(None)
    server.protocol_connected(connection)
    for turn in range(1, 25):
        if turn == 4:
            server.protocol_disconnected(connection)
        if turn == 6:
            server._note_end(None)
        server.application_checker()
    assert searches == [1, 4, 6, 10, 20]
