"""The eight invariants, each a function from what was seen to sentences about what is wrong with it."""

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate, chain

from tests.faults.posts import Post
from tests.faults.readers import Reader
from tests.faults.scene import Evidence
from tests.faults.views import RoomView, Row, pin_by

# The room, who wrote, and the client_id.
Key = tuple[str, str | None, str | None]

# MiB that a process may hold at the most.
MEMORY = 300
# What a resume may bring, and the most that a row has besides its body, in bytes.
MAX_RESUME_BYTES = 4 * 1024 * 1024
MOST_BESIDE_BODY = 2_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a fault may cost: seconds until all is well again, seconds a post may take to reach everybody meanwhile."""

    recovery: float = 10.0
    delivery: float | None = None
    closes: frozenset[int] = frozenset()
    # Codes with which somebody's being in a room may end.
    ends: frozenset[int] = frozenset()
    refusals: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Finding:
    invariant: int
    sentence: str

    def __str__(self) -> str:
        return f"({self.invariant}) {self.sentence}"


def check(evidence: Evidence, bounds: Bounds, *, timed: bool = True) -> list[Finding]:
    """Return all that is wrong; not ``timed``, how long things took is not looked at."""
    found = {
        1: stored_once(evidence),
        2: numbered_and_chained(evidence),
        3: chain(*(breaches_of(reader) for reader in evidence.readers), needless_restarts(evidence)),
        4: chain(all_agree(evidence), pins_agree(evidence), windows_agree(evidence)),
        5: nothing_after_removal(evidence),
        7: within_bounds(evidence, bounds, timed=timed),
        8: in_order_of_acknowledgement(evidence),
    }
    findings = [Finding(number, sentence) for number, sentences in found.items() for sentence in sentences]
    return findings + [Finding(number, sentence) for number, sentence in evidence.noted]


def stored_once(evidence: Evidence) -> Iterator[str]:
    """(1) Every acknowledged message is stored exactly once, what was not acknowledged at most once, nothing else."""
    stored: dict[Key, list[Row]] = defaultdict(list)
    for room, rows in evidence.rows.items():
        for row in rows:
            if row.kind == "text":
                stored[room, row.author, row.client_id].append(row)
    for key, posts in by_key(evidence.posts).items():
        rows = stored.pop(key, [])
        answers = set[tuple[int, str]]().union(*(post.answers for post in posts))
        if (answers and len(rows) != 1) or len(rows) > 1:
            yield f"{posts[0].body[:40]!r} was acknowledged as {answers or 'nothing'} and is stored {len(rows)} times"
        elif answers - {(row.seq, row.id) for row in rows}:
            yield f"{posts[0].body[:40]!r} was acknowledged as {answers} and is stored as {rows}"
        elif rows and rows[0].body != posts[0].body:
            yield f"{posts[0].body[:40]!r} is stored as {rows[0].body[:40]!r}"
    yield from (f"nobody wrote {rows}" for rows in stored.values())


def by_key(posts: list[Post]) -> dict[Key, list[Post]]:
    found: dict[Key, list[Post]] = defaultdict(list)
    for post in posts:
        found[post.room, post.author, post.client_id].append(post)
    return found


def numbered_and_chained(evidence: Evidence) -> Iterator[str]:
    """(2) In each room seq is 1..n, and the chain verifies."""
    yield from evidence.chain_faults
    for rows in evidence.rows.values():
        if wrong := [(index, row.seq) for index, row in enumerate(rows, 1) if row.seq != index]:
            yield f"where row {wrong[0][0]} should be there is row {wrong[0][1]}"


def breaches_of(reader: Reader) -> Iterator[str]:
    """(3) Nobody is sent rows out of their order, twice or with a gap, nor what is of a room that they have left."""
    for breach in chain(reader.breaches, *(view.breaches for view in reader.views.values())):
        yield f"{reader.name} {breach}"


def needless_restarts(evidence: Evidence) -> Iterator[str]:
    """(3) Whoever comes back is sent what they missed, unless it is more than a resume may bring."""
    for view in evidence.views:
        for had, head in view.restarts:
            missed = evidence.rows[view.room][had:head]
            if sum(len(row.body.encode()) + MOST_BESIDE_BODY for row in missed) <= MAX_RESUME_BYTES:
                yield f"{view.name} had to start anew at {head}, having {had} already"


def all_agree(evidence: Evidence) -> Iterator[str]:
    """(4) What anybody was ever sent is what is stored, and who stayed has all of it."""
    for view in evidence.views:
        rows = evidence.rows[view.room]
        for row in view.seen.values():
            if row not in rows[row.seq - 1 : row.seq]:
                yield f"{view.name} was sent {row}, which is stored as {rows[row.seq - 1 : row.seq]}"
    for view in staying(evidence):
        if view.head != len(evidence.rows[view.room]):
            yield f"{view.name} has {view.head} of {len(evidence.rows[view.room])} rows"


def staying(evidence: Evidence) -> list[RoomView]:
    """Return the rooms of those who were there to the end."""
    return [view for reader in evidence.staying for view in reader.open_views]


def pinned_by(rows: list[Row]) -> set[int]:
    pinned: set[int] = set()
    for row in rows:
        pin_by(row, pinned)
    return pinned


def pins_agree(evidence: Evidence) -> Iterator[str]:
    """(4) What is pinned is what the log says, to the API and to whoever stayed."""
    pinned = {room: pinned_by(rows) for room, rows in evidence.rows.items()}
    for room, listed in evidence.pinned.items():
        if listed != pinned[room]:
            yield f"the API lists the pins {sorted(listed)} where the log says {sorted(pinned[room])}"
    for view in staying(evidence):
        if view.pins != pinned[view.room]:
            yield f"{view.name} has the pins {sorted(view.pins)} where the log says {sorted(pinned[view.room])}"


def windows_agree(evidence: Evidence) -> Iterator[str]:
    """(4) Who reads back is shown what is stored, all that they had been sent by then, and nothing beyond the head."""
    for window in evidence.windows:
        rows = evidence.rows[window.room]
        expected, where = window.expected(rows), f"{window.how} {window.seq} of {window.head}"
        if window.rows != expected:
            seqs = [[row.seq for row in some] for some in (window.rows, expected)]
            yield f"{window.name} was shown {seqs[0]} {where}, and there are {seqs[1]}"
        if window.head < window.had:
            yield f"{window.name}, who had {window.had} rows, was shown a log of {window.head}"
        if window.is_last and window.pinned != pinned_by(rows) & {row.seq for row in expected}:
            yield f"{window.name} was shown the pins {sorted(window.pinned)} {where}"


def nothing_after_removal(evidence: Evidence) -> Iterator[str]:
    """(5) Who was removed is sent nothing that follows, and says nothing that follows."""
    for room, rows in evidence.rows.items():
        removals = {row.subject: row.seq for row in rows if row.kind == "removed"}
        for row in rows:
            if row.kind == "text" and row.author in removals and row.seq > removals[row.author]:
                yield f"{row.author}, removed at {removals[row.author]}, still said {row}"
        for view in evidence.views:
            if view.room == room and view.name in removals and view.head > removals[view.name]:
                yield f"{view.name}, removed at {removals[view.name]}, was sent rows up to {view.head}"


def within_bounds(evidence: Evidence, bounds: Bounds, *, timed: bool) -> Iterator[str]:
    """(7) It recovers in time, in bounded memory, and costs nobody more than it has to."""
    if evidence.memory > MEMORY:
        yield f"a process held {evidence.memory} MiB"
    if refusals := {code for post in evidence.posts for code in post.refusals} - bounds.refusals:
        yield f"posts were refused with {sorted(refusals)}"
    if closes := {code for reader in evidence.readers for code in reader.closes} - bounds.closes:
        yield f"sockets were closed with {sorted(closes)}"
    if ends := {view.ended for view in evidence.views if view.ended} - bounds.ends:
        yield f"rooms were ended with {sorted(ends)}"
    if timed and evidence.recovery > bounds.recovery:
        yield f"it took {evidence.recovery:.1f} s to recover"
    if timed and bounds.delivery is not None and slowest_delivery(evidence) > bounds.delivery:
        yield f"a post took {slowest_delivery(evidence):.1f} s to reach everybody"


def slowest_delivery(evidence: Evidence) -> float:
    """Return the seconds from the sending of a post to its acknowledgement and its arrival at all who were there.

    Pages that poll have it when they ask next, and those that come and go when they come.
    """
    slowest = 0.0
    for post in evidence.posts:
        if post.sent_at is None or post.acked_at is None:
            continue
        arrivals = [
            view.arrived.get(seq, 0.0)
            for view in evidence.views
            for seq, _ in post.answers
            if view.room == post.room and view.welcomed_at <= post.sent_at and view.is_prompt
        ]
        slowest = max(slowest, max(arrivals, default=0.0) - post.sent_at, post.acked_at - post.sent_at)
    return slowest


def in_order_of_acknowledgement(evidence: Evidence) -> Iterator[str]:
    """(8) A post that was sent after another's acknowledgement comes after it."""
    for room in evidence.rows:
        said = [times_of(posts) for (where, *_), posts in by_key(evidence.posts).items() if where == room]
        acked = sorted((acked_at, seq) for _, acked_at, seq in said if seq)
        highest = list(accumulate((seq for _, seq in acked), max))
        for sent_at, _, seq in said:
            index = bisect_left(acked, (sent_at, 0))
            if seq and index and highest[index - 1] >= seq:
                yield f"row {seq} was sent after row {highest[index - 1]} was acknowledged"


def times_of(posts: list[Post]) -> tuple[float, float, int]:
    """Return when the same post was first sent and first acknowledged, and as which row; 0 where it was not."""
    sent_at = min((post.sent_at for post in posts if post.sent_at), default=0.0)
    acked_at = min((post.acked_at for post in posts if post.acked_at), default=0.0)
    return sent_at, acked_at, max((seq for post in posts for seq, _ in post.answers), default=0)
