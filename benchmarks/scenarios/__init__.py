"""What is measured. A scenario has contenders, who take turns, and measures one of them at a time."""

from collections.abc import Iterable
from typing import Protocol

from benchmarks.scenarios import crowd, history, idle, processes, requests, several, talk
from benchmarks.stage import Row, Stage


class Scenario(Protocol):
    @property
    def contenders(self) -> Iterable[str]: ...
    @property
    def rounds(self) -> int: ...
    def measure(self, contender: str, stage: Stage) -> Row: ...


SCENARIOS: dict[str, Scenario] = {
    **talk.SCENARIOS,
    **history.SCENARIOS,
    **idle.SCENARIOS,
    **several.SCENARIOS,
    **crowd.SCENARIOS,
    **processes.SCENARIOS,
    **requests.SCENARIOS,
}
