"""Routes Django's signals (rows committed, a session ended, a list changed) to the hubs of this process."""

import time
from itertools import groupby
from typing import Any
from uuid import UUID

from accounts import signals as account_signals
from accounts.models import User
from rooms import signals
from rooms.models import Message
from rooms.realtime import lifecycle, protocol
from rooms.realtime.log_events import ENDINGS, log_event
from rooms.realtime.presence.tracker import presence

# Kinds of row that change the list of rooms of one user, and of everybody who has the room in theirs.
OF_ONE_USER = {
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
    """Connect the receivers below; called once, when Django is ready. They may be called in any thread."""
    signals.committed.connect(on_committed)
    signals.read.connect(on_read)
    signals.mentions.connect(on_mentions)
    signals.list_changed.connect(on_list_changed)
    account_signals.signed_out.connect(on_signed_out)
    account_signals.suspended.connect(on_suspended)
    account_signals.password_changed.connect(on_password_changed)
    account_signals.renamed.connect(on_renamed)
    account_signals.blocks_changed.connect(on_blocks_changed)


def on_committed(*, rows: list[Message], **kwargs: Any) -> None:
    committed_at = time.monotonic()
    for row in rows:
        # Here too, because a room in which everybody polls is not open in any hub.
        if row.kind in ENDINGS and row.subject_id:
            presence.expel(row.room_id, row.subject_id)
    hubs = lifecycle.hubs()
    if not hubs:
        return
    for room_id, of_room in groupby(rows, key=lambda row: row.room_id):
        events = [log_event(row) for row in of_room]
        for hub in hubs:
            hub.call(hub.publish, room_id, events)
    for hub in hubs:
        hub.call(hub.measure_fan_out, committed_at)
    for row in rows:
        user_ids, whole_room = lists_changed_by(row)
        if user_ids or whole_room:
            for hub in hubs:
                hub.call(hub.unread.lists_changed, user_ids, whole_room)


def lists_changed_by(row: Message) -> tuple[list[UUID], UUID | None]:
    """Return the users whose list of rooms a row changes, or the room if it is everybody's who has it in their list."""
    if row.kind in OF_ONE_USER:
        # The author too: a direct room that is opened is in both users' lists.
        return [user_id for user_id in (row.subject_id, row.author_id) if user_id], None
    return [], row.room_id if row.kind in OF_THE_ROOM else None


def on_read(*, user_id: UUID, room_id: UUID, talk: int, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.unread.read, user_id, room_id, talk)


def on_mentions(*, room_id: UUID, user_ids: list[UUID], **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.unread.mentions_changed, room_id, user_ids)


def on_list_changed(*, user_id: UUID, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.unread.lists_changed, [user_id])


def on_blocks_changed(*, user: User, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.unread.blocks_changed, user.pk)


def on_signed_out(*, session_key: str, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.accounts.sign_out, protocol.digest_of(session_key))


def on_suspended(*, user: User, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.accounts.suspend, user.pk)


def on_password_changed(*, user: User, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.accounts.check_in, user.pk)


def on_renamed(*, user: User, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.accounts.rename, user.pk)
