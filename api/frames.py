"""The events of the socket, as shapes (docs/protocol.md says what they mean): for its document, asyncapi.py."""

from typing import Annotated, Any, Literal
from uuid import UUID

from ninja import Field, Schema

from api.schemas import SEQ_MAX, MessageOut, Person, PinOut, Place, Visitor
from rooms.actions.posts import CLIENT_ID
from rooms.models import BODY_MAX_LENGTH

Seq = Annotated[int, Field(ge=0, le=SEQ_MAX)]
ClientId = Annotated[str, Field(pattern=f"^{CLIENT_ID.pattern}$")]


class Present(Schema):
    people: list[Visitor]
    count: int


class WelcomeEvent(Schema):
    """First of all. Of the lobby it has `you` alone."""

    type: Literal["welcome"]
    you: Person
    room: Place | None = None
    head: Seq | None = None
    present: Present | None = None
    pins: list[PinOut] | None = None
    resumed: bool | None = None
    read_only: bool | None = None


class MessageEvent(MessageOut):
    """A row of the transcript; `seq` counts up by one without a gap."""

    type: Literal["message"]


class ResetEvent(Schema):
    """Instead of the messages that were missed: replace all by these."""

    type: Literal["reset"]
    messages: list[MessageEvent]
    more: bool
    head: Seq
    hash: str


class PostedEvent(Schema):
    """The message is stored."""

    type: Literal["posted"]
    client_id: ClientId
    seq: Seq
    id: UUID


class ErrorEvent(Schema):
    """A frame or post was refused. With `retry_ms` the same post may be sent again after it."""

    type: Literal["error"]
    code: str
    detail: str
    client_id: str | None = None
    retry_ms: int | None = None


class PresenceEvent(Schema):
    """Comings and goings since the last one."""

    type: Literal["presence"]
    entered: list[Visitor]
    exited: list[Visitor]
    away: list[UUID]
    back: list[UUID]
    count: int


class TypingEvent(Schema):
    """Somebody types: forget it after some seconds, or when their message comes."""

    type: Literal["typing"]
    user: Person


class PersonEvent(Person):
    """Somebody has a new name or picture. It may be told twice."""

    type: Literal["person"]


class UnreadEvent(Schema):
    """There was talk in a room of yours that this socket is not in."""

    type: Literal["unread"]
    room: UUID
    talk_count: int


class ReadEvent(Schema):
    """You have read so far at another of your devices. On one socket it never goes back."""

    type: Literal["read"]
    room: UUID
    read_talk: int


class RoomsEvent(Schema):
    """Your list of rooms shows something else now: `listRooms`."""

    type: Literal["rooms"]


class BlocksEvent(Schema):
    """Whom you have blocked has changed: `listBlocks`."""

    type: Literal["blocks"]


class ReadOnlyEvent(Schema):
    """The site is read-only from now on (posts are refused by `read_only`), or not any more: send what waits."""

    type: Literal["read_only"]
    on: bool


class HeadEvent(Schema):
    """Each 12 s. A `seq` beyond your own: fetch the rows."""

    type: Literal["head"]
    seq: Seq


class ByeEvent(Schema):
    """Why the close that follows. `retry_ms` null: do not come back by yourself."""

    type: Literal["bye"]
    code: int
    reason: str
    detail: str
    retry_ms: int | None
    room: Place | None = None


class Post(Schema):
    """Posts a message; with the id of a finished upload, a file, which needs no `body`."""

    type: Literal["post"]
    client_id: ClientId
    body: Annotated[str, Field(max_length=BODY_MAX_LENGTH)] | None = None
    attachment: UUID | None = None


class Ack(Schema):
    """Says that all up to this row has arrived: at least each 5 s or 200 messages while messages come in."""

    type: Literal["ack"]
    seq: Seq


class Read(Schema):
    """Marks as read up to this row."""

    type: Literal["read"]
    seq: Seq


class Typing(Schema):
    """Tells the others that one types, at most once in 3 s."""

    type: Literal["typing"]


class Away(Schema):
    """Nobody is at this page, or somebody is again."""

    type: Literal["away"]
    away: bool


OF_THE_LOBBY: tuple[type[Schema], ...] = (
    WelcomeEvent,
    UnreadEvent,
    ReadEvent,
    RoomsEvent,
    BlocksEvent,
    ReadOnlyEvent,
    HeadEvent,
    ByeEvent,
    ErrorEvent,
)
OF_A_ROOM: tuple[type[Schema], ...] = (
    *OF_THE_LOBBY,
    MessageEvent,
    ResetEvent,
    PostedEvent,
    PresenceEvent,
    TypingEvent,
    PersonEvent,
)
FROM_CLIENTS: tuple[type[Schema], ...] = (Post, Ack, Read, Typing, Away)


def type_of(event: type[Schema]) -> str:
    """Return the word by which a frame says which of them it is."""
    kind: Any = event.model_fields["type"].annotation
    word: str = kind.__args__[0]
    return word
