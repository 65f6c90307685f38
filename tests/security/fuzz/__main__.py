"""Start a site, and send it what schemathesis makes of the API's document, as a member, a room's admin and a guest.

    python -m tests.security.fuzz         # ten minutes
    python -m tests.security.fuzz 1 --seed 7 --as guest

Prints each failure with the curl that shows it, and exits with 1 where there is one, where hardly any operation
succeeded, or where the site logged a traceback. The site is gone then: the same seed brings it again.
"""

import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests import servers
from tests.security.fuzz.cast import ROLES, Cast, gather
from tests.security.fuzz.config import config

HOOKS = "tests.security.fuzz.hooks"
MINUTES = 10.0
# Of the operations, how many have to succeed at least once: fewer, and the requests were not what the site takes.
LEAST = 1 / 3


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.security.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("minutes", nargs="?", type=float, default=MINUTES, help="for all of them together")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--as", dest="roles", action="append", choices=ROLES, help="only as one of them")
    return parser.parse_args(arguments)


def fuzz(site: servers.Site, cast: Cast, role: str, *options: str) -> list[str]:
    """Run schemathesis as somebody; what it says goes to the terminal. Return what is wrong, in a few words each."""
    folder = Path(tempfile.mkdtemp(prefix="fuzz-", dir=site.data))
    (folder / "schemathesis.toml").write_text(config(cast))
    command = [
        str(Path(sys.executable).parent / "schemathesis"), "--config-file", "schemathesis.toml", "run",
        f"{site.url}/api/v1/openapi.json", "--url", site.url, "--header", f"X-Session-Token: {cast.tokens[role]}",
        "--no-color", *options,
    ]  # fmt: skip
    succeeded = folder / "succeeded.json"
    env = {
        **os.environ,
        "PYTHONPATH": str(servers.PROJECT),
        "SCHEMATHESIS_HOOKS": HOOKS,
        "CHATSITE_FUZZED": json.dumps(
            {"url": site.url, "role": role, "token": cast.tokens[role], "rooms": cast.rooms, "counts": str(succeeded)}
        ),
    }
    code = subprocess.run(command, cwd=folder, env=env, check=False).returncode
    found = ["what is told above"] if code else []
    counts = json.loads(succeeded.read_text()) if succeeded.exists() else {}
    never = sorted(name for name, count in counts.items() if not count)
    print(f"{sum(counts.values())} requests succeeded. Of these operations none did: {', '.join(never) or '-'}.")
    if len(counts) - len(never) < max(1, len(counts) * LEAST):
        found.append("hardly any operation succeeded")
    if traceback := site.log().partition("Traceback")[2]:
        print(f"The site's log:\nTraceback{traceback}")
        found.append("a traceback in the site's log")
    return found


def main(arguments: Sequence[str]) -> int:
    options = parse(arguments)
    seed = random.randrange(2**32) if options.seed is None else options.seed
    roles = options.roles or list(ROLES)
    seconds = max(1, round(options.minutes * 60 / len(roles)))
    failed = []
    for role in roles:
        # One for each, so that none finds what another has left of it. Off, the limits would answer nearly everything.
        with servers.site(env={"RATE_LIMITS": "false"}) as site:
            print(f"As {role}, seed {seed}, {seconds} s.", flush=True)
            found = fuzz(site, gather(site.url), role, "--seed", str(seed), "--max-time", str(seconds))
            failed += [f"As {role}: {what}." for what in found]
    print("\n".join(["", *(failed or ["Nothing was found."])]))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
