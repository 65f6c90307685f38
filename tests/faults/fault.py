"""What a fault is: how it strikes, what it needs, and what it may cost."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from tests.faults.checker import Bounds
from tests.faults.scene import Scene

# Strikes a scene in which people talk, and puts right again what it broke.
Strike = Callable[[Scene], Awaitable[None]]

# How lines end that nobody closes.
LOST = frozenset({1006})
# A post that lost its database is refused, and taken when it comes again.
AWAY = frozenset({"try_again"})


@dataclass(frozen=True, slots=True)
class Fault:
    """``touches`` is what two faults cannot break at once; ``on`` is the stage that it needs."""

    name: str
    strike: Strike
    touches: str
    bounds: Bounds
    on: str
    rooms: int
    every: float
    # So much traffic that it comes last, and is not mixed with others.
    is_heavy: bool


FAULTS: dict[str, Fault] = {}


def fault(
    name: str, *, touches: str, bounds: Bounds, on: str = "cluster", rooms: int = 2, every: float = 0.2,
    is_heavy: bool = False,
) -> Callable[[Strike], Strike]:  # fmt: skip
    def register(strike: Strike) -> Strike:
        FAULTS[name] = Fault(name, strike, touches, bounds, on, rooms, every, is_heavy)
        return strike

    return register
