"""The hash chain that makes a room's log tamper-evident; "The chain" in docs/protocol.md says how each hash is made.

Ours, because anybody has to be able to check an export with one file and Python alone, and because erasing a message's
words has to leave the chain whole, which no library of append-only logs allows.

``python rooms/chain.py transcript.jsonl [folder]`` verifies an export, and the files that came with it, with nothing
but Python.
"""

import hashlib
import json
import sys
from collections.abc import Generator, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SALT_BYTES = 16
DIGEST_BYTES = 32
# Of the rows that are written now. Those of before formats had numbers are of format 1.
FORMAT = 2
FORMATS = (1, FORMAT)
# The kinds of rows that count as talk.
TALK = ("text", "file")


class Row(NamedTuple):
    """What the chain knows of a row, wherever it was read."""

    hash_format: int
    room_id: UUID
    seq: int
    kind: str
    author_id: UUID | None
    subject_id: UUID | None
    # The row that this one is about.
    target_seq: int | None
    created_at: datetime
    talk: int | None
    body: str
    salt: bytes
    # The SHA-256 of its bytes, and its name.
    file: tuple[bytes, str] | None
    is_erased: bool
    # None where they are not told, for they follow from the words and the file.
    body_digest: bytes | None
    file_digest: bytes | None
    hash: bytes


class End(NamedTuple):
    """Where a log that holds together ends."""

    seq: int
    talk: int
    hash: bytes


# --- Hashes ----------------------------------------------------------------------------------------------------------


def digest(*parts: bytes) -> bytes:
    """SHA-256 over the parts, each with its length before it, so that nothing of one can pass into another."""
    # A list, which join() takes quicker than it takes a generator.
    return hashlib.sha256(b"".join([len(part).to_bytes(4, "big") + part for part in parts])).digest()


def digest_body(salt: bytes, body: str, *, hash_format: int = FORMAT) -> bytes:
    """Return the digest that stands for a text in its row's hash."""
    if hash_format == 1:
        # Without lengths: it holds only because verifiers insist on a salt of 16 bytes.
        return hashlib.sha256(salt + body.encode()).digest()
    return digest(salt, body.encode())


def digest_file(salt: bytes, sha256: bytes, name: str, *, hash_format: int = FORMAT) -> bytes:
    if hash_format == 1:
        return hashlib.sha256(salt + sha256 + name.encode()).digest()
    return digest(salt, sha256, name.encode())


def link(  # noqa: PLR0913 (the fields are the arguments)
    previous: bytes,
    *,
    room_id: UUID,
    seq: int,
    kind: str,
    author_id: UUID | None,
    subject_id: UUID | None,
    created_at: datetime,
    body_digest: bytes,
    file_digest: bytes = b"",
    target_seq: int | None = None,
    hash_format: int = FORMAT,
) -> bytes:
    """Return the hash of the row that follows ``previous``. Format 1 has no room for ``target_seq``."""
    fields = (
        previous,
        room_id.bytes,
        _eight_bytes(seq),
        kind.encode(),
        author_id.bytes if author_id else b"",
        subject_id.bytes if subject_id else b"",
        _eight_bytes((created_at - EPOCH) // MICROSECOND),
        body_digest,
        file_digest,
    )
    if hash_format == 1:
        return digest(*fields)
    # The format itself is hashed too, so that no row passes for one of another format.
    return digest(_eight_bytes(hash_format), *fields, b"" if target_seq is None else _eight_bytes(target_seq))


def _eight_bytes(number: int) -> bytes:
    return number.to_bytes(8, "big", signed=True)


# --- Verifying -------------------------------------------------------------------------------------------------------


def walk(room_id: UUID, rows: Iterable[Row]) -> Generator[str, None, End | None]:
    """Yield what is wrong with a room's rows, from the first one on; return their end, or None where they break off."""
    previous, seq, talk, hash_format = bytes(DIGEST_BYTES), 0, 0, 1
    erased: set[str] = set()
    told: set[str] = set()
    for seq, row in enumerate(rows, 1):
        if row.seq != seq:
            yield f"row {seq} is missing: the next one is {row.seq}"
            return None
        if row.hash_format not in FORMATS:
            yield f"row {seq} has a hash of format {row.hash_format}, which is not known here"
            return None
        if row.hash_format < hash_format:
            yield f"row {seq} has a hash of format {row.hash_format}, and the row before it one of format {hash_format}"
        hash_format = row.hash_format
        talk += row.kind in TALK
        if row.kind == "redacted":
            # Rows of before targets have it as their body.
            told.add(row.body if row.target_seq is None else str(row.target_seq))
        if row.is_erased:
            erased.add(str(seq))
        yield from _faults_of_place(row, room_id, talk)
        yield from _faults_in(row)
        if hash_of(row, previous) != row.hash:
            yield f"row {seq} is not the one that was written"
            return None
        previous = row.hash
    for gone in sorted(erased - told, key=int):
        yield f"row {gone} was erased, and no row says so"
    return End(seq, talk, previous)


def hash_of(row: Row, previous: bytes) -> bytes:
    return link(
        previous,
        room_id=row.room_id,
        seq=row.seq,
        kind=row.kind,
        author_id=row.author_id,
        subject_id=row.subject_id,
        created_at=row.created_at,
        body_digest=_body_digest_of(row) if row.body_digest is None else row.body_digest,
        file_digest=_file_digest_of(row) if row.file_digest is None else row.file_digest,
        target_seq=row.target_seq,
        hash_format=row.hash_format,
    )


def _faults_of_place(row: Row, room_id: UUID, talk: int) -> Iterator[str]:
    """Yield what a row says wrongly of where it stands: in a room, as the last of so much talk, after its target."""
    if row.room_id != room_id:
        yield f"row {row.seq} belongs to another room"
    right = talk if row.kind in TALK else None
    if row.talk != right:
        yield f"row {row.seq} says that it is talk {row.talk}, and {right or 'none'} is right"
    if row.target_seq is not None and not 1 <= row.target_seq < row.seq:
        yield f"row {row.seq} is about row {row.target_seq}, which is none before it"
    if row.target_seq is not None and row.hash_format == 1:
        # Its hash says nothing of it.
        yield f"row {row.seq} is about row {row.target_seq}, which a hash of format 1 does not cover"


def _faults_in(row: Row) -> Iterator[str]:
    """Yield what of a row by itself cannot be, or is not what its digests were made of."""
    if row.is_erased:
        if row.body or row.salt or row.file:
            yield f"row {row.seq} is said to be erased, and not all of it is"
        # What they were made of is gone, so that nothing else would show it.
        if len(row.body_digest or b"") != DIGEST_BYTES or len(row.file_digest or b"") not in (0, DIGEST_BYTES):
            yield f"a digest of row {row.seq} is not {DIGEST_BYTES} bytes long"
        return
    if len(row.salt) != SALT_BYTES:
        yield f"the salt of row {row.seq} is not {SALT_BYTES} bytes long"
    if row.file and len(row.file[0]) != DIGEST_BYTES:
        yield f"the digest of the file of row {row.seq} is not {DIGEST_BYTES} bytes long"
    if row.body_digest not in (None, _body_digest_of(row)):
        yield f"the words of row {row.seq} are not those that were written"
    if row.file_digest not in (None, _file_digest_of(row)):
        yield f"the file of row {row.seq} is not the one that was sent"


def _body_digest_of(row: Row) -> bytes:
    return digest_body(row.salt, row.body, hash_format=row.hash_format)


def _file_digest_of(row: Row) -> bytes:
    return digest_file(row.salt, *row.file, hash_format=row.hash_format) if row.file else b""


# --- Exports ---------------------------------------------------------------------------------------------------------

# What reading a line raises that no export has.
UNREADABLE = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)


