"""What a shell asks of the tests' servers: see ``tests.servers``."""

import os
import subprocess
import sys
from collections.abc import Sequence

from tests import servers
from tests.servers.postgresql import postgres
from tests.servers.programs import NEEDS, find


def main(arguments: Sequence[str]) -> int:
    match arguments:
        case ["missing"]:
            for name, loss in NEEDS.items():
                if not find(name):
                    print(f"{name} is not installed: {loss}.")
            return 0
        case ["has", name]:
            return 0 if find(name) else 1
        case ["postgres", "--", *command]:
            with postgres() as server:
                return subprocess.run(command, env={**os.environ, "DATABASE_URL": server.url}, check=False).returncode
    print(servers.__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
