"""The hash chain that makes a room's log tamper-evident.

A row's hash is SHA-256 over these fields, each with its length before it (four bytes, big-endian): the previous hash,
room id, seq, kind, author id, subject id, the time in microseconds since 1970 UTC, the digests of body and file.
Ids are 16 bytes, numbers eight bytes big-endian, what is absent is empty. The first row follows 32 zero bytes.

The body enters as SHA-256(salt + body), so a site admin's redaction can erase body and salt and the chain still holds.
"""

import hashlib
from datetime import UTC, datetime, timedelta
from uuid import UUID

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
SALT_BYTES = 16


def digest_body(salt: bytes, body: str) -> bytes:
    return hashlib.sha256(salt + body.encode()).digest()


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
