"""Try every attack that works over the network on a running site of one's own, and print what came of it.

    python -m tests.security.attack http://127.0.0.1:8000
    python -m tests.security.attack https://chat.example.org --mine --user alice:… --user bob:… --user carol:…

It signs up some people, opens some rooms and removes what it can of that in the end. It sends a few thousand requests
in a few minutes. Where people cannot sign up by themselves, or confirm their address first, six of them are named by
``--user``; ``--staff`` names a site admin. Exits with 1 where the site is open to something.
"""

import argparse
import sys
import textwrap
from collections.abc import Sequence
from contextlib import ExitStack
from urllib.parse import urlsplit

# Each of these adds its attacks, in the order in which they are tried.
from tests.security.attack import (  # noqa: F401
    accounts,
    admin,
    api,
    headers,
    logins,
    names,
    pictures,
    sockets,
    text,
    uploads,
)
from tests.security.attack.attack import ALL, Attack, Outcome
from tests.security.attack.mail import mailbox
from tests.security.attack.scene import LOOPBACK, Scene

WIDTHS = (10, 9, 62, 70)


def pair(given: str) -> tuple[str, str]:
    name, colon, password = given.partition(":")
    if not colon:
        raise argparse.ArgumentTypeError("give NAME:PASSWORD")
    return name, password


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.security.attack", description=__doc__.splitlines()[0])
    parser.add_argument("url", help="the site's address")
    parser.add_argument("--mine", action="store_true", help="the site is mine, though it is not on this machine")
    parser.add_argument("--user", action="append", default=[], type=pair, metavar="NAME:PASSWORD")
    parser.add_argument("--staff", type=pair, metavar="NAME:PASSWORD", help="a site admin")
    parser.add_argument("--only", default="", help="a family, or a word of the attacks to try")
    parser.add_argument("--patient", type=float, default=0, metavar="SECONDS", help="wait so long where that is needed")
    parser.add_argument("--take-mail", type=int, metavar="PORT", help="be the site's mail server at 127.0.0.1:PORT")
    options = parser.parse_args(arguments)
    parts = urlsplit(options.url)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        parser.error("give the site's whole address, such as http://127.0.0.1:8000")
    if parts.hostname not in LOOPBACK and not options.mine:
        parser.error("that is not on this machine: --mine says that the site is your own")
    return options


def row(*cells: str) -> str:
    """Return a row of the table, as many lines as it takes."""
    columns = [textwrap.wrap(cell, width) or [""] for cell, width in zip(cells, WIDTHS, strict=True)]
    lines = max(map(len, columns))
    table = [[*column, *[""] * (lines - len(column))] for column in columns]
    return "\n".join(
        "  ".join(cell.ljust(width) for cell, width in zip(line, WIDTHS, strict=True)).rstrip()
        for line in zip(*table, strict=True)
    )


def chosen(words: str) -> list[Attack]:
    families = {attack.family for attack in ALL}
    return [attack for attack in ALL if attack.family == words or (words not in families and words in attack.says)]


def try_all(scene: Scene, attacks: Sequence[Attack]) -> list[Outcome]:
    outcomes = []
    try:
        for attack in attacks:
            outcome = attack.on(scene)
            print(row(attack.family, outcome.verdict, attack.says, outcome.seen), flush=True)
            outcomes.append(outcome)
    finally:
        scene.clean_up()
    return outcomes


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    with ExitStack() as stack:
        mail = stack.enter_context(mailbox(options.take_mail)) if options.take_mail else None
        scene = Scene(options.url.rstrip("/"), options.user, options.staff, options.patient, mail)
        print(f"{options.url}: /healthz answers in {scene.quiet * 1000:.1f} ms.\n")
        print(row("family", "verdict", "attack", "seen"))
        outcomes = try_all(scene, chosen(options.only))
    counts = {
        verdict: sum(outcome.verdict == verdict for outcome in outcomes) for verdict in ("holds", "open", "not tried")
    }
    print(f"\n{len(outcomes)} attacks: " + ", ".join(f"{count} {verdict}" for verdict, count in counts.items()) + ".")
    return 1 if counts["open"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
