"""The checker by itself: a history in which all is well, and one for each way in which it may be wrong."""

import random
from collections.abc import Callable
from dataclasses import replace

import pytest

from tests.faults.checker import Bounds, check
from tests.faults.posts import Post
from tests.faults.readers import Reader
from tests.faults.scene import Evidence
from tests.faults.views import Row, pin_by
from tests.faults.windows import Window
from tests.scripts import Script


def row(
    seq: int, author: str, *, kind: str = "text", subject: str | None = None, target: int | None = None
) -> Row:  # fmt: skip
    return Row(seq, f"id {seq}", f"hash {seq}", kind, author, subject, f"client {seq}", f"body {seq}", target)


def post(seq: int, author: str) -> Post:
    return Post(
        "room", author, f"client {seq}", f"body {seq}", sent_at=float(seq), acked_at=seq + 0.5,
        answers={(seq, f"id {seq}")},
    )  # fmt: skip


def reader(name: str, rows: list[Row]) -> Reader:
    reader = Reader(Script("", name, "token"), ["room"], [""], rng=random.Random(1))
    view = reader.views["room"]
    view.seen = {row.seq: row for row in rows}
    view.arrived = {row.seq: row.seq + 0.5 for row in rows}
    view.head = len(rows)
    for each in rows:
        pin_by(each, view.pins)
    return reader


@pytest.fixture
def history() -> Evidence:
    """Alice said three things, bob was removed after two, and the second one is pinned."""
    rows = [row(1, "alice"), row(2, "alice"), row(3, "alice", kind="removed", subject="bob"), row(4, "alice")]
    rows.append(row(5, "alice", kind="pinned", target=2))
    alice, bob = reader("alice", rows), reader("bob", rows[:3])
    bob.views["room"].ended = 4403
    posts = [post(seq, "alice") for seq in (1, 2, 4)]
    windows = [window("around", 1, limit=2, head=2, rows=rows[:2]), window("before", 5, head=5, rows=rows[:4])]
    windows[1] = replace(windows[1], pinned=frozenset({2}), is_last=True)
    evidence = Evidence({"room": rows}, [], posts, [alice, bob], [alice], windows=windows, pinned={"room": {2}})
    return replace(evidence, recovery=1.0, memory=100)


def window(how: str, seq: int, *, limit: int = 100, head: int, rows: list[Row]) -> Window:
    return Window("alice", "room", how, seq, limit, head, head, rows, frozenset())


BOUNDS = Bounds(recovery=2, delivery=2, ends=frozenset({4403}))


def test_nothing_is_found_where_all_is_well(history: Evidence) -> None:
    assert check(history, BOUNDS) == []


def lose_a_row(history: Evidence) -> None:
    del history.rows["room"][3]


def store_twice(history: Evidence) -> None:
    history.rows["room"].append(replace(history.rows["room"][3], seq=6, id="id 6"))


def store_what_nobody_wrote(history: Evidence) -> None:
    history.rows["room"].append(row(6, "mallory"))


def acknowledge_as_another_row(history: Evidence) -> None:
    history.posts[0].answers = {(1, "another id")}


def skip_a_number(history: Evidence) -> None:
    history.rows["room"][3] = replace(history.rows["room"][3], seq=6)


def break_the_chain(history: Evidence) -> None:
    history.chain_faults.append("Row 2 is not the one that was written.")


def send_a_gap(history: Evidence) -> None:
    history.readers[0].breaches.append("was sent row 4 after row 2")


def send_other_words(history: Evidence) -> None:
    history.readers[0].views["room"].seen[2] = replace(history.rows["room"][1], body="other words")


def leave_a_reader_behind(history: Evidence) -> None:
    history.readers[0].views["room"].head = 3


def read_on_after_the_removal(history: Evidence) -> None:
    history.readers[1].views["room"].head = 4


def talk_on_after_the_removal(history: Evidence) -> None:
    history.rows["room"][3] = replace(history.rows["room"][3], author="bob")


def see_who_is_gone(history: Evidence) -> None:
    history.noted.append((6, "alice sees bob"))


def recover_late(history: Evidence) -> None:
    history.recovery = 3.0


def arrive_late(history: Evidence) -> None:
    history.readers[0].views["room"].arrived[4] = 7.0


def grow(history: Evidence) -> None:
    history.memory = 1_000


def close_a_socket(history: Evidence) -> None:
    history.readers[0].closes.append(1006)


def end_a_room(history: Evidence) -> None:
    history.readers[0].views["room"].ended = 4410


def start_anew_for_a_few_rows(history: Evidence) -> None:
    history.readers[0].views["room"].restarts.append((2, 4))


def send_a_gap_in_one_room(history: Evidence) -> None:
    history.readers[0].views["room"].breaches.append("was sent row 4 after row 2")


def pin_what_nobody_pinned(history: Evidence) -> None:
    history.readers[0].views["room"].pins.add(4)


def list_no_pins(history: Evidence) -> None:
    history.pinned["room"].clear()


def look_back_and_miss_a_row(history: Evidence) -> None:
    del history.windows[0].rows[0]


def look_beyond_the_head(history: Evidence) -> None:
    history.windows[0].rows.append(history.rows["room"][2])


def look_at_what_is_not_drawn(history: Evidence) -> None:
    history.windows[1].rows.append(history.rows["room"][4])


def look_into_the_past(history: Evidence) -> None:
    history.windows[0] = replace(history.windows[0], had=3)


def look_and_see_no_pins(history: Evidence) -> None:
    history.windows[1] = replace(history.windows[1], pinned=frozenset())


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
        (3, send_a_gap_in_one_room),
        (3, start_anew_for_a_few_rows),
        (4, pin_what_nobody_pinned),
        (4, list_no_pins),
        (4, look_back_and_miss_a_row),
        (4, look_beyond_the_head),
        (4, look_at_what_is_not_drawn),
        (4, look_into_the_past),
        (4, look_and_see_no_pins),
        (5, read_on_after_the_removal),
        (5, talk_on_after_the_removal),
        (6, see_who_is_gone),
        (7, recover_late),
        (7, arrive_late),
        (7, grow),
        (7, close_a_socket),
        (7, end_a_room),
        (7, refuse_a_post),
        (8, overtake),
    ],
)
def test_each_harm_breaks_its_invariant(history: Evidence, invariant: int, harm: Callable[[Evidence], None]) -> None:
    harm(history)
    assert invariant in {finding.invariant for finding in check(history, BOUNDS)}


def test_to_start_anew_is_right_where_what_was_missed_is_more_than_a_resume_brings(history: Evidence) -> None:
    history.rows["room"][3] = replace(history.rows["room"][3], body="x" * 5_000_000)
    history.posts[2].body = history.rows["room"][3].body
    history.windows.clear()
    view = history.readers[0].views["room"]
    view.seen[4] = history.rows["room"][3]
    view.restarts.append((2, 4))
    assert check(history, BOUNDS) == []
