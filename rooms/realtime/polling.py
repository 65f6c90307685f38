"""Presence for pages that poll the API instead of holding a socket. Called in request threads; reads the database."""

import time
from uuid import UUID

from accounts.models import User
from rooms import errors, limits
from rooms.events import Json
from rooms.models import Room
from rooms.queries import access
from rooms.realtime import lifecycle
from rooms.realtime.presence.tracker import MovedOn, presence


def admit(room_id: UUID, user: User) -> Room:
    """Return the room that the user may read, or raise the ``RoomError`` that says why not.

    A user who is refused is present no more, even if the notice of their removal was lost.
    """
    asked_at = time.time()
    try:
        return access.admit(room_id, user)[0]
    except errors.RoomError:
        presence.expel(room_id, user.pk, before=asked_at)
        raise


def renew_lease(room: Room, user: User, tab: str, *, away: bool) -> None:
    """Keep the user present until the tab has not polled for ``POLL_LEASE`` seconds; its first poll enters the room.

    Raises ``Elsewhere`` if the user has entered another room since, ``TooFast`` if they enter too often.
    """
    if not presence.knows_tab(room.pk, user.pk, tab):
        limits.ENTERING.spend(user.pk)
    try:
        # The client chooses the tab's name, so it is looked up only among the user's own.
        left = presence.poll(room.pk, user, tab, away=away)
    except MovedOn as move:
        raise errors.Elsewhere(room_label(Room.objects.find(move.room_id))) from move
    hubs = lifecycle.hubs()
    if not hubs:
        presence.flush(room.pk)
    elif left is not None:
        for hub in hubs:
            hub.call(hub.moves.moved, user.pk, room_label(room), left, tab)


def room_label(room: Room) -> Json:
    """Return what a page needs to link to a room."""
    return {"id": str(room.pk), "name": room.name}
