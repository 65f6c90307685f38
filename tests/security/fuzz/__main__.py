"""Start a site, and send it what schemathesis makes of the API's document, as a member, a room's admin and a guest.

    python -m tests.security.fuzz         # ten minutes
    python -m tests.security.fuzz 1 --seed 7 --as guest

Prints each failure with the curl that shows it, and exits with 1 where there is one, or where the site logged a
traceback. The site is gone then: the same seed brings it again.
"""

import argparse
import os
import random
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from tests import servers
from tests.security.fuzz.cast import ROLES, Cast, gather
from tests.security.fuzz.config import config

HOOKS = "tests.security.fuzz.hooks"
MINUTES = 10.0


def parse(arguments: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.security.fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("minutes", nargs="?", type=float, default=MINUTES, help="for all of them together")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--as", dest="roles", action="append", choices=ROLES, help="only as one of them")
    return parser.parse_args(arguments)


def fuzz(site: servers.Site, cast: Cast, role: str, *options: str) -> int:
    """Run schemathesis as somebody; what it says goes to the terminal. Return its exit code: 0, nothing was found."""
    folder = site.data / f"fuzz-{role}"
    folder.mkdir()
    (folder / "schemathesis.toml").write_text(config(cast))
    command = [
        str(Path(sys.executable).parent / "schemathesis"), "--config-file", "schemathesis.toml", "run",
        f"{site.url}/api/v1/openapi.json", "--url", site.url, "--header", f"X-Session-Token: {cast.tokens[role]}",
        "--no-color", *options,
    ]  # fmt: skip
    env = {
        **os.environ,
        "PYTHONPATH": str(servers.PROJECT),
        "SCHEMATHESIS_HOOKS": HOOKS,
        "CHATSITE_FUZZED": cast.for_hooks(site.url, role),
    }
    return subprocess.run(command, cwd=folder, env=env, check=False).returncode


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
            if fuzz(site, gather(site.url), role, "--seed", str(seed), "--max-time", str(seconds)):
                failed.append(f"as {role}")
            if traceback := site.log().partition("Traceback")[2]:
                print(f"The site's log:\nTraceback{traceback}")
                failed.append(f"as {role}: a traceback in the site's log")
    print("\nFailed " + ", ".join(failed) if failed else "\nNothing was found.")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
