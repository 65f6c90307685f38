"""Which connections the server looks at, and when."""

from types import SimpleNamespace
from typing import Any
from weakref import ref

import pytest
from daphne import server as daphne_server

from chatsite import serve
from chatsite.server.timer_wheel import TimerWheel
from chatsite.server.websockets import Protocol


class Clock:
    now = 0.25

    def __call__(self) -> float:
        return self.now


def test_each_is_due_once_when_its_time_is_up_and_within_one_more_second() -> None:
    clock = Clock()
    timer_wheel: TimerWheel[str] = TimerWheel(clock)
    timer_wheel.add("later", seconds=9.5)
    timer_wheel.add("soon", seconds=2)
    timer_wheel.add("now", seconds=0)
    found = []
    while clock.now < 12:
        found += [(thing, int(clock.now)) for thing in timer_wheel.due()]
        clock.now += 1
    assert found == [("now", 1), ("soon", 3), ("later", 10)]


def test_the_next_second_begins_on_the_full_one() -> None:
    clock = Clock()
    timer_wheel: TimerWheel[str] = TimerWheel(clock)
    assert timer_wheel.until_next() == 0.75
    clock.now = 7.0
    assert timer_wheel.until_next() == 1.0


def test_after_a_pause_all_that_was_missed_is_due_in_order() -> None:
    clock = Clock()
    timer_wheel: TimerWheel[str] = TimerWheel(clock)
    for name, seconds in (("third", 30), ("first", 2), ("second", 7)):
        timer_wheel.add(name, seconds=seconds)
    clock.now = 100
    assert timer_wheel.due() == ["first", "second", "third"]
    assert timer_wheel.due() == []


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.setattr(daphne_server, "reactor", SimpleNamespace(callLater=lambda seconds, function: None))
    server: Any = serve.Server(application=None, endpoints=["tcp:port=1"])
    server.connections = {}
    return server


class Request:
    looks = 0

    def __init__(self, seconds: float | None = None, failure: Exception | None = None) -> None:
        self.seconds, self.failure = seconds, failure

    def check_timeouts(self) -> float | None:
        self.looks += 1
        if self.failure:
            raise self.failure
        return self.seconds


class Connection(Request, Protocol):
    pass


def test_the_server_checks_each_connection_when_it_asks_for_it_until_it_ends(server: Any) -> None:
    clock = Clock()
    server.timer_wheel = TimerWheel(clock)
    broken = Connection(failure=ValueError("of this one"))
    patient, plain, gone, request = Connection(8.0), Connection(), Connection(8.0), Request()
    for connection in (broken, patient, plain, gone, request):
        server.protocol_connected(connection)
    del server.connections[gone]
    while clock.now < 20:
        server.timeout_checker()
        clock.now += 1
    assert (gone.looks, request.looks, patient.looks, plain.looks, broken.looks) == (0, 0, 2, 6, 6)


def test_a_request_is_checked_only_with_a_time_out_and_an_ended_one_is_not_kept(server: Any) -> None:
    clock = Clock()
    server.timer_wheel, server.http_timeout = TimerWheel(clock), 60
    request, gone = Request(), Connection(8.0)
    server.protocol_connected(request)
    server.protocol_connected(gone)
    kept = ref(gone)
    server.connections.pop(gone)
    del gone
    assert kept() is None
    clock.now = 3
    server.timeout_checker()
    assert request.looks == 1


def test_the_server_searches_its_connections_only_when_one_has_ended_and_now_and_then(
    server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    searches: list[int] = []
    monkeypatch.setattr(daphne_server.Server, "application_checker", lambda server: searches.append(server._turn))
    connection = Connection()
    server.protocol_connected(connection)
    for turn in range(1, 25):
        if turn == 4:
            server.protocol_disconnected(connection)
        if turn == 6:
            server._note_end(None)
        server.application_checker()
    assert searches == [1, 4, 6, 10, 20]
