"""All that the site holds about somebody: one JSON file, and the files that they sent. Each app adds what it knows."""

import json
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import Any

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession

from accounts.models import PendingSignup, Picture, User
from chatsite.files.archives import Member, zipped

# What a part of the file is made of: one JSON value for each thing that there is.
Section = Callable[[User], Iterable[Any]]
SECTIONS: dict[str, Section] = {}
# Files that go beside it.
Files = Callable[[User], Iterable[Member]]
FILES: list[Files] = []
# Values that are written at a time: a file of a million messages is never whole in memory.
CHUNK = 200


def section(name: str) -> Callable[[Section], Section]:
    """Add a part to everybody's file."""

    def add(items: Section) -> Section:
        SECTIONS[name] = items
        return items

    return add


def files(members: Files) -> Files:
    """Add files to everybody's archive."""
    FILES.append(members)
    return members


def archive(user: User) -> Iterator[bytes]:
    """Yield all of it in one archive, piece by piece."""
    return zipped(members_of(user))


def members_of(user: User) -> Iterator[Member]:
    yield "data.json", (piece.encode() for piece in write(user))
    if picture := Picture.objects.filter(user=user).first():
        yield "picture.webp", [bytes(picture.image)]
    for members in FILES:
        yield from members(user)


@section("emails")
def emails(user: User) -> Iterator[Any]:
    for address in EmailAddress.objects.filter(user=user).order_by("pk"):
        yield {"email": address.email, "main": address.primary, "confirmed": address.verified}
    for pending in PendingSignup.objects.filter(user=user):
        yield {"email": pending.email, "main": False, "confirmed": False}


@section("sessions")
def sessions(user: User) -> Iterator[Any]:
    for session in UserSession.objects.filter(user=user).order_by("pk"):
        yield {
            "device": session.user_agent,
            "address": session.ip,
            "since": instant(session.created_at),
            "last_used": instant(session.last_seen_at),
        }


def profile(user: User) -> dict[str, Any]:
    return {
        "id": str(user.pk),
        "username": user.username,
        "display_name": user.display_name,
        "is_guest": user.is_guest,
        "here_since": instant(user.date_joined),
        "last_seen": instant(user.seen_at) if user.seen_at else None,
    }


def write(user: User) -> Iterator[str]:
    """Yield the file, piece by piece."""
    yield f'{{"profile": {encode(profile(user))}'
    for name, items in SECTIONS.items():
        yield f',\n"{name}": ['
        separator = "\n"
        values = iter(items(user))
        while some := list(islice(values, CHUNK)):
            yield separator + ",\n".join(encode(value) for value in some)
            separator = ",\n"
        yield "]"
    yield "}\n"


def encode(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def instant(at: datetime) -> str:
    return at.isoformat()
