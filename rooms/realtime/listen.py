"""What realtime does when something has been committed, or somebody has gone."""

from itertools import groupby
from typing import Any
from uuid import UUID

from accounts import signals as people
from accounts.models import User
from rooms import signals
from rooms.models import Message
from rooms.realtime import lifecycle, reading
from rooms.realtime.presence import POLL_LEASE, presence


def connect() -> None:
    signals.committed.connect(on_committed)
    signals.room_deleted.connect(on_room_deleted)
    people.signed_out.connect(on_signed_out)
    people.suspended.connect(on_suspended)
    people.password_changed.connect(on_password_changed)


def on_committed(*, rows: list[Message], **kwargs: Any) -> None:
    hubs = lifecycle.hubs()
    if not hubs:
        return
    for room_id, of_room in groupby(rows, key=lambda row: row.room_id):
        events = [reading.log_event(row) for row in of_room]
        for hub in hubs:
            hub.call(hub.publish, room_id, events)


def on_room_deleted(*, room_id: UUID, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.close_room, room_id)


def on_signed_out(*, session_key: str, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.sign_out_session, session_key)


def on_suspended(*, user: User, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.sign_out_user, user.pk)


def on_password_changed(*, user: User, **kwargs: Any) -> None:
    for hub in lifecycle.hubs():
        hub.call(hub.check_in, user.pk)


def lease_page(room_id: UUID, user: User, lease: str) -> None:
    """Keep somebody here whose page polls, until it has not polled for a while."""
    presence.enter(room_id, user, lease, seconds=POLL_LEASE)
    hubs = lifecycle.hubs()
    for hub in hubs:
        hub.call(hub.announce_presence, room_id)
    if not hubs:
        presence.flush(room_id)
