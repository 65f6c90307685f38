"""A site with a room in which much was said, for the tests of one file: filling it takes seconds."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from tests import servers


@dataclass
class LongTalk:
    site: servers.Site
    path: str
    # Session keys by username.
    sessions: dict[str, str]

    def at(self, seq: int) -> str:
        return f"{self.path}at/{seq}/"


@contextmanager
def long_talk_of(messages: int, *, rooms: int) -> Iterator[LongTalk]:
    """Serve a room with so many messages of alice and bob, who have so many rooms in their lists."""
    with servers.site(env={"RATE_LIMITS": "false"}) as site:
        filled = site.fill("talk", str(messages), str(rooms))
        yield LongTalk(site, f"/rooms/{filled['room']}/", filled["sessions"])
