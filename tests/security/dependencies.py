"""Whether somebody has looked at every library that is pinned or kept here, how, and not too long ago.

No database of advisories that is kept up comes as a package, and a check that asks for one over the network fails when
that is slow or away. So people look, and write down in ``dependencies.txt`` what they did about which library, and
which versions have holes. This module holds the pins against that list and asks nobody: only the calendar changes what
it says.

    python -m tests.security.dependencies                         # a part of `make check`
    python -m tests.security.dependencies --looked-at "HOW" NAME… # having looked (docs/contributing.md says how)
"""

import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import NamedTuple

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parents[2]
PINS = ("requirements.txt", "requirements-dev.txt", "benchmarks/requirements.txt", "client/requirements.txt")
# Libraries that are kept here, by the table of each of these.
KEPT = ("static/vendor/README.md", "tests/browser/vendor/README.md")
LIST = "dependencies.txt"

# After this long a library is named, and after that long the check fails.
LOOK_AGAIN = timedelta(days=90)
TOO_LONG_AGO = timedelta(days=270)

PIN = re.compile(r"^([\w.-]+)(?:\[[^]]*])?==([^\s;\\]+)", re.MULTILINE)
ROW = re.compile(r"^\| `[\w-]+/` \|.*?\| ([\d.]+) \|.*npm package `([\w@/-]+)` \|$", re.MULTILINE)
# Known to have been broken below a version, however new the look at it is said to be.
HOLE = re.compile(r"^hole\s+(pypi|npm):(\S+)\s+(.+)$")
LOOK = re.compile(r"^(\d{4}-\d\d-\d\d)\s+(\S+)\s+(\S.*)$")


class Look(NamedTuple):
    day: date
    # What was done: a look at the newest version is another than one at the advisories.
    how: str


@dataclass
class Review:
    """What people have written down: when they looked at what, and which versions have holes."""

    looks: dict[str, Look] = field(default_factory=dict)
    holes: list[tuple[str, Requirement, str]] = field(default_factory=list)
    # The list as it is, without the looks.
    preface: list[str] = field(default_factory=list)


def libraries(root: Path = ROOT) -> set[str]:
    """Return each library in use, as ``pypi:django==5.2.19``."""
    pinned = {
        f"pypi:{canonicalize_name(name)}=={version}"
        for path in PINS
        for name, version in PIN.findall((root / path).read_text())
    }
    kept = {f"npm:{name}=={version}" for path in KEPT for version, name in ROW.findall((root / path).read_text())}
    return pinned | kept


def read(root: Path = ROOT) -> Review:
    review = Review()
    for line in (root / LIST).read_text().splitlines():
        if found := LOOK.match(line):
            review.looks[found[2]] = Look(date.fromisoformat(found[1]), found[3])
            continue
        review.preface.append(line)
        if found := HOLE.match(line):
            review.holes.append((found[1], Requirement(found[2]), found[3]))
        elif line and not line.startswith("#"):
            raise SystemExit(f"{LIST}: this line cannot be understood: {line}")
    return review


def judge(used: Iterable[str], review: Review, today: date) -> tuple[list[str], list[str]]:
    """Return what must not stay so, and what should be done soon."""
    wrong, soon = [], []
    for library in sorted(used):
        registry, _, pin = library.partition(":")
        name, _, version = pin.partition("==")
        wrong += [
            f"{library} has a known hole: {why} ({bad}). Take a newer one."
            for where, bad, why in review.holes
            if (where, bad.name) == (registry, name) and bad.specifier.contains(version, prereleases=True)
        ]
        look = review.looks.get(library)
        if look is None:
            wrong.append(f"Nobody has looked whether {library} has a known hole (docs/contributing.md says how).")
        elif today - look.day > TOO_LONG_AGO:
            wrong.append(f"{library} was last looked at on {look.day}: look again (docs/contributing.md says how).")
        elif today - look.day > LOOK_AGAIN:
            soon.append(f"{library} was last looked at on {look.day}; after {look.day + TOO_LONG_AGO} this fails.")
    return wrong, soon


def note(how: str, names: Sequence[str], review: Review, today: date, root: Path = ROOT) -> None:
    """Write down how these were looked at today; what is in use no longer is left out."""
    used = libraries(root)
    if unknown := set(names) - {name_of(library) for library in used}:
        raise SystemExit(f"Nothing here is called {', '.join(sorted(unknown))}.")
    looks = {library: look for library, look in review.looks.items() if library in used}
    looks |= {library: Look(today, how) for library in used if name_of(library) in names}
    width = max(map(len, looks), default=0)
    lines = [f"{looks[library].day}  {library:{width}}  {looks[library].how}" for library in sorted(looks)]
    (root / LIST).write_text("\n".join([*review.preface, *lines]) + "\n")


def name_of(library: str) -> str:
    return library.partition(":")[2].partition("==")[0]


def main(arguments: Sequence[str]) -> int:
    review, today = read(), date.today()  # noqa: DTZ011 (a day more or less is the same to everybody)
    if arguments[:1] == ["--looked-at"]:
        _, how, *names = arguments
        note(how, names, review, today)
        return 0
    wrong, soon = judge(libraries(), review, today)
    if soon:
        print(f"{len(soon)} libraries should be looked at again, such as: {soon[0]}")
    for sentence in wrong:
        print(sentence, file=sys.stderr)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
