"""The WebSocket door: pages, terminals and scripts, speaking protocol version 2."""

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
from rooms.realtime.connections.sockets import Socket, Subscription
from rooms.realtime.fanout.subscriptions import entered
from rooms.realtime.hub import Hub
from rooms.realtime.threads import in_database
from rooms.realtime.writer import Answer, writer

logger = logging.getLogger(__name__)

# Seconds in which a page's `read` frames are gathered into one write.
READ_EVERY = 1.0
# Seconds between two looks whether a slow client has taken one room's rows, before the next room's are read.
TAKEN_EVERY = 0.05
# Seconds after which a client that sent far too much may come back.
TOO_FAST_SECONDS = 5.0
# Milliseconds after which a client comes back when the database is away.
RETRY_MS = 2_000


class SocketConsumer(AsyncWebsocketConsumer):
    """One socket: it recognises the user, reads frames in their order, refuses, and cleans up. The hub fans out."""

    hub: Hub
    socket: Socket | None = None
    frames: limits.Frames
    # How far the user has read each room, until it is stored.
    read_seqs: dict[UUID, int]
    reader: asyncio.Task[None] | None = None

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
                self.hub.subscriptions.disconnect(self.socket)

    async def websocket_connect(self, message: dict[str, Any]) -> None:
        self.hub = lifecycle.hub()
        self.frames = limits.Frames()
        self.read_seqs = {}
        await self.accept()
        try:
            await self.connect_user()
        except errors.RoomError as error:
            await self.turn_away(protocol.bye_for(error))
        except (DatabaseError, InterfaceError) as error:
            logger.warning("A socket could not be let in: %s", error)
            await self.turn_away(protocol.unable(RETRY_MS))

    async def connect_user(self) -> None:
        query = parse_qs(self.scope["query_string"].decode("latin1"))
        # Version 1 had an address for each room.
        is_old = "room_id" in self.scope["url_route"]["kwargs"]
        if is_old or query.get("v", [protocol.VERSION])[-1] != protocol.VERSION:
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
        self.hub.connect(self.socket, mentions=caller.mentions)
        if room_id := query.get("enter", [""])[-1]:
            after, known_hash = query.get("after", [""])[-1], query.get("hash", [None])[-1]
            # More digits than any seq has: as good as none.
            seq = int(after) if after.isascii() and after.isdigit() and len(after) < 19 else None
            frame = {"type": "enter", "room": room_id, "after": seq, "hash": known_hash}
            await self.take(self.socket, frame, attends=query.get("attend", [""])[-1] == "1")

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
            self.hub.subscriptions.close(socket, protocol.bye_for(errors.TooFast(TOO_FAST_SECONDS)))
            return
        try:
            event = protocol.parse(message.get("text"))
        except protocol.ProtocolError as error:
            socket.send(protocol.error(error.code, str(error)))
            return
        await self.take(socket, event)

    async def take(self, socket: Socket, event: protocol.Json, *, attends: bool | None = None) -> None:
        """Do what a frame asks for, or answer why not. An address that enters a room spends nothing more for it."""
        try:
            if event["type"] != "enter":
                self.handle(socket, event)
                return
            if attends is None:
                limits.ENTERING.spend(socket.user_id)
            await self.enter(socket, event, attends=bool(attends))
        except errors.TooFast as error:
            socket.send(protocol.error(error.code, str(error), event, retry_ms=protocol.retry_ms_of(error)))
        except (protocol.ProtocolError, errors.RoomError) as error:
            socket.send(protocol.error(error.code, str(error), event))

    async def enter(self, socket: Socket, event: protocol.Json, *, attends: bool) -> None:
        room_id = protocol.room_of(event)
        after, known_hash = protocol.resume_point(event)
        # A page of rows is sent at once, and those of several rooms are more than may wait for a slow line.
        while socket.is_full and not socket.closed:  # noqa: ASYNC110 (what the kernel takes is asked for)
            await asyncio.sleep(TAKEN_EVERY)
        try:
            await self.hub.subscriptions.enter(socket, room_id, after=after, known_hash=known_hash, attends=attends)
        except errors.RoomError as error:
            socket.send(protocol.ended_for(room_id, error))
        except (DatabaseError, InterfaceError) as error:
            logger.warning("A socket could not be let into a room: %s", error)
            self.hub.subscriptions.close(socket, protocol.unable(RETRY_MS))
        else:
            self.hub.backpressure.relieve(socket.user_id)

    def handle(self, socket: Socket, event: protocol.Json) -> None:
        """Do what a frame other than ``enter`` asks for; raises a ``ProtocolError`` or ``RoomError``."""
        match event["type"]:
            case "post":
                self.post(socket, event)
            case "ack":
                self.hub.subscriptions.ack(socket, protocol.room_of(event), protocol.seq_of(event))
            case "read":
                self.read(entered(socket, protocol.room_of(event)), protocol.seq_of(event))
            case "typing":
                self.hub.typing.show(socket, entered(socket, protocol.room_of(event)).room_id)
            case "attend":
                room_id = None if event.get("room", ...) is None else protocol.room_of(event)
                self.hub.subscriptions.attend(socket, room_id)
            case "leave":
                self.hub.subscriptions.leave(socket, protocol.room_of(event))
            case "away":
                self.hub.announcer.set_away(socket, away=protocol.flag_of(event, "away"))
            case _:
                raise protocol.ProtocolError("unknown_type", _("This site does not know that type of frame."))

    def post(self, socket: Socket, event: protocol.Json) -> None:
        room_id = protocol.room_of(event)
        post = clean_post(
            room_id=room_id,
            author=socket.user,
            client_id=event.get("client_id"),
            body=event.get("body"),
            attachment=event.get("attachment"),
        )
        limits.POSTING.spend(socket.user_id)
        frame = {"room": str(room_id), "client_id": post.client_id}
        writer.submit(post, lambda answer: self.hub.call(self.answer, socket, frame, answer))

    def answer(self, socket: Socket, frame: protocol.Json, answer: Answer) -> None:
        if isinstance(answer, Posted):
            socket.send({"type": "posted", **frame, "seq": answer.row.seq, "id": str(answer.row.pk)})
        else:
            retry_ms = answer.RETRY_AFTER * 1_000 if isinstance(answer, errors.ReadOnly) else None
            socket.send(protocol.error(answer.code, str(answer), frame, retry_ms=retry_ms))

    def read(self, subscription: Subscription, seq: int) -> None:
        room_id = subscription.room_id
        self.read_seqs[room_id] = max(self.read_seqs.get(room_id, 0), seq)
        self.reader = self.reader or asyncio.create_task(self.store_read(subscription.socket))

    async def store_read(self, socket: Socket) -> None:
        await asyncio.sleep(READ_EVERY)
        self.reader = None
        read_seqs, self.read_seqs = self.read_seqs, {}
        try:
            for room_id, seq in read_seqs.items():
                await in_database(mark_read, Room(pk=room_id), actor=socket.user, seq=seq)
        except (DatabaseError, InterfaceError) as error:
            logger.warning("What a user has read could not be stored: %s", error)
