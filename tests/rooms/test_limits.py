"""How much is too much: the count itself, and how each door says so."""

import threading

import pytest
from django.conf import LazySettings
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from rooms import errors, limits
from rooms.actions.messages import post_message
from rooms.limits import Frames, Limit, Tally
from rooms.models import Room, Spending
from tests.rooms.conftest import session_of


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


def let_through(tally: Tally, key: str, tries: int, *, burst: int = 10, per_second: float = 2) -> int:
    return sum(tally.spend(key, 1 / per_second, burst / per_second) == 0 for _ in range(tries))


# --- The count -------------------------------------------------------------------------------------------------------


def test_a_burst_passes_and_then_the_steady_pace() -> None:
    tally = Tally(clock := Clock())
    assert let_through(tally, "alice", 50) == 10
    clock.now += 3
    assert let_through(tally, "alice", 50) == 6
    clock.now += 3600
    assert let_through(tally, "alice", 50) == 10
    assert let_through(tally, "bob", 50) == 10


def test_who_waits_as_long_as_told_gets_through() -> None:
    tally = Tally(clock := Clock())
    let_through(tally, "alice", 10)
    wait = tally.spend("alice", 0.5, 5.0)
    assert wait == pytest.approx(0.5)
    clock.now += wait - 0.01
    assert tally.spend("alice", 0.5, 5.0) > 0
    clock.now += 0.01
    assert tally.spend("alice", 0.5, 5.0) == 0


def test_many_threads_do_not_get_more() -> None:
    tally, through = Tally(Clock()), []
    threads = [threading.Thread(target=lambda: through.append(let_through(tally, "alice", 500))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(through) == 10


def test_what_ran_off_is_forgotten() -> None:
    tally = Tally(clock := Clock())
    let_through(tally, "alice", 10)
    clock.now += limits.FORGET_EVERY + 10
    tally.forget()
    assert tally._until == {}


@pytest.mark.rules
@pytest.mark.django_db
def test_several_processes_agree_after_an_exchange(settings: LazySettings) -> None:
    settings.SQLITE = False
    clock = Clock()
    one, two = Tally(clock), Tally(clock)
    assert (let_through(one, "alice", 50), let_through(two, "alice", 50)) == (10, 10)
    for tally in (one, two, one):
        tally.exchange()
    # Ten too many got through: they have to run off before anything else passes, in either process.
    clock.now += 4.9
    for tally in (one, two):
        assert let_through(tally, "alice", 1) == 0
    clock.now += 0.7
    assert let_through(two, "alice", 50) == 1
    two.exchange()
    # A process that has just started learns of it with the first exchange after it let something through.
    three = Tally(clock)
    assert let_through(three, "alice", 1) == 1
    three.exchange()
    assert let_through(three, "alice", 1) == 0


@pytest.mark.rules
@pytest.mark.django_db
def test_an_exchange_is_two_statements_for_everybody(
    settings: LazySettings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    settings.SQLITE = False
    tally = Tally(clock := Clock())
    tally.forget()
    for number in range(300):
        let_through(tally, f"person {number}", 3)
    with django_assert_num_queries(1):
        tally.exchange()
    let_through(tally, "person 0", 1)
    with django_assert_num_queries(2):
        tally.exchange()
    assert Spending.objects.count() == 300
    clock.now += limits.FORGET_EVERY + 10
    tally.exchange()
    assert not Spending.objects.exists()


@pytest.mark.django_db
def test_a_database_that_is_away_refuses_nobody(settings: LazySettings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.SQLITE = False
    tally = Tally(Clock())

    def away(used: dict[str, float], now: float) -> dict[str, float]:
        raise ConnectionError

    with monkeypatch.context() as patch:
        patch.setattr("rooms.limits.counting.add_up", away)
        assert let_through(tally, "alice", 4) == 4
        with pytest.raises(ConnectionError):
            tally.exchange()
        assert let_through(tally, "alice", 50) == 6
    tally.exchange()
    # Nothing that was used meanwhile is lost.
    assert Spending.objects.get().until == pytest.approx(Clock.now + 5)


def test_a_socket_may_send_200_frames_a_second() -> None:
    frames = Frames(clock := Clock())
    for _ in range(1_000):
        clock.now += 1 / 199
        assert not frames.are_too_many()
    assert [frames.are_too_many() for _ in range(250)][-1]


# --- The doors -------------------------------------------------------------------------------------------------------


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    spend = Limit.spend
    few = {name: Limit(name, burst=2, per_second=0.1) for name in ("posting", "reading", "joining", "opening rooms")}
    monkeypatch.setattr(Limit, "spend", lambda limit, *what: spend(few.get(limit.name, limit), *what))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("few")
@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("post", "/api/rooms/{room}/messages", {"client_id": "1", "body": "Hello"}),
        ("get", "/api/rooms/{room}/messages", {}),
        ("post", "/api/rooms/{room}/join", {}),
        ("post", "/api/rooms", {"name": "Another {number}"}),
    ],
)
def test_the_api_says_when_to_try_again(room: Room, bob: User, method: str, path: str, body: dict[str, str]) -> None:
    client = Client(headers={"X-Session-Token": session_of(bob)})
    for number in range(3):
        values = {name: value.format(number=number) for name, value in body.items()}
        options = {"content_type": "application/json"} if method == "post" else {}
        answer = getattr(client, method)(path.format(room=room.pk), values, **options)
        assert answer.status_code < 300 or number == 2
    assert answer.status_code == 429
    problem = answer.json()
    assert problem["code"] == "too_fast"
    assert problem["detail"].endswith(".")
    assert problem["retry_after"] == int(answer.headers["Retry-After"]) == 10


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("few")
def test_the_pages_say_it_in_a_sentence(room: Room, charlie: User) -> None:
    client = Client()
    client.force_login(charlie)
    for _ in range(3):
        joined = client.post(reverse("room_join", args=[room.pk]))
    for number in range(3):
        opened = client.post(reverse("room_new"), {"name": f"Room {number}"})
    for answer in (joined, opened):
        assert (answer.status_code, answer.headers["Retry-After"]) == (429, "10")
        assert str(errors.TooFast.sentence) in answer.content.decode()


@pytest.mark.django_db(transaction=True)
def test_the_actions_themselves_know_no_limit(room: Room, bob: User) -> None:
    for number in range(limits.POSTING.burst + 50):
        assert post_message(room, actor=bob, client_id=str(number), body="Quick").created


def test_a_fast_paste_passes() -> None:
    """A page sends about 30 messages a second, one after the other."""
    tally = Tally(clock := Clock())
    for _ in range(250):
        assert (
            tally.spend("alice", 1 / limits.POSTING.per_second, limits.POSTING.burst / limits.POSTING.per_second) == 0
        )
        clock.now += 1 / 30
