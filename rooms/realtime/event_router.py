"""What realtime does when something has been committed, or somebody has gone."""

import time
from itertools import groupby
from typing import Any
from uuid import UUID

from accounts import signals as people
from accounts.models import User
from rooms import admission, errors, limits, signals
from rooms.events import Json
from rooms.models import Message, Room
from rooms.realtime import lifecycle, protocol
from rooms.realtime.fanout import log_reader
from rooms.realtime.fanout.delivery import ENDINGS
from rooms.realtime.presence.tracker import MovedOn, presence

# Rows that change the list of rooms of one person, and of everybody who has the room in theirs.
OF_ONE_PERSON = {
    Message.Kind.OPENED,
    Message.Kind.JOINED,
    Message.Kind.LEFT,
    Message.Kind.ADDED,
    Message.Kind.REMOVED,
    Message.Kind.ADMIN_GRANTED,
    Message.Kind.ADMIN_REVOKED,
}
OF_THE_ROOM = {Message.Kind.RENAMED, Message.Kind.KIND_CHANGED, Message.Kind.DELETED, Message.Kind.RESTORED}


def connect() -> None:
    signals.committed.connect(on_committed)
    people.signed_out.connect(on_signed_out)
    people.suspended.connect(on_suspended)
    people.password_changed.connect(on_password_changed)
    people.renamed.connect(on_renamed)
    people.blocks_changed.connect(on_blocks_changed)
    signals.read.connect(on_read)
    signals.list_changed.connect(on_list_changed)


def on_committed(*, rows: list[Message], **kwargs: Any) -> None:
    committed_at = time.monotonic()
    for row in rows:
        # Here, too, because a room in which everybody polls has no feed.
        if row.kind in ENDINGS and row.subject_id:
            presence.expel(row.room_id, row.subject_id)
    hubs = lifecycle.hubs()
    if not hubs:
        return
    for room_id, of_room in groupby(rows, key=lambda row: row.room_id):
        events = [log_reader.log_event(row) for row in of_room]
        for hub in hubs:
            hub.call(hub.publish, room_id, events)
    for hub in hubs:
        hub.call(hub.note_fan_out, committed_at)
    for row in rows:
        user_ids, whole_room = lists_changed_by(row)
        if user_ids or whole_room:
            for hub in hubs:
                hub.call(hub.unread.lists_changed, user_ids, whole_room)


def lists_changed_by(row: Message) -> tuple[list[UUID], UUID | None]:
    """Return whose list of rooms a row changes, and the room if it is everybody's who has it there."""
    if row.kind in OF_ONE_PERSON:
        # Of a private talk, both of them.
        return [person for person in (row.subject_id, row.author_id) if person], None
    return [], row.room_id if row.kind in OF_THE_ROOM else None


def on_read(*, user_id: UUID, room_id: UUID, talk: int, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.unread.read, user_id, room_id, talk)


def on_list_changed(*, user_id: UUID, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.unread.lists_changed, [user_id])


def on_blocks_changed(*, user: User, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.unread.blocks_changed, user.pk)


def on_signed_out(*, session_key: str, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.sign_out, protocol.digest_of(session_key))


def on_suspended(*, user: User, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.suspend, user.pk)


def on_password_changed(*, user: User, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.check_in, user.pk)


def on_renamed(*, user: User, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.rename, user.pk)


def admit_page(room_id: UUID, user: User) -> Room:
    """Admit somebody who reads. Who is refused is present no more, though the word of their removal be lost."""
    asked_at = time.time()
    try:
        return admission.admit(room_id, user)[0]
    except errors.RoomError:
        presence.expel(room_id, user.pk, before=asked_at)
        raise


def lease_page(room: Room, user: User, name: str, *, away: bool) -> None:
    """Keep somebody here whose page polls, until it has not polled for a while; the page's first poll enters."""
    if not presence.knows_page(room.pk, user.pk, name):
        limits.ENTERING.spend(user.pk)
    try:
        # Named by the caller, so only within the caller's own.
        left = presence.poll(room.pk, user, name, away=away)
    except MovedOn as move:
        raise errors.Elsewhere(place_json(Room.objects.find(move.room_id))) from move
    hubs = lifecycle.hubs()
    if not hubs:
        presence.flush(room.pk)
    elif left is not None:
        for hub in hubs:
            hub.call(hub.people.moved, user.pk, place_json(room), left)


def place_json(room: Room) -> Json:
    return {"id": str(room.pk), "name": room.name}
