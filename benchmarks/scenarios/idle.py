"""Sockets of people who say nothing: what one takes, how soon thousands are in, and what a quiet site costs.

A site on which nobody says a word is seldom: what people cost who are quiet while others talk is measured apart.
"""

import json
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Event, Thread

from benchmarks.stage import Row, Served, Stage, handshakes
from tests import servers

# Seconds between two messages of who talks elsewhere.
TALK_EVERY = 0.9


@dataclass(frozen=True)
class Idle:
    contenders: tuple[str, ...]
    sockets: int
    rooms: int
    processes: int = 1
    # Somebody talks all the time at one more process, in a room where none of these people are.
    talk_elsewhere: bool = False
    seconds: float = 60
    rounds: int = 1

    def measure(self, contender: str, stage: Stage) -> Row:
        several = self.processes > 1 or self.talk_elsewhere
        env = {"DATABASE_URL": stage.database(), "REDIS_URL": stage.redis.url} if several else {}
        with ExitStack() as stack:
            processes = self.processes + self.talk_elsewhere
            running = stack.enter_context(stage.serve(contender, processes=processes, env=env))
            text = handshakes(running[0], self.sockets, rooms=self.rooms)
            if self.talk_elsewhere:
                stack.enter_context(talk(running[-1]))
            row = stage.load(running[: self.processes], text, senders=0, seconds=self.seconds)
        return {**row, "processes": self.processes, "rooms": self.rooms}


@contextmanager
def talk(server: Served) -> Iterator[None]:
    """Have somebody post at this process until the end."""
    made, ends = server.fill("--people", 1), Event()
    url = f"http://{servers.HOST}:{server.port}/api/rooms/{made['rooms'][0]}/messages"
    headers = {"X-Session-Token": made["sessions"][0], "Content-Type": "application/json"}

    def post() -> None:
        number = 0
        while not ends.wait(TALK_EVERY):
            number += 1
            body = json.dumps({"client_id": f"{number}", "body": "Is anybody here?"}).encode()
            with urllib.request.urlopen(urllib.request.Request(url, body, headers), timeout=10) as answer:
                assert answer.status == 201

    thread = Thread(target=post)
    thread.start()
    try:
        yield
    finally:
        ends.set()
        thread.join()


SCENARIOS = {
    "idle-3000": Idle(("Chatsite", "raw daphne", "tutorial, pub/sub"), sockets=3_000, rooms=30),
    "idle-10000": Idle(("Chatsite",), sockets=10_000, rooms=1_000, processes=2, rounds=3),
    "idle-awake": Idle(("Chatsite",), sockets=3_000, rooms=300, talk_elsewhere=True),
}
