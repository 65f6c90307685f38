"""Polls that hear of no new row (short_path.py)."""

from dataclasses import dataclass
from typing import Any

from api import poll
from api.recognised import Caller
from chatsite.http.answer_cache import Message
from chatsite.http.request_checks import read_json
from rooms.events import Json, encode
from rooms.realtime import polling
from rooms.realtime.connections.pollers import Poller
from rooms.realtime.hub import Hub

PATHS = ("/api/v1/poll", "/api/poll")
# Bytes; a longer request names a hundred rooms, or is none.
BODY_MAX_BYTES = 8 * 1024


class ShortPolls:
    name = "poll"

    def takes(self, scope: Any) -> bool:
        return scope["path"] in PATHS and scope["method"] == "POST" and not scope["query_string"]

    def prepare(self, hub: Hub, poller: Poller, scope: Any, sent: bytes) -> "NothingNew | None":
        if len(sent) > BODY_MAX_BYTES:
            return None
        try:
            body = poll.PollIn.model_validate(read_json(sent))
        except ValueError:
            return None
        if not all(has_no_new_row(hub, poller, known) for known in body.rooms):
            return None
        # Entering has a limit of its own.
        is_entry = (
            body.attend and body.here and not hub.presence.knows_tab(body.attend, poller.user.pk, body.here, body.since)
        )
        return None if is_entry else NothingNew(hub, poller, body)

    def keep(self, hub: Hub, scope: Any, poller: Poller, caller: Caller, messages: list[Message]) -> None:
        """Nothing: what is new to one is not new to the next."""


@dataclass(frozen=True, slots=True)
class NothingNew:
    hub: Hub
    poller: Poller
    body: poll.PollIn

    @property
    def count(self) -> int:
        return len(self.body.rooms)

    def finish(self) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        body, polled = self.body, None
        if body.attend and body.here:
            polled = polling.attend(body.attend, self.poller.user, body.here, since=body.since, away=body.away)
        answer = poll.answer_json(self.present(), polled, is_read_only=self.hub.read_only.is_on)
        return 200, [], encode(answer).encode()

    def present(self) -> list[Json]:
        """Return, of the rooms where others are present than the caller knows, who is there."""
        news = []
        for known in self.body.rooms:
            room, present = self.hub.rooms.get(known.room), poll.presence_news(known)
            if room is not None and present is not None:
                news.append(poll.room_news(known.room, head=room.head, hash=room.hash, presence=present))
        return news


def has_no_new_row(hub: Hub, poller: Poller, known: poll.KnownRoom) -> bool:
    room = hub.rooms.get(known.room)
    return (
        room is not None
        and room is poller.rooms.get(known.room)
        and not room.behind
        and known.after == room.head
        and known.hash in (None, room.hash)
    )
