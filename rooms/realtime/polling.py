"""Presence for pages that poll the API instead of holding a socket. Called in request threads; reads the database."""

import time
from collections.abc import Collection
from uuid import UUID

from accounts.models import User
from rooms import errors, limits
from rooms.models import Room
from rooms.queries import access
from rooms.realtime import lifecycle
from rooms.realtime.presence.tracker import Polled, presence


def admit(room_id: UUID, user: User) -> Room:
    """Return the room that the user may read, or raise the ``RoomError`` that says why not.

    A user who is refused is present no more, even if the notice of their removal was lost.
    """
    found = admit_to_all([room_id], user)[room_id]
    if isinstance(found, errors.RoomError):
        raise found
    return found


def admit_to_all(room_ids: Collection[UUID], user: User) -> dict[UUID, Room | errors.RoomError]:
    """Return the same for some rooms, by one query; in the place of a room that the user may not read, why not."""
    asked_at = time.time()
    admitted: dict[UUID, Room | errors.RoomError] = {}
    for room_id, found in access.admit_to_all(room_ids, user).items():
        if isinstance(found, errors.RoomError):
            presence.expel(room_id, user.pk, before=asked_at)
            admitted[room_id] = found
        else:
            admitted[room_id] = found[0]
    return admitted


def attend(room_id: UUID, user: User, tab: str, *, since: float | None, away: bool) -> Polled:
    """Keep the user present until the tab has not polled for ``POLL_LEASE`` seconds; its first poll moves them here.

    ``since`` is what the last poll returned. Raises ``TooFast`` if the user enters too often.
    """
    if not presence.knows_tab(room_id, user.pk, tab, since):
        limits.ENTERING.spend(user.pk)
    # The client chooses the tab's name, so it is looked up only among the user's own.
    polled = presence.poll(room_id, user, tab, since=since, away=away)
    hubs = lifecycle.hubs()
    if not hubs:
        presence.flush(room_id)
    elif polled.left is not None:
        for hub in hubs:
            hub.call(hub.moves.moved, user.pk, room_id, polled.left, tab)
    return polled