def faults_of_export(lines: Iterable[str]) -> list[str]:
    """Return a sentence for each thing wrong with an export (see transcripts.py); none where it is whole."""
    rest, read, faults = iter(lines), 0, []

    def rows() -> Iterator[Row]:
        nonlocal read
        for line in rest:
            read += 1
            yield row_of(json.loads(line))

    try:
        room = json.loads(next(rest, "{}"))["room"]
        for fault in _faults_after(room, rows()):
            faults.append(f"{fault[0].upper()}{fault[1:]}.")  # noqa: PERF401 (kept when a later line cannot be read)
    except UNREADABLE:
        faults.append(f"Row {read} cannot be read." if read else "The first line does not name the room.")
    return faults


def _faults_after(room: dict[str, Any], rows: Iterable[Row]) -> Iterator[str]:
    head, last_hash = room["head"], bytes.fromhex(room["hash"])
    end = yield from walk(UUID(room["id"]), rows)
    if end and (end.seq, end.hash) != (head, last_hash):
        yield f"the export ends at row {end.seq}; the room had {head}"


def row_of(line: dict[str, Any]) -> Row:
    """Return a row as an export has it. What came with later versions may be missing."""
    file, is_erased = line.get("attachment"), bool(line.get("redacted"))
    return Row(
        hash_format=line.get("hash_format", 1),
        room_id=UUID(line["room"]),
        seq=line["seq"],
        kind=line["kind"],
        author_id=UUID(line["author"]["id"]) if line["author"] else None,
        subject_id=UUID(line["subject"]["id"]) if line["subject"] else None,
        target_seq=line.get("target_seq"),
        created_at=datetime.fromisoformat(line["at"]),
        talk=line["talk"],
        body=line["body"],
        salt=bytes.fromhex(line.get("salt", "")),
        file=(bytes.fromhex(file["sha256"]), file["name"]) if file else None,
        is_erased=is_erased,
        # Of the others they are computed: nobody need believe what a line says of itself.
        body_digest=bytes.fromhex(line["body_digest"]) if is_erased else None,
        file_digest=bytes.fromhex(line.get("file_digest", "")) if is_erased else None,
        hash=bytes.fromhex(line["hash"]),
    )


def faults_of_files(lines: Iterable[str], folder: Path) -> list[str]:
    """Return a sentence for each file of an export that ``folder`` does not hold as it was sent."""
    faults = []
    for row in map(json.loads, lines):
        if file := row.get("attachment"):
            path = folder / f"{row['seq']}-{file['name']}"
            if not path.is_file():
                faults.append(f"The file of row {row['seq']} is missing.")
                continue
            with path.open("rb") as content:
                sha256 = hashlib.file_digest(content, "sha256").hexdigest()
            if sha256 != file["sha256"]:
                faults.append(f"The file of row {row['seq']} is not the one that was sent.")
    return faults


if __name__ == "__main__":
    with Path(sys.argv[1]).open(encoding="utf-8") as export:
        problems = faults_of_export(export)
        if len(sys.argv) > 2:
            export.seek(0)
            problems += faults_of_files(export, Path(sys.argv[2]))
    print("\n".join(problems) or "The transcript is whole and as it was written.")
    sys.exit(bool(problems))
