"""The WebSocket door: a room's page, terminal or script, speaking protocol version 1."""

import asyncio
import logging
from typing import Any
from urllib.parse import parse_qs
from uuid import UUID

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.db import DatabaseError, InterfaceError
from django.utils.translation import gettext as _

from chatsite.ops import logs
from rooms import errors, limits
from rooms.actions.memberships import mark_read
from rooms.actions.posts import Posted, clean_post
from rooms.models import Room
from rooms.realtime import handshake, lifecycle, protocol
from rooms.realtime.connections.frames import EXTENSION
from rooms.realtime.connections.sockets import Socket
from rooms.realtime.hub import Hub
from rooms.realtime.threads import in_database
from rooms.realtime.writer import Answer, writer

logger = logging.getLogger(__name__)

# Seconds in which a page's `read` frames are gathered into one write.
READ_EVERY = 1.0
# Seconds after which a client that sent far too much may come back.
TOO_FAST_SECONDS = 5.0
# Milliseconds after which a client comes back when the database is away.
RETRY_MS = 2_000


class SocketConsumer(AsyncWebsocketConsumer):
    """What every socket of the site does: it recognises the user, reads frames, refuses, and cleans up."""

    hub: Hub
    # None: in the lobby.
    room_id: UUID | None = None
    socket: Socket | None = None
    frames: limits.Frames

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Channels' own loop would keep a second task for each socket, start one for every frame, and hop to the
        # database's thread and back before it handles the frame.
        self.scope, self.base_send = scope, send
        try:
            while True:
                message = await receive()
                await getattr(self, message["type"].replace(".", "_"))(message)
        except StopConsumer:
            pass
        finally:
            # Here and not in disconnect(), which is skipped when a handler fails or the task is cancelled.
            if self.socket is not None:
                self.socket.drop()
                self.hub.leave(self.socket, self.room_id)

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        self.hub = lifecycle.hub()
        self.frames = limits.Frames()
        self.room_id = self.scope["url_route"]["kwargs"].get("room_id")
        await self.accept()
        try:
            await self.connect_user()
        except errors.RoomError as error:
            await self.turn_away(protocol.bye_for(error))
        except (DatabaseError, InterfaceError) as error:
            logger.warning("A socket could not be let in: %s", error)
            await self.turn_away(
                protocol.bye(protocol.Close.RESTARTING, "try_again", str(errors.TryAgain()), retry_ms=RETRY_MS)
            )

    async def connect_user(self) -> None:
        query = parse_qs(self.scope["query_string"].decode("latin1"))
        if query.get("v", [protocol.VERSION])[-1] != protocol.VERSION:
            detail = _("This page is older than the site. Reload it.")
            await self.turn_away(protocol.bye(protocol.Close.NO_SUCH_ROOM, "version", detail))
            return
        session_key = handshake.session_key_of(self.scope)
        # The server keeps the scope as long as the socket is open, and nobody reads the headers again.
        self.scope["headers"].clear()
        caller = await in_database(handshake.recognise, session_key)
        if caller is None:
            detail = _("You are not signed in. Log in to go on.")
            await self.turn_away(protocol.bye(protocol.Close.SIGNED_OUT, "signed_out", detail))
            return
        logs.note(user_id=str(caller.user.pk))
        self.hub.registry.admit(caller.user.pk)
        self.socket = Socket(
            self.base_send,
            user=caller.user,
            session_key=caller.session_key,
            writer=self.scope.get("extensions", {}).get(EXTENSION),
        )
        await self.enter(self.socket, query)

    async def enter(self, socket: Socket, query: dict[str, list[str]]) -> None:
        """Bring an admitted socket into its room, or into the lobby."""
        raise NotImplementedError

    async def turn_away(self, bye: protocol.Json) -> None:
        if self.socket is not None:
            # What the client sends until it closes is ignored.
            self.socket.drop()
        await self.send(text_data=protocol.frame([protocol.encode(bye)]))
        await self.close(code=bye["code"])

    async def websocket_receive(self, message: dict[str, Any]) -> None:
        socket = self.socket
        if socket is None or socket.closed or self.hub.is_draining:
            return
        if self.frames.are_too_many():
            socket.bye(protocol.bye_for(errors.TooFast(TOO_FAST_SECONDS)))
            self.hub.leave(socket, self.room_id)
            return
        event: protocol.Json = {}
        try:
            event = protocol.parse(message.get("text"))
            self.handle(socket, event)
        except errors.TooFast as error:
            socket.send(
                protocol.error(error.code, str(error), event.get("client_id"), retry_ms=protocol.retry_ms_of(error))
            )
        except (protocol.ProtocolError, errors.RoomError) as error:
            socket.send(protocol.error(error.code, str(error), event.get("client_id")))

    async def websocket_disconnect(self, message: dict[str, Any]) -> None:
        raise StopConsumer

    def handle(self, socket: Socket, event: protocol.Json) -> None:
        """Do what a frame asks for."""
        raise protocol.ProtocolError("unknown_type", _("This site does not know that type of frame."))


class RoomConsumer(SocketConsumer):
    """One socket in one room. The hub fans out; this reads frames and answers them."""

    room_id: UUID
    read_seq = 0
    reader: asyncio.Task[None] | None = None

    async def enter(self, socket: Socket, query: dict[str, list[str]]) -> None:
        after = query.get("after", [""])[-1]
        await self.hub.enter(
            socket,
            self.room_id,
            # More digits than any seq has: as good as none.
            after=int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None,
            known_hash=query.get("hash", [None])[-1],
        )

    def handle(self, socket: Socket, event: protocol.Json) -> None:
        match event["type"]:
            case "post":
                self.post(socket, event)
            case "read":
                self.read_seq = max(self.read_seq, protocol.seq_of(event))
                self.reader = self.reader or asyncio.create_task(self.store_read(socket))
            case "ack":
                self.hub.ack(socket, self.room_id, protocol.seq_of(event))
            case "typing":
                self.hub.typing.show(socket, self.room_id)
            case "away":
                self.hub.announcer.set_away(socket, self.room_id, away=protocol.flag_of(event, "away"))
            case _:
                super().handle(socket, event)

    def post(self, socket: Socket, event: protocol.Json) -> None:
        post = clean_post(
            room_id=self.room_id,
            author=socket.user,
            client_id=event.get("client_id"),
            body=event.get("body"),
            attachment=event.get("attachment"),
        )
        limits.POSTING.spend(socket.user_id)
        writer.submit(post, lambda answer: self.hub.call(self.answer, socket, post.client_id, answer))

    def answer(self, socket: Socket, client_id: str, answer: Answer) -> None:
        if isinstance(answer, Posted):
            socket.send({"type": "posted", "client_id": client_id, "seq": answer.row.seq, "id": str(answer.row.pk)})
        else:
            retry_ms = answer.RETRY_AFTER * 1_000 if isinstance(answer, errors.ReadOnly) else None
            socket.send(protocol.error(answer.code, str(answer), client_id, retry_ms=retry_ms))

    async def store_read(self, socket: Socket) -> None:
        await asyncio.sleep(READ_EVERY)
        self.reader = None
        try:
            await in_database(mark_read, Room(pk=self.room_id), actor=socket.user, seq=self.read_seq)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("What a user has read could not be stored: %s", error)


class LobbyConsumer(SocketConsumer):
    """One socket of a user who is in no room: it is told what is new in their rooms, and takes no frames."""

    async def enter(self, socket: Socket, query: dict[str, list[str]]) -> None:
        self.hub.enter_lobby(socket)
