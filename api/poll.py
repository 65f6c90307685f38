"""``/api/poll``: what is new in all rooms that a page shows, and being present in one of them, without a socket."""

from collections.abc import Iterator
from typing import Annotated, Any, Self
from uuid import UUID

from django.http import HttpResponse
from ninja import Router, Schema
from pydantic import ConfigDict, Field, Strict, model_validator
from pydantic.config import JsonDict

from api.auth import Request
from api.contract import contract
from api.members import presence_json
from api.recognised import note_caller
from api.schemas import NO_NUL, SEQ_MAX, Input, MessageOut, PinOut, PresenceOut, Whole, Yes
from chatsite import readonly
from rooms import errors, limits
from rooms.events import Json, encode, message_json, pin_json
from rooms.models import PAGE_SIZE, Room
from rooms.queries.news import read_news
from rooms.queries.pinned import pins_of
from rooms.realtime import polling, protocol
from rooms.realtime.presence.tracker import Polled, presence

router = Router(tags=["messages"])

# Rows of one answer. A room is read while a page of them fits.
ROWS_MAX = 2 * PAGE_SIZE

NOT_NULL: JsonDict = {"not": {"type": "null"}}
Seq = Annotated[Whole, Field(ge=0, le=SEQ_MAX)]


class KnownRoom(Input):
    room: UUID
    after: Seq | None = Field(None, description="The last row that one has; null: none.")
    hash: Annotated[str, Field(json_schema_extra={"pattern": NO_NUL})] | None = Field(
        None, description="That row's hash; unknown here: a reset."
    )
    presence: Seq | None = Field(None, description="The version of who is here that one has; null: none.")


class PollIn(Input):
    model_config = ConfigDict(
        json_schema_extra={
            "if": {"properties": {"attend": NOT_NULL}, "required": ["attend"]},
            "then": {"properties": {"here": NOT_NULL}, "required": ["here"]},
        }
    )

    rooms: list[KnownRoom] = Field(min_length=1, max_length=limits.MAX_ROOMS_SHOWN, description="Each of them once.")
    here: str | None = Field(
        None,
        pattern="^[A-Za-z0-9-]{1,64}$",
        description="With `attend`: the page's name, new each time that it begins to attend a room.",
    )
    attend: UUID | None = Field(None, description="In which of the rooms one is present; null: in none.")
    since: Annotated[float, Strict(), Field(ge=0, le=SEQ_MAX)] | None = Field(
        None, description="`since` of the answer before, where one attended the same room under the same name."
    )
    away: Yes = Field(False, description="Nobody is at the page.")

    @model_validator(mode="after")
    def is_of_one_piece(self) -> Self:
        asked = {known.room for known in self.rooms}
        if len(asked) < len(self.rooms):
            raise ValueError("each of the rooms is named once")
        if self.attend is not None and (self.here is None or self.attend not in asked):
            raise ValueError("one attends one of the rooms, under a name")
        return self


class Ended(Schema):
    """The reason why the caller is no longer in a room, in the words of the socket's `ended`."""

    code: int = Field(description="4403 not a member, 4404 no such room, 4410 deleted.")
    reason: str
    detail: str
    retry_ms: int | None


class RoomNews(Schema):
    room: UUID
    messages: list[MessageOut] = Field(
        description="In the order of seq: all rows after `after`; in a reset, the newest."
    )
    head: int | None = Field(description="seq of the last row of the log.")
    hash: str | None = Field(description="Of the row at `head`.")
    more: bool = Field(description="There are newer rows than these; in a reset: older ones.")
    reset: bool = Field(description="What one has is not this log: replace it by these messages and pins.")
    pins: list[PinOut] | None = Field(description="Which messages are pinned, in a reset.")
    presence: PresenceOut | None = Field(description="Who is here, where that is another version than one has.")
    ended: Ended | None = Field(description="One may not read this room: ask for it no more.")


class PollOut(Schema):
    rooms: list[RoomNews] = Field(description="Those of which there is something new, in the order of the request.")
    more: bool = Field(description="Not all that is new fitted: ask again at once.")
    moved: UUID | None = Field(description="The person attends this room by now: send neither `here` nor `attend`.")
    since: float | None = Field(description="Since when one attends: send it with the next poll.")
    read_only: bool = Field(description="Nobody can write just now: what is posted is refused by `read_only`.")


def rooms_asked(where: Any) -> int:
    return len(where["body"].rooms)


@router.post("", response={200: PollOut}, summary="Hear what is new in some rooms")
@contract(limit=limits.READING, counts=rooms_asked, only_reads=True)
def poll(request: Request, body: PollIn) -> HttpResponse:
    admitted = polling.admit_to_all([known.room for known in body.rooms], request.auth)
    polled = None
    if body.attend and body.here and isinstance(admitted[body.attend], Room):
        polled = polling.attend(body.attend, request.auth, body.here, since=body.since, away=body.away)
    news = list(news_of(body.rooms, admitted))
    known = {str(known.room): known for known in body.rooms}
    rooms = [room for room in admitted.values() if isinstance(room, Room)]
    note_caller(request, rooms, [(known[one["room"]], one) for one in news])
    answer = encode(answer_json(news, polled, is_read_only=readonly.switch.is_on()))
    # Encoded as for a socket, not looked at once more by ninja: as in messages.py.
    return HttpResponse(answer, content_type="application/json; charset=utf-8")


def answer_json(news: list[Json], polled: Polled | None, *, is_read_only: bool) -> Json:
    moved = polled.moved_to if polled else None
    return {
        "rooms": news,
        "more": any(one["more"] and not one["reset"] for one in news),
        "moved": str(moved) if moved else None,
        "since": polled.since if polled and not moved else None,
        "read_only": is_read_only,
    }


def news_of(asked: list[KnownRoom], admitted: dict[UUID, Room | errors.RoomError]) -> Iterator[Json]:
    """Yield what is new in each room, while there is room for a page; of one behind it, that there is more."""
    space = ROWS_MAX
    for known in asked:
        found = admitted[known.room]
        if isinstance(found, errors.RoomError):
            yield ended(known.room, found)
            continue
        present = presence_news(known)
        told = room_news(known.room, head=found.last_seq, hash=bytes(found.head_hash).hex(), presence=present)
        if space < PAGE_SIZE:
            if known.after != found.last_seq:
                yield {**told, "more": True}
            elif present is not None:
                yield told
            continue
        news = read_news(found, known.after, known.hash)
        if news is not None:
            space -= len(news.rows)
            told |= {"messages": [message_json(row) for row in news.rows], "more": news.more, "reset": news.reset}
            # Read after the rows: the pins may be of a row that comes with the next poll.
            told["pins"] = [pin_json(pin) for pin in pins_of(found)] if news.reset else None
        if news is not None or present is not None:
            yield told


def ended(room_id: UUID, refusal: errors.RoomError) -> Json:
    """Return what a socket is told of a refusal."""
    event = protocol.ended_for(room_id, refusal)
    return room_news(room_id, ended={name: event[name] for name in Ended.model_fields})


def presence_news(known: KnownRoom) -> Json | None:
    return presence_json(known.room) if (known.presence or 0) != presence.version(known.room) else None


def room_news(room_id: UUID, **told: object) -> Json:
    return {
        "room": str(room_id),
        "messages": [],
        "head": None,
        "hash": None,
        "more": False,
        "reset": False,
        "pins": None,
        "presence": None,
        "ended": None,
        **told,
    }
