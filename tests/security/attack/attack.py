"""What an attack is, and what can come of it."""

from collections.abc import Callable
from dataclasses import dataclass

from tests.security.attack.scene import NotTriedError, Scene

# What an attack saw, and whether the site is open to it.
Seen = tuple[str, bool]
Try = Callable[[Scene], Seen]

ALL: "list[Attack]" = []


@dataclass(frozen=True)
class Attack:
    family: str
    says: str
    run: Try

    def on(self, scene: Scene) -> "Outcome":
        try:
            seen, is_open = self.run(scene)
        except NotTriedError as reason:
            return Outcome(self, str(reason), "not tried")
        except Exception as error:
            # Of a site that answers no more nothing is known, least of all that it holds.
            return Outcome(self, f"it broke off: {error!r}"[:200], "not tried")
        return Outcome(self, seen, "open" if is_open else "holds")


@dataclass(frozen=True)
class Outcome:
    attack: Attack
    seen: str
    verdict: str


def add(family: str, says: str, run: Try) -> None:
    ALL.append(Attack(family, says, run))


def attack(family: str) -> Callable[[Try], Try]:
    """Add a function to the attacks. Its docstring is the sentence that the table shows."""

    def register(run: Try) -> Try:
        add(family, " ".join((run.__doc__ or run.__name__).split()), run)
        return run

    return register


def open_if(is_open: bool, seen: str) -> Seen:
    return seen, is_open
