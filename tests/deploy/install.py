"""``python -m tests.deploy.install [ROOT]``: bin/install on a fresh Debian with its own systemd, as root.

It runs the command as docs/deploy.md has it, a second time, and then goes to other versions and back: trial.sh. ROOT is
a Debian to take in place of one that debootstrap makes. It takes some minutes; where the machine boots no systemd it
says so and ends with 2.
"""

import sys
import tempfile
from pathlib import Path

from tests.deploy import blocks, machine


def main() -> int:
    if lacking := machine.missing():
        print(lacking, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="chatsite-install-", ignore_cleanup_errors=True) as folder:
        root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else Path(folder)
        machine.make_root(root)
        machine.place_code(root)
        machine.place_world(root)
        [block] = blocks.commands("install")
        (root / "root/install.sh").write_text(f"set -e\ncd /root/chatsite\n{block.text}")
        return machine.boot(root, (machine.HERE / "trial.sh").read_text())


if __name__ == "__main__":
    sys.exit(main())
