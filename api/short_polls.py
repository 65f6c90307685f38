"""Polls that hear of nothing, or of a few rows that somebody has heard of already (short_path.py)."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from api import poll
from api.kept_answers import KeptAnswers, key_of
from api.recognised import Caller
from chatsite.http.answer_cache import Message
from chatsite.http.request_checks import read_json
from rooms import limits
from rooms.events import Json, encode
from rooms.models import PAGE_SIZE
from rooms.realtime import polling
from rooms.realtime.connections.pollers import Poller
from rooms.realtime.hub import Hub

PATHS = ("/api/v1/poll", "/api/poll")
# Bytes; a longer request names a hundred rooms, or is none.
BODY_MAX_BYTES = 8 * 1024
# Rows of one room that are kept: as many as are new to those who ask each second.
NEWS_MAX = 10


class ShortPolls:
    name = "poll"

    def __init__(self) -> None:
        self._news: KeptAnswers[Json] = KeptAnswers()

    def takes(self, scope: Any) -> bool:
        return scope["path"] in PATHS and scope["method"] == "POST" and not scope["query_string"]

    def prepare(self, hub: Hub, poller: Poller, scope: Any, sent: bytes) -> "Polls | None":
        if len(sent) > BODY_MAX_BYTES:
            return None
        try:
            body = poll.PollIn.model_validate(read_json(sent))
        except ValueError:
            return None
        news = []
        for known in body.rooms:
            told = self._told(hub, poller, known)
            if told is None:
                return None
            news.append(told)
        # More than fit into an answer for certain.
        if sum(len(told["messages"]) for told in news) > PAGE_SIZE:
            return None
        # Entering has a limit of its own.
        is_entry = (
            body.attend and body.here and not hub.presence.knows_tab(body.attend, poller.user.pk, body.here, body.since)
        )
        return None if is_entry else Polls(hub, poller, body, news)

    def _told(self, hub: Hub, poller: Poller, known: poll.KnownRoom) -> Json | None:
        """Return what is new in a room; None where only Django can tell."""
        room = hub.rooms.get(known.room)
        if room is None or room is not poller.rooms.get(known.room) or room.behind:
            return None
        if known.after == room.head and known.hash in (None, room.hash):
            return poll.room_news(known.room, head=room.head, hash=room.hash)
        return self._news.get(key_of(hub, poller, known.room, room.hash, known.after, known.hash), now=hub.loop.time())

    def keep(self, hub: Hub, scope: Any, poller: Poller, caller: Caller, messages: list[Message]) -> None:
        for known, told in caller.news:
            rows = told["messages"]
            is_whole = rows and len(rows) <= NEWS_MAX and not (told["more"] or told["reset"])
            if is_whole and told["hash"] == caller.heads.get(known.room):
                key = key_of(hub, poller, known.room, told["hash"], known.after, known.hash)
                self._news.put(key, told, size=4 * len(encode(told)), now=hub.loop.time())


@dataclass(frozen=True, slots=True)
class Polls:
    hub: Hub
    poller: Poller
    body: poll.PollIn
    # Of each room in turn, but for who is there.
    news: list[Json]
    limit: limits.Limit = limits.READING

    @property
    def count(self) -> int:
        return len(self.body.rooms)

    async def finish(self) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
        body, polled = self.body, None
        if body.attend and body.here:
            polled = polling.attend(body.attend, self.poller.user, body.here, since=body.since, away=body.away)
        answer = poll.answer_json(list(self.told()), polled, is_read_only=self.hub.read_only.is_on)
        return 200, [], encode(answer).encode()

    def told(self) -> Iterator[Json]:
        for known, told in zip(self.body.rooms, self.news, strict=True):
            present = poll.presence_news(known)
            if told["messages"] or present is not None:
                yield {**told, "presence": present}
