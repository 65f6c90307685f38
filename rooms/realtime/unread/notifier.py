"""What people are told of rooms that they belong to and are not in: new talk, what they have read, changes of the list.

Once a second, if anything was committed since, one query asks which rooms were talked in lately, in whatever process;
one more, only where somebody here watches such a room, who may still hear of it. So it holds with Redis down, and a
room's cost is the people connected.
"""

from collections import defaultdict
from collections.abc import Iterable
from typing import TYPE_CHECKING
from uuid import UUID

from rooms.events import Json
from rooms.realtime import protocol
from rooms.realtime.threads import in_database
from rooms.realtime.unread import unread_queries

if TYPE_CHECKING:
    from rooms.realtime.hub import Hub

# Seconds between two `unread` events about the same room.
UNREAD_EVERY = 1.0
# Looks between two readings of a list, for what other processes' words were lost about. At each some have their turn:
# thousands at once would hold up those who talk.
LISTS_EVERY = 30
# What people have read, told to the other processes in one message: more of it waits for the next second.
MOST_READ_TOLD = 1_000


def turn_of(user_id: UUID) -> int:
    return user_id.int % LISTS_EVERY


class Unread:
    """A part of the hub, on its event loop."""

    def __init__(self, hub: "Hub") -> None:
        self._hub = hub
        # The rooms in the lists of the people who are connected, and the other way around.
        self._watching: dict[UUID, set[UUID]] = {}
        self._watchers: dict[UUID, set[UUID]] = {}
        # Turn → the people whose lists are read anew at it.
        self._turns: defaultdict[int, set[UUID]] = defaultdict(set)
        # The talk_count of each watched room that was told of, or known, last.
        self._told: dict[UUID, int] = {}
        # Whose lists have changed and have to be read anew.
        self._restless: set[UUID] = set()
        # (person, room) → read_talk, for the other processes.
        self._read: dict[tuple[UUID, UUID], int] = {}
        self._turn = 0
        # The sign (sign.py) before the latest look for talk, and before each turn's latest reading of lists.
        self._seen: str | None = None
        self._seen_lists: dict[int, str | None] = {}
        # Of the people whose lists are known.
        self._people_version = -1

    # --- What is heard ----------------------------------------------------------------------------------------------

    def read(self, user_id: UUID, room_id: UUID, talk: int) -> None:
        """Somebody has read up to ``talk`` at one of their devices: the others show it."""
        self._show_read(user_id, room_id, talk)
        self._read[user_id, room_id] = talk

    def lists_changed(self, user_ids: Iterable[UUID], room_id: UUID | None = None) -> None:
        """The lists of these people, and of all who watch ``room_id``, are other ones now."""
        users = list(user_ids)
        self._stir(users, room_id)
        self._hub.relay.tell_all(
            {"kind": "lists", "users": [user.hex for user in users], "room": room_id.hex if room_id else None}
        )

    def blocks_changed(self, user_id: UUID) -> None:
        self.tell(user_id, {"type": "blocks"})
        self._hub.relay.tell_all({"kind": "blocks", "user": user_id.hex})

    def hear(self, news: Json) -> None:
        """Take what another process tells."""
        match news["kind"]:
            case "read":
                for user, room, talk in news["read"]:
                    self._show_read(UUID(user), UUID(room), talk)
            case "lists":
                self._stir([UUID(user) for user in news["users"]], UUID(news["room"]) if news["room"] else None)
            case "blocks":
                self.tell(UUID(news["user"]), {"type": "blocks"})

    def _show_read(self, user_id: UUID, room_id: UUID, talk: int) -> None:
        event = {"type": "read", "room": str(room_id), "read_talk": talk}
        self.tell(user_id, event, but_in=room_id)

    def _stir(self, user_ids: Iterable[UUID], room_id: UUID | None) -> None:
        # Also where their list has not been read yet: the page has an older one.
        connected = self._hub.people.connected()
        self._restless |= connected.intersection(user_ids)
        if room_id is not None:
            self._restless |= self._watchers.get(room_id, set()) | (connected - self._watching.keys())

    def tell(self, user_id: UUID, event: Json, *, but_in: UUID | None = None) -> None:
        """Send an event to somebody's sockets in this process, but for those in a room that it is not news to."""
        for socket, room_id in self._hub.people.of(user_id):
            if socket.backlog is None and (but_in is None or room_id != but_in):
                socket.send(event)

    # --- Each second ------------------------------------------------------------------------------------------------

    async def look(self) -> None:
        """Tell everybody who is connected what is new in their rooms elsewhere."""
        self._tell_read()
        sign = await self._hub.look.sign()
        await self._look_at_lists(sign)
        if self._watchers and (sign is None or sign != self._seen):
            self._seen = None
            await self._look_for_talk()
            self._seen = sign

    async def _look_at_lists(self, sign: str | None) -> None:
        self._turn = (self._turn + 1) % LISTS_EVERY
        is_their_turn = sign is None or sign != self._seen_lists.get(self._turn)
        version, stale = self._hub.people.version, set[UUID]()
        # Only if somebody has come or gone: with thousands it costs more than the rest.
        if version != self._people_version:
            connected = self._hub.people.connected()
            self._forget_all_but(connected)
            stale |= connected - self._watching.keys()
        if is_their_turn:
            stale |= self._turns[self._turn]
        stale |= self._restless
        if stale:
            # Also for who has come: there may have been talk in their rooms before the look for it.
            self._seen = None
            await self._read_lists(stale)
        self._people_version, self._seen_lists[self._turn] = version, sign

    def _tell_read(self) -> None:
        some, self._read = list(self._read.items())[:MOST_READ_TOLD], dict(list(self._read.items())[MOST_READ_TOLD:])
        if some:
            read = [[user.hex, room.hex, talk] for (user, room), talk in some]
            self._hub.relay.tell_all({"kind": "read", "read": read})

    def _forget_all_but(self, connected: set[UUID]) -> None:
        for user_id in self._watching.keys() - connected:
            self._watch(user_id, set())
            del self._watching[user_id]
            self._turns[turn_of(user_id)].discard(user_id)
        self._restless &= connected

    async def _read_lists(self, user_ids: set[UUID]) -> None:
        if not user_ids:
            return
        restless, self._restless = self._restless & user_ids, self._restless - user_ids
        try:
            lists = await in_database(unread_queries.rooms_of, user_ids)
        except BaseException:
            self._restless |= restless
            raise
        for user_id in user_ids:
            is_news = user_id in restless or (user_id in self._watching and self._watching[user_id] != lists[user_id])
            self._watch(user_id, lists[user_id])
            if is_news:
                self.tell(user_id, {"type": "rooms"})

    def _watch(self, user_id: UUID, room_ids: set[UUID]) -> None:
        before = self._watching.get(user_id, set())
        for room_id in before - room_ids:
            watchers = self._watchers[room_id]
            watchers.discard(user_id)
            if not watchers:
                del self._watchers[room_id]
                self._told.pop(room_id, None)
        for room_id in room_ids - before:
            self._watchers.setdefault(room_id, set()).add(user_id)
        self._watching[user_id] = room_ids
        self._turns[turn_of(user_id)].add(user_id)

    async def _look_for_talk(self) -> None:
        talked = await in_database(unread_queries.talked_lately)
        fresh = {room: talk for room, talk in talked.items() if room in self._watchers and self._told.get(room) != talk}
        elsewhere = {room: [user for user in self._watchers[room] if self._is_elsewhere(user, room)] for room in fresh}
        allowed = await in_database(
            unread_queries.who_may_hear, {room: users for room, users in elsewhere.items() if users}
        )
        for room_id, talk in fresh.items():
            self._told[room_id] = talk
            text = protocol.encode({"type": "unread", "room": str(room_id), "talk_count": talk})
            for user_id in elsewhere[room_id]:
                if (room_id, user_id) in allowed:
                    self._send(user_id, text, but_in=room_id)

    def _is_elsewhere(self, user_id: UUID, room_id: UUID) -> bool:
        return any(place != room_id for _, place in self._hub.people.of(user_id))

    def _send(self, user_id: UUID, text: str, *, but_in: UUID) -> None:
        for socket, room_id in self._hub.people.of(user_id):
            if socket.backlog is None and room_id != but_in:
                socket.send_encoded([text])
