"""Tells users of their rooms that they are not in: new messages, what they read elsewhere, what calls them, changes.

Once a second, if anything was committed since, one query asks in which rooms there was talk lately, in whatever
process; a second one, only if a user here has such a room in their list, what the memberships count. So it works
without Redis, and a room costs as much as users are connected.
"""

from collections.abc import Awaitable, Callable, Iterable
from uuid import UUID

from chatsite.statements import in_lists
from rooms.events import Json
from rooms.queries.mentions import mentions_of
from rooms.realtime import protocol
from rooms.realtime.connections.registry import ConnectionRegistry
from rooms.realtime.threads import in_database
from rooms.realtime.unread import room_lists, unread_queries
from rooms.realtime.unread.room_lists import RoomLists

# Seconds between two `unread` events about the same room.
UNREAD_EVERY = 1.0
# Read marks that are broadcast in one notice: more of them wait for the next second.
MOST_READ_SENT = 1_000


class UnreadNotifier:
    """On the event loop. ``broadcast`` reaches the other processes; ``read_token`` reads the change token."""

    def __init__(
        self,
        registry: ConnectionRegistry,
        *,
        broadcast: Callable[[Json], None],
        read_token: Callable[[], Awaitable[str | None]],
    ) -> None:
        self._registry = registry
        self._broadcast = broadcast
        self._read_token = read_token
        # Users whose lists have changed and have to be read again.
        self._changed: set[UUID] = set()
        # The talk_count of each room that users were told of last.
        self._told: dict[UUID, int] = {}
        self._lists = RoomLists(on_unlisted=lambda room_id: self._told.pop(room_id, None))
        # (user, room) → read_talk, for the other processes.
        self._read: dict[tuple[UUID, UUID], int] = {}
        # The read_talk of each room that each connected user was told of last, and the number of mentions in it.
        self._told_read: dict[UUID, dict[UUID, int]] = {}
        self._told_mentions: dict[UUID, dict[UUID, int]] = {}
        # (room, user) whose mentions have changed: here, and for the other processes.
        self._called: set[tuple[UUID, UUID]] = set()
        self._called_to_broadcast: set[tuple[UUID, UUID]] = set()
        # Users who were greeted with a number of mentions that was read before they could be told of changes.
        self._greeted: dict[UUID, set[int]] = {}
        self._turn = 0
        # The change token before talk was looked for last, and before each turn's lists were read last.
        self._token: str | None = None
        self._list_tokens: dict[int, str | None] = {}
        # The version of the registry whose users' lists are known.
        self._version = -1

    # --- From this process and from others --------------------------------------------------------------------------

    def read(self, user_id: UUID, room_id: UUID, talk: int) -> None:
        """A user has read up to ``talk`` at one of their devices: show it at the others."""
        self._show_read(user_id, room_id, talk)
        self._read[user_id, room_id] = max(talk, self._read.get((user_id, room_id), 0))

    def mentions_changed(self, room_id: UUID, user_ids: Iterable[UUID]) -> None:
        """These users are called by name in a room, or are not any more, or have read so much."""
        pairs = [(room_id, user_id) for user_id in user_ids]
        self._note_called(pairs)
        self._called_to_broadcast.update(pairs)

    def greeted(self, user_id: UUID, mentions: int) -> None:
        """A socket of this user was told so many mentions in all rooms."""
        self._greeted.setdefault(user_id, set()).add(mentions)

    def lists_changed(self, user_ids: Iterable[UUID], room_id: UUID | None = None) -> None:
        """The lists of these users have changed, and of all who have ``room_id`` in theirs."""
        users = list(user_ids)
        self._mark_changed(users, room_id)
        self._broadcast(
            {"kind": "lists", "users": [user.hex for user in users], "room": room_id.hex if room_id else None}
        )

    def blocks_changed(self, user_id: UUID) -> None:
        self._tell(user_id, {"type": "blocks"})
        self._broadcast({"kind": "blocks", "user": user_id.hex})

    def receive(self, notice: Json) -> None:
        match notice["kind"]:
            case "read":
                for user, room, talk in notice["read"]:
                    self._show_read(UUID(user), UUID(room), talk)
            case "mentions":
                self._note_called((UUID(room), UUID(user)) for room, user in notice["mentions"])
            case "lists":
                self._mark_changed(
                    [UUID(user) for user in notice["users"]], UUID(notice["room"]) if notice["room"] else None
                )
            case "blocks":
                self._tell(UUID(notice["user"]), {"type": "blocks"})

    def _show_read(self, user_id: UUID, room_id: UUID, talk: int) -> None:
        """Tell a user's sockets, unless they were told of more: two threads or processes are heard in any order."""
        if not self._registry.of(user_id):
            return
        told = self._told_read.setdefault(user_id, {})
        if talk <= told.get(room_id, 0):
            return
        told[room_id] = talk
        mentions = self._told_mentions.get(user_id, {}).get(room_id, 0)
        self._tell(user_id, read_event(room_id, talk, mentions), but_in=room_id)

    def _note_called(self, pairs: Iterable[tuple[UUID, UUID]]) -> None:
        self._called.update((room_id, user_id) for room_id, user_id in pairs if self._registry.of(user_id))

    def _mark_changed(self, user_ids: Iterable[UUID], room_id: UUID | None) -> None:
        # Also users whose list has not been read yet: their page has an older one.
        connected = self._registry.user_ids()
        self._changed |= connected.intersection(user_ids)
        if room_id is not None:
            self._changed |= self._lists.users_of.get(room_id, set()) | (connected - self._lists.known_users())

    def _tell(self, user_id: UUID, event: Json, *, but_in: UUID | None = None) -> None:
        self._registry.send_to_user(user_id, protocol.encode(event), but_in=but_in)

    # --- Each second ------------------------------------------------------------------------------------------------

    async def run(self) -> None:
        """Tell all connected users what is new in their rooms; raises what the database raises."""
        self._broadcast_read()
        self._broadcast_called()
        await self._tell_of_mentions()
        token = await self._read_token()
        await self._refresh_lists(token)
        if self._lists.users_of and (token is None or token != self._token):
            self._token = None
            await self._tell_of_talk()
            self._token = token

    async def _refresh_lists(self, token: str | None) -> None:
        self._turn = (self._turn + 1) % room_lists.LISTS_EVERY
        is_their_turn = token is None or token != self._list_tokens.get(self._turn)
        version, stale = self._registry.version, set[UUID]()
        # Only if a socket came or went: with thousands it costs more than the rest.
        if version != self._version:
            connected = self._registry.user_ids()
            self._lists.forget_all_but(connected)
            for told in (self._told_read, self._told_mentions):
                for user_id in told.keys() - connected:
                    del told[user_id]
            self._changed &= connected
            stale |= connected - self._lists.known_users()
        if is_their_turn:
            stale |= self._lists.users_at(self._turn)
        stale |= self._changed
        if stale:
            # Also for new users: there may have been talk in their rooms before it was looked for last.
            self._token = None
            await self._read_lists(stale)
        self._version, self._list_tokens[self._turn] = version, token

    def _broadcast_read(self) -> None:
        some, self._read = list(self._read.items())[:MOST_READ_SENT], dict(list(self._read.items())[MOST_READ_SENT:])
        if some:
            read = [[user.hex, room.hex, talk] for (user, room), talk in some]
            self._broadcast({"kind": "read", "read": read})

    def _broadcast_called(self) -> None:
        some, self._called_to_broadcast = self._called_to_broadcast, set()
        for part in in_lists(list(some), MOST_READ_SENT):
            self._broadcast({"kind": "mentions", "mentions": [[room.hex, user.hex] for room, user in part]})

    async def _tell_of_mentions(self) -> None:
        """Tell users of their mentions as the database has them now, also in the rooms that their sockets are in."""
        called, self._called = self._called, set()
        greeted, self._greeted = self._greeted, {}
        if not called and not greeted:
            return
        try:
            counters = await in_database(unread_queries.counters_of, called)
            sums = await in_database(mentions_of, greeted.keys())
        except BaseException:
            self._called |= called
            self._greeted = {user: numbers | self._greeted.get(user, set()) for user, numbers in greeted.items()}
            raise
        for (room_id, user_id), (read_talk, mentions) in counters.items():
            self._told_mentions.setdefault(user_id, {})[room_id] = mentions
            told = self._told_read.setdefault(user_id, {})
            told[room_id] = max(read_talk, told.get(room_id, 0))
            self._tell(user_id, read_event(room_id, told[room_id], mentions))
        for user_id, numbers in greeted.items():
            if numbers != {sums[user_id]}:
                self._tell(user_id, {"type": "rooms"})

    async def _read_lists(self, user_ids: set[UUID]) -> None:
        changed, self._changed = self._changed & user_ids, self._changed - user_ids
        try:
            lists = await in_database(unread_queries.rooms_of, user_ids)
        except BaseException:
            self._changed |= changed
            raise
        for user_id in user_ids:
            is_news = self._lists.put(user_id, lists[user_id]) or user_id in changed
            if is_news:
                self._tell(user_id, {"type": "rooms"})

    async def _tell_of_talk(self) -> None:
        talked = await in_database(unread_queries.talked_lately)
        users_of = self._lists.users_of
        fresh = {room: talk for room, talk in talked.items() if room in users_of and self._told.get(room) != talk}
        elsewhere = [(room, user) for room in fresh for user in users_of[room] if self._is_elsewhere(user, room)]
        counters = await in_database(unread_queries.counters_of, elsewhere)
        self._told |= fresh
        # Most of a room's users are told the same.
        texts: dict[tuple[UUID, int], str] = {}
        for (room_id, user_id), (read_talk, mentions) in counters.items():
            talk = fresh[room_id]
            if read_talk == talk:
                # Their own words, from another of their tabs or devices.
                self._show_read(user_id, room_id, talk)
            if mentions or user_id in self._told_mentions:
                self._told_mentions.setdefault(user_id, {})[room_id] = mentions
            if (room_id, mentions) not in texts:
                event = {"type": "unread", "room": str(room_id), "talk_count": talk, "mentions": mentions}
                texts[room_id, mentions] = protocol.encode(event)
            self._registry.send_to_user(user_id, texts[room_id, mentions], but_in=room_id)

    def _is_elsewhere(self, user_id: UUID, room_id: UUID) -> bool:
        return any(room_id not in socket.subscriptions for socket in self._registry.of(user_id))


def read_event(room_id: UUID, read_talk: int, mentions: int) -> Json:
    return {"type": "read", "room": str(room_id), "read_talk": read_talk, "mentions": mentions}
