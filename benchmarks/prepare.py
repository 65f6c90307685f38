"""Fill a site for a load test. Run in the site's own environment.

``python -m benchmarks.prepare`` prints a line of JSON: the rooms, and a session key for each person, who is in the room
of that number (modulo the rooms), or ``--everywhere``. ``--members`` adds people without a session to each room,
``--rows`` messages.
"""

import argparse
import json
from datetime import timedelta
from importlib import import_module

import django

django.setup()

from django.conf import settings  # noqa: E402 (after the set-up)
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.contrib.sessions.backends.base import VALID_KEY_CHARS  # noqa: E402
from django.contrib.sessions.models import Session  # noqa: E402
from django.db import connection  # noqa: E402
from django.utils import timezone  # noqa: E402
from django.utils.crypto import get_random_string  # noqa: E402

from accounts.models import User  # noqa: E402
from rooms import chain  # noqa: E402
from rooms.actions.rooms import open_room  # noqa: E402
from rooms.models import Membership, Room  # noqa: E402

BATCH = 5_000
# Those who wrote a room's messages.
AUTHORS = 10


def people(count: int, prefix: str = "") -> list[User]:
    # Made at once: one sign-up after the other would take minutes.
    prefix = prefix or f"p{get_random_string(6).lower()}x"
    users = (
        User(username=f"{prefix}{n}", username_folded=f"{prefix}{n}", password="!", email=f"{prefix}{n}@example.org")
        for n in range(count)
    )
    return User.objects.bulk_create(users, batch_size=BATCH)


def sign_in(users: list[User]) -> list[str]:
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    expires = timezone.now() + timedelta(days=1)
    sessions = [
        Session(
            session_key=get_random_string(32, VALID_KEY_CHARS),
            session_data=store.encode(
                {
                    SESSION_KEY: str(user.pk),
                    BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[0],
                    HASH_SESSION_KEY: user.get_session_auth_hash(),
                }
            ),
            expire_date=expires,
        )
        for user in users
    ]
    Session.objects.bulk_create(sessions, batch_size=BATCH)
    return [session.session_key for session in sessions]


def fill_room(members: list[User], number: int) -> Room:
    room = open_room(actor=members[0], name=f"Load {number} {timezone.now():%H%M%S%f}")
    Membership.objects.bulk_create((Membership(room=room, user=user) for user in members[1:]), batch_size=BATCH)
    Room.objects.filter(pk=room.pk).update(member_count=len(members))
    return room


def fill_log(room: Room, authors: list[User], rows: int) -> None:
    """Write rows beside the actions, a million in seconds: their hashes are made up, so this log would not verify."""
    keys = [user.pk.hex if settings.SQLITE else str(user.pk) for user in authors]
    uuid, noise, to_uuid = (
        ("lower(hex(randomblob(16)))", "randomblob({0})", "{0}")
        if settings.SQLITE
        else ("gen_random_uuid()", "substring(sha256(i::text::bytea) for {0})", "{0}::uuid")
    )
    author_rows = ", ".join(f"({n}, '{key}')" for n, key in enumerate(keys))
    room_key = to_uuid.format(f"'{room.pk.hex}'")
    sql = f"""
        WITH RECURSIVE n(i) AS (SELECT 2 UNION ALL SELECT i + 1 FROM n WHERE i < {rows}),
        author(number, id) AS (VALUES {author_rows})
        INSERT INTO rooms_message
            (id, room_id, seq, author_id, kind, talk, body, created_at, salt, body_digest, hash, hash_format)
        SELECT {uuid}, {room_key}, i, {to_uuid.format("author.id")}, 'text', i - 1,
            'Message ' || i || ', of about as many words as people write to one another when they talk',
            {"'2026-01-01 00:00:00'" if settings.SQLITE else "timestamptz '2026-01-01 00:00:00Z'"},
            {noise.format(16)}, {noise.format(32)}, {noise.format(32)}, {chain.FORMAT}
        FROM n JOIN author ON author.number = i % {len(keys)} ORDER BY i
    """
    with connection.cursor() as cursor:
        cursor.execute(sql)
        Room.objects.filter(pk=room.pk).update(last_seq=rows, talk_count=rows - 1)
        cursor.execute("ANALYZE")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=AUTHORS)
    parser.add_argument("--rooms", type=int, default=1)
    parser.add_argument("--everywhere", action="store_true")
    parser.add_argument("--members", type=int, default=0)
    parser.add_argument("--rows", type=int, default=0)
    chosen = parser.parse_args()
    everybody = people(chosen.people)
    others = people(chosen.members)
    rooms = []
    for number in range(chosen.rooms):
        here = everybody if chosen.everywhere else everybody[number :: chosen.rooms]
        room = fill_room([*here, *others], number)
        if chosen.rows:
            fill_log(room, here[:AUTHORS], chosen.rows)
        rooms.append(str(room.pk))
    print(json.dumps({"rooms": rooms, "sessions": sign_in(everybody)}))


if __name__ == "__main__":
    main()
