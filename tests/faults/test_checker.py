"""The checker by itself: a history in which all is well, and one for each way in which it may be wrong."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.checker import Bounds, check
from tests.faults.posts import Post
from tests.faults.readers import Reader, Row
from tests.faults.scene import Evidence
from tests.scripts import Script


def row(seq: int, author: str, *, kind: str = "text", subject: str | None = None) -> Row:
    return Row(seq, f"id {seq}", f"hash {seq}", kind, author, subject, f"client {seq}", f"body {seq}")


def post(seq: int, author: str) -> Post:
    return Post(
        "room", author, f"client {seq}", f"body {seq}", sent_at=float(seq), acked_at=seq + 0.5,
        answers={(seq, f"id {seq}")},
    )  # fmt: skip


def reader(name: str, rows: list[Row]) -> Reader:
    reader = Reader(Script("", name, "token"), "room", [""], rng=random.Random(1))
    reader.seen = {row.seq: row for row in rows}
    reader.arrived = {row.seq: row.seq + 0.5 for row in rows}
    reader.head = len(rows)
    return reader


@pytest.fixture
def history() -> Evidence:
    """Alice said three things, and bob was removed after two."""
    rows = [row(1, "alice"), row(2, "alice"), row(3, "alice", kind="removed", subject="bob"), row(4, "alice")]
    alice, bob = reader("alice", rows), reader("bob", rows[:3])
    posts = [post(seq, "alice") for seq in (1, 2, 4)]
    return Evidence({"room": rows}, [], posts, [alice, bob], [alice], recovery=1.0, memory=100)


def test_nothing_is_found_where_all_is_well(history: Evidence) -> None:
    assert check(history, Bounds(recovery=2, delivery=2)) == []


def lose_a_row(history: Evidence) -> None:
    del history.rows["room"][3]


def store_twice(history: Evidence) -> None:
    history.rows["room"].append(replace(history.rows["room"][3], seq=5, id="id 5"))


def store_what_nobody_wrote(history: Evidence) -> None:
    history.rows["room"].append(row(5, "mallory"))


def acknowledge_as_another_row(history: Evidence) -> None:
    history.posts[0].answers = {(1, "another id")}


def skip_a_number(history: Evidence) -> None:
    history.rows["room"][3] = replace(history.rows["room"][3], seq=5)


def break_the_chain(history: Evidence) -> None:
    history.chain_faults.append("Row 2 is not the one that was written.")


def send_a_gap(history: Evidence) -> None:
    history.readers[0].breaches.append("was sent row 4 after row 2")


def send_other_words(history: Evidence) -> None:
    history.readers[0].seen[2] = replace(history.rows["room"][1], body="other words")


def leave_a_reader_behind(history: Evidence) -> None:
    history.readers[0].head = 3


def read_on_after_the_removal(history: Evidence) -> None:
    history.readers[1].head = 4


def talk_on_after_the_removal(history: Evidence) -> None:
    history.rows["room"][3] = replace(history.rows["room"][3], author="bob")


def see_who_is_gone(history: Evidence) -> None:
    history.noted.append((6, "alice sees bob"))


def recover_late(history: Evidence) -> None:
    history.recovery = 3.0


def arrive_late(history: Evidence) -> None:
    history.readers[0].arrived[4] = 7.0


def grow(history: Evidence) -> None:
    history.memory = 1_000


def close_a_socket(history: Evidence) -> None:
    history.readers[0].closes.append(1006)


def refuse_a_post(history: Evidence) -> None:
    history.posts[0].refusals.append("try_again")


def overtake(history: Evidence) -> None:
    history.posts[0].answers, history.posts[1].answers = history.posts[1].answers, history.posts[0].answers


@pytest.mark.parametrize(
    ("invariant", "harm"),
    [
        (1, lose_a_row),
        (1, store_twice),
        (1, store_what_nobody_wrote),
        (1, acknowledge_as_another_row),
        (2, skip_a_number),
        (2, break_the_chain),
        (3, send_a_gap),
        (4, send_other_words),
        (4, leave_a_reader_behind),
        (5, read_on_after_the_removal),
        (5, talk_on_after_the_removal),
        (6, see_who_is_gone),
        (7, recover_late),
        (7, arrive_late),
        (7, grow),
        (7, close_a_socket),
        (7, refuse_a_post),
        (8, overtake),
    ],
)
def test_each_harm_breaks_its_invariant(history: Evidence, invariant: int, harm: Callable[[Evidence], None]) -> None:
    harm(history)
    assert invariant in {finding.invariant for finding in check(history, Bounds(recovery=2, delivery=2))}
