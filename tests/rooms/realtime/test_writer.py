"""The writer: group commit, and what happens to the others when one post fails."""

from collections.abc import Iterator
from concurrent.futures import Future
from threading import Event
from typing import Any

import pytest
from django.db import OperationalError

from accounts.models import User
from rooms import errors
from rooms.actions.messages import post_messages
from rooms.actions.posts import Post, Posted, clean_post
from rooms.models import Room
from rooms.realtime import writer as module
from rooms.realtime.writer import Answer, Writer

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def writer() -> Iterator[Writer]:
    writer = Writer()
    yield writer
    writer.stop()


def post(room: Room, author: User, client_id: str) -> Post:
    return clean_post(room_id=room.pk, author=author, client_id=client_id, body=f"Message {client_id}")


def submit(writer: Writer, *posts: Post) -> list[Future[Answer]]:
    futures: list[Future[Answer]] = [Future() for _ in posts]
    for one, future in zip(posts, futures, strict=True):
        writer.submit(one, future.set_result)
    return futures


def test_what_waits_while_one_commit_runs_shares_the_next(
    room: Room, alice: User, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    batches: list[int] = []
    first_is_running, go_on = Event(), Event()

    def slow(posts: list[Post]) -> Any:
        batches.append(len(posts))
        first_is_running.set()
        go_on.wait(10)
        return post_messages(posts)

    monkeypatch.setattr(module, "post_messages", slow)
    futures = submit(writer, post(room, alice, "0"))
    first_is_running.wait(10)
    futures += submit(writer, *(post(room, alice, str(number)) for number in range(1, 51)))
    go_on.set()
    answers = [future.result(10) for future in futures]
    assert [answer.row.seq for answer in answers if isinstance(answer, Posted)] == list(range(3, 54))
    assert batches == [1, 50]


def test_a_batch_that_breaks_is_tried_one_by_one(
    room: Room, alice: User, writer: Writer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks_on_five(posts: list[Post]) -> Any:
        if any(post.client_id == "5" for post in posts):
            raise ValueError("five")
        return post_messages(posts)

    monkeypatch.setattr(module, "post_messages", breaks_on_five)
    answers = [future.result(10) for future in submit(writer, *(post(room, alice, str(n)) for n in range(10)))]
    assert [number for number, answer in enumerate(answers) if isinstance(answer, errors.TryAgain)] == [5]
    assert room.messages.filter(kind="text").count() == 9
    assert "could not be stored" in caplog.text


def test_a_database_that_comes_back_costs_one_more_try(
    room: Room, alice: User, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = iter([OperationalError("the server closed the connection")])

    def away_once(posts: list[Post]) -> Any:
        for error in tries:
            raise error
        return post_messages(posts)

    monkeypatch.setattr(module, "post_messages", away_once)
    assert writer.post(post(room, alice, "1")).created
    assert room.messages.filter(kind="text").count() == 1


def test_when_the_database_stays_away_the_sender_is_told_to_try_again(
    room: Room, alice: User, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(posts: list[Post]) -> Any:
        raise OperationalError("no connection")

    with monkeypatch.context() as patch:
        patch.setattr(module, "post_messages", away)
        with pytest.raises(errors.TryAgain):
            writer.post(post(room, alice, "1"))
    assert writer.post(post(room, alice, "1")).created


def test_a_database_that_stays_away_is_not_asked_once_for_each_post(
    room: Room, alice: User, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    tries = 0

    def away(posts: list[Post]) -> Any:
        nonlocal tries
        tries += 1
        raise OperationalError("no connection")

    monkeypatch.setattr(module, "post_messages", away)
    answers = writer._store([post(room, alice, str(number)) for number in range(100)])
    assert all(isinstance(answer, errors.TryAgain) for answer in answers)
    assert tries == 2


def test_too_many_waiting_are_told_to_try_again(
    room: Room, alice: User, writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_WAITING", 0)
    with pytest.raises(errors.TryAgain):
        writer.post(post(room, alice, "1"))


def test_stopping_finishes_what_waits_and_a_later_post_starts_anew(room: Room, alice: User, writer: Writer) -> None:
    futures = submit(writer, *(post(room, alice, str(number)) for number in range(300)))
    writer.stop()
    assert all(future.done() for future in futures)
    assert writer.post(post(room, alice, "later")).row.seq == 303


def test_one_poster_s_broken_reply_does_not_keep_the_others_waiting(
    room: Room, alice: User, writer: Writer, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(answer: Answer) -> None:
        raise RuntimeError("gone")

    writer.submit(post(room, alice, "1"), broken)
    assert writer.post(post(room, alice, "2")).row.seq == 4
    assert "could not be answered" in caplog.text
