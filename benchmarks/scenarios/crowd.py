"""Rooms whose members are mostly elsewhere: the cost should be of the people who are here."""

from dataclasses import dataclass
from typing import ClassVar

from benchmarks.stage import Row, Stage, handshakes


@dataclass(frozen=True)
class Crowd:
    here: int = 10
    # Enough talk that its cost stands out from the quiet site's.
    rate: float = 200
    seconds: float = 5
    rounds: int = 5

    # How many members who are not here.
    contenders: ClassVar[dict[str, int]] = {"10 members": 0, "100,000 members": 99_990}

    def measure(self, contender: str, stage: Stage) -> Row:
        with stage.serve("Chatsite") as running:
            text = handshakes(running[0], self.here, members=self.contenders[contender])
            return stage.load(running, text, senders=self.here, seconds=self.seconds, rate=self.rate)


SCENARIOS = {"crowd": Crowd()}
