"""Shows users' new names in the rooms where they are or were members."""

from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID

from accounts.models import User
from chatsite.statements import in_lists
from rooms.events import Json, person_json
from rooms.models import Membership
from rooms.realtime import protocol
from rooms.realtime.connections.registry import ConnectionRegistry
from rooms.realtime.fanout.live_rooms import LiveRooms
from rooms.realtime.threads import in_database


class Profile(NamedTuple):
    """A user as the database has them now, and those of the rooms asked about in which they are or were a member."""

    user: User
    room_ids: list[UUID]


def read_profile(user_id: UUID, room_ids: Sequence[UUID]) -> Profile | None:
    user = User.objects.filter(pk=user_id).first()
    if user is None:
        return None
    # Also rooms of former memberships: the name stands in the transcript there, and the name of a deleted account must
    # go from open pages.
    theirs = [
        room_id
        for some in in_lists(room_ids)
        for room_id in Membership.objects.filter(user=user, room__in=some).values_list("room_id", flat=True)
    ]
    return Profile(user, theirs)


class Profiles:
    """On the event loop. ``rename_present`` changes the name in presence, ``forget_poller`` has the user read anew."""

    def __init__(
        self,
        rooms: LiveRooms,
        registry: ConnectionRegistry,
        *,
        rename_present: Callable[[UUID, Json], None],
        forget_poller: Callable[[UUID], None],
    ) -> None:
        self._rooms = rooms
        self._registry = registry
        self._rename_present = rename_present
        self._forget_poller = forget_poller

    async def refresh(self, user_id: UUID) -> None:
        """Read the user's name and show it to the sockets of this process; raises what the database raises."""
        self._forget_poller(user_id)
        profile = await in_database(read_profile, user_id, list(self._rooms.by_id))
        if profile is None:
            return
        person = person_json(profile.user)
        self._rename_present(user_id, person)
        for socket in self._registry.of(user_id):
            socket.user.username, socket.user.display_name = profile.user.username, profile.user.display_name
        text = protocol.encode({"type": "person", **person})
        for room_id in profile.room_ids:
            self._rooms.send(room_id, text)
