"""``python -m tests.deploy.docs [ROOT]``: follows docs/deploy.md word for word on a fresh Debian, as root.

Each block of commands of the page runs there, in order and in one shell, which stops at the first command that fails.
After some of them (``THEN``) somebody looks whether what the page says of them is so. ``blocks.TRIALS`` has who runs
the others. It takes some minutes; where the machine boots no systemd it says so and ends with 2.
"""

import sys
import tempfile
from pathlib import Path

from tests.deploy import blocks, machine

# After the block that has the command: the first of them, where the page names it more than once.
THEN = {
    "apt-get install -y": "say packages",
    "bin/venv requirements.txt": "say libraries",
    "certbot certonly": "say certificate",
    "bin/chatsite first_admin_link": "somebody_talks",
    "bin/chatsite mail test": "a_mail_came",
    "bin/chatsite backup --try": "the_timers_do_it_too",
    "bin/chatsite check_backup": "all_is_lost",
    "bin/chatsite restore": "all_is_back",
    "bin/chatsite upgrade": "it_runs v1.2",
    "bin/chatsite rollback": "it_runs first",
    "bin/chatsite restart": "all_is_there",
    "touch /run/chatsite/maintenance": "answers /accounts/login/ 503",
    "rm /run/chatsite/maintenance": "answers /accounts/login/ 200",
}


def after(text: str, waiting: dict[str, str]) -> list[str]:
    """Take what is to be looked at after this block out of what waits."""
    return [waiting.pop(command) for command in list(waiting) if command in text]


def script() -> str:
    """Return all that is typed on the new server, and what looks at it."""
    lines = [
        "set -euo pipefail",
        ". /root/world.sh",
        ". /root/looks.sh",
        "begin_the_world",
        "cd /root/chatsite",
        "SECONDS=0",
    ]
    waiting = dict(THEN)
    for block in blocks.commands():
        lines += [
            f"echo '== docs/deploy.md, line {block.line}: {block.section}'",
            block.text,
            *after(block.text, waiting),
        ]
    assert not waiting, f"The page has no {', '.join(waiting)} any more."
    lines += ["caddy_instead_of_nginx", *(block.text for block in blocks.commands("caddy")), "caddy_serves"]
    return "\n".join([*lines, "say all of it", ""])


def main() -> int:
    if lacking := machine.missing():
        print(lacking, file=sys.stderr)
        return 2
    by_hand = sum(map(blocks.count, blocks.commands(section="By hand")))
    print(f"By hand: {by_hand} commands.", flush=True)
    with tempfile.TemporaryDirectory(prefix="chatsite-docs-", ignore_cleanup_errors=True) as folder:
        root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else Path(folder)
        machine.make_root(root)
        machine.place_code(root)
        machine.place_world(root)
        (root / "root/looks.sh").write_text((machine.HERE / "looks.sh").read_text())
        return machine.boot(root, script())


if __name__ == "__main__":
    sys.exit(main())
