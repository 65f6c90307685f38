"""One room whose people are spread over several processes, with PostgreSQL and Redis behind them.

Two cores cannot run four processes, Redis, PostgreSQL and the load generator at once, so deliveries a second would
measure the machine: the figure is the processes' CPU time for 1,000 deliveries, at a pace that they all keep.
"""

from dataclasses import dataclass
from typing import ClassVar

from benchmarks import machine
from benchmarks.stage import Row, Stage, handshakes


@dataclass(frozen=True)
class Processes:
    sockets_each: int = 250
    senders: int = 20
    rate: float = 100
    seconds: float = 5
    rounds: int = 2

    contenders: ClassVar[dict[str, int]] = {"1 process": 1, "2 processes": 2, "3 processes": 3, "4 processes": 4}

    def measure(self, contender: str, stage: Stage) -> Row:
        processes = self.contenders[contender]
        behind = {"redis": machine.pid_of(stage.redis), "postgres": machine.pid_of(stage.postgres)}
        env = {"DATABASE_URL": stage.database(), "REDIS_URL": stage.redis.url}
        with stage.serve("Chatsite", processes=processes, env=env) as running:
            text = handshakes(running[0], self.sockets_each * processes)
            before = {name: machine.cpu_seconds(pid) for name, pid in behind.items()}
            row = stage.load(running, text, senders=self.senders, seconds=self.seconds, rate=self.rate)
            for name, pid in behind.items():
                # From the first handshake on: a little more than what "begin" and "end" enclose.
                row[f"{name}_cpu_seconds"] = machine.cpu_seconds(pid) - before[name]
        return {**row, "processes": processes}


SCENARIOS = {"processes": Processes()}
