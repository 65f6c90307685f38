"""One room whose people are spread over several processes, with PostgreSQL and Redis behind them.

Two cores cannot run four processes, Redis, PostgreSQL and the load generator at once, so deliveries a second would
measure the machine: the figure is the processes' CPU time for 1,000 deliveries, at a pace that they all keep. With few
people in the room it is mostly the message's own cost; benchmarks/simulate.py tells the two apart.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from benchmarks.stage import Row, Stage, handshakes

COUNTS = {"1 process": 1, "2 processes": 2, "3 processes": 3, "4 processes": 4}


@dataclass(frozen=True)
class Processes:
    sockets_each: int
    contenders: Iterable[str] = tuple(COUNTS)
    senders: int = 20
    rate: float = 100
    seconds: float = 5
    rounds: int = 4

    def measure(self, contender: str, stage: Stage) -> Row:
        processes = COUNTS[contender]
        env = {"DATABASE_URL": stage.database(), "REDIS_URL": stage.redis.url}
        with stage.serve("Chatsite", processes=processes, env=env) as running:
            text = handshakes(running[0], self.sockets_each * processes)
            row = stage.load(running, text, senders=self.senders, seconds=self.seconds, rate=self.rate)
        return {**row, "processes": processes}


SCENARIOS = {"processes": Processes(250), "processes-small": Processes(25, ("1 process", "2 processes"))}
