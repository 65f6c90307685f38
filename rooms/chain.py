"""The hash chain that makes a room's log tamper-evident.

A row's hash is SHA-256 over these fields, each with its length before it (four bytes, big-endian): the previous hash,
room id, seq, kind, author id, subject id, the time in microseconds since 1970 UTC, the digests of body and file.
Ids are 16 bytes, numbers eight bytes big-endian, what is absent is empty. The first row follows 32 zero bytes.

``python rooms/chain.py transcript.jsonl [folder]`` verifies an export, and the files that came with it, with nothing
but Python.

The body enters as SHA-256(salt + body), a file as SHA-256(salt + SHA-256 of its bytes + name), so a site admin's
redaction can erase words, file and salt, and the chain still holds.
"""

import hashlib
import json
import sys
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SALT_BYTES = 16


def digest_body(salt: bytes, body: str) -> bytes:
    return hashlib.sha256(salt + body.encode()).digest()


def digest_file(salt: bytes, sha256: bytes, name: str) -> bytes:
    return hashlib.sha256(salt + sha256 + name.encode()).digest()


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
) -> bytes:
    """Return the hash of the row that follows ``previous``."""
    fields = (
        previous,
        room_id.bytes,
        seq.to_bytes(8, "big"),
        kind.encode(),
        author_id.bytes if author_id else b"",
        subject_id.bytes if subject_id else b"",
        ((created_at - EPOCH) // MICROSECOND).to_bytes(8, "big", signed=True),
        body_digest,
        file_digest,
    )
    return hashlib.sha256(b"".join(len(field).to_bytes(4, "big") + field for field in fields)).digest()


def faults_of_export(lines: Iterable[str]) -> list[str]:
    """Return a sentence for each thing wrong with an export (see transcripts.py); none where it is whole."""
    rows = iter(lines)
    room = json.loads(next(rows, "{}")).get("room")
    if not room:
        return ["The first line does not name the room."]
    faults, previous, seq = [], bytes(32), 0
    erased: set[str] = set()
    told: set[str] = set()
    for seq, line in enumerate(rows, 1):
        row = json.loads(line)
        if row["redacted"]:
            erased.add(str(seq))
            body_digest = bytes.fromhex(row["body_digest"])
            file_digest = bytes.fromhex(row.get("file_digest", ""))
        else:
            salt, file = bytes.fromhex(row["salt"]), row.get("attachment")
            body_digest = digest_body(salt, row["body"])
            file_digest = digest_file(salt, bytes.fromhex(file["sha256"]), file["name"]) if file else b""
        if row["kind"] == "redacted":
            told.add(row["body"])
        previous = link(
            previous,
            room_id=UUID(room["id"]),
            seq=seq,
            kind=row["kind"],
            author_id=UUID(row["author"]["id"]) if row["author"] else None,
            subject_id=UUID(row["subject"]["id"]) if row["subject"] else None,
            created_at=datetime.fromisoformat(row["at"]),
            body_digest=body_digest,
            file_digest=file_digest,
        )
        if previous.hex() != row["hash"]:
            return [f"Row {seq} is not the one that was written."]
    faults += [f"Row {row} was erased, and no row says so." for row in sorted(erased - told, key=int)]
    if (seq, previous.hex()) != (room["head"], room["hash"]):
        faults.append(f"The export ends at row {seq}; the room had {room['head']}.")
    return faults


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
                digest = hashlib.file_digest(content, "sha256").hexdigest()
            if digest != file["sha256"]:
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
