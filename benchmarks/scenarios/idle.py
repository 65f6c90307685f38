"""Sockets of people who say nothing: what one takes, how soon thousands are in, and what a quiet site costs."""

from dataclasses import dataclass

from benchmarks.stage import Row, Stage, handshakes


@dataclass(frozen=True)
class Idle:
    contenders: tuple[str, ...]
    sockets: int
    rooms: int
    processes: int = 1
    seconds: float = 10
    rounds: int = 1

    def measure(self, contender: str, stage: Stage) -> Row:
        env = {"DATABASE_URL": stage.database(), "REDIS_URL": stage.redis.url} if self.processes > 1 else {}
        with stage.serve(contender, processes=self.processes, env=env) as running:
            text = handshakes(running[0], self.sockets, rooms=self.rooms)
            row = stage.load(running, text, senders=0, seconds=self.seconds)
        return {**row, "processes": self.processes, "rooms": self.rooms}


SCENARIOS = {
    "idle-3000": Idle(("Chatsite", "raw daphne", "tutorial, pub/sub"), sockets=3_000, rooms=30),
    "idle-10000": Idle(("Chatsite",), sockets=10_000, rooms=1_000, processes=2, seconds=30),
}
