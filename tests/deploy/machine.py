"""A fresh Debian for a trial: made by debootstrap, booted by systemd-nspawn, with a network of its own by slirp4netns.

What is installed there comes from where this machine's apt and pip have it. Inside run a real ACME server (pebble) and
a mail server, which answer to chat.example.org's neighbours.
"""

import json
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests import servers

# Debian's package of each program.
NEEDS = {
    "debootstrap": "debootstrap",
    "systemd-nspawn": "systemd-container",
    "slirp4netns": "slirp4netns",
    "pebble": "pebble",
}
HERE = Path(__file__).parent
# What runs inside, beside the trial's own script.
TOOLS = ("mailserver.py", "visitor.py", "world.sh")
UNIT = """
[Unit]
Description=The trial
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/bash -c 'bash /root/trial.sh >/root/trial.log 2>&1; echo $? >/root/trial.code'
ExecStopPost=systemctl poweroff --no-block
[Install]
WantedBy=graphical.target
"""
PEBBLE = {
    "listenAddress": "127.0.0.1:14000",
    "managementListenAddress": "127.0.0.1:15000",
    "certificate": "/root/pebble/certificate.pem",
    "privateKey": "/root/pebble/key.pem",
    "httpPort": 80,
    "tlsPort": 443,
    "ocspResponderURL": "",
}
# One for the ACME server and the mail server; in containers, where there is no ACME server, for the site, too.
MAKE_KEY = [
    "openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=pebble",
    "-addext", "subjectAltName=IP:127.0.0.1,DNS:mail.example.org,DNS:chat.example.org",
]  # fmt: skip
# slirp4netns answers for names here.
NAME_SERVER = "nameserver 10.0.2.3\n"
PATIENCE = 2_400


def run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True)


def missing(*programs: str) -> str:
    """Return a sentence that says which packages this machine lacks for the trial, or nothing."""
    lacking = [NEEDS.get(program, program) for program in programs or NEEDS if not shutil.which(program)]
    return f"This needs Debian's {', '.join(lacking)}." if lacking else ""


def mirror() -> str:
    """Return where this machine's apt gets Debian's packages."""
    for path in (*Path("/etc/apt").glob("*.list"), *Path("/etc/apt/sources.list.d").iterdir()):
        if found := re.search(r"^(?:URIs:|deb(?: \[.*?\])?) *(\S+/debian/?)(?:\s|$)", path.read_text(), re.MULTILINE):
            return found[1]
    sys.exit("Where does apt get Debian's packages?")


def make_root(root: Path, suite: str = "bookworm") -> None:
    """Make a Debian there, unless there is one; it trusts the authorities that this machine does."""
    if not (root / "etc").exists():
        packages = "--include=ca-certificates,systemd,systemd-sysv"
        run("debootstrap", "--variant=minbase", packages, suite, root, mirror())
        # A temporary folder is its owner's alone; as the root of a machine it is everybody's.
        root.chmod(0o755)
    for old in (root / "etc/apt/sources.list", *(root / "etc/apt/sources.list.d").iterdir()):
        old.unlink(missing_ok=True)
    lines = [f"deb {mirror()} {name} main\n" for name in (suite, f"{suite}-updates")]
    (root / "etc/apt/sources.list").write_text("".join(lines))
    (root / "etc/resolv.conf").unlink(missing_ok=True)
    (root / "etc/resolv.conf").write_text(NAME_SERVER)
    for authority in Path("/usr/local/share/ca-certificates").glob("*.crt"):
        shutil.copy(authority, root / "usr/local/share/ca-certificates")
    run("chroot", root, "update-ca-certificates")


def place_code(root: Path, folder: str = "root") -> None:
    """Put the project into ``folder`` of the root: the repository origin.git, and chatsite, a clone of it.

    The tag v1.2 is one commit further than the clone: a new version to go to.
    """
    place = root / folder
    for name in ("chatsite", "origin.git"):
        shutil.rmtree(place / name, ignore_errors=True)
    clone = place / "chatsite"
    clone.mkdir(parents=True)
    # What is not committed yet is tried, too.
    listed = ["git", "-C", servers.PROJECT, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = [
        name for name in subprocess.check_output(listed).split(b"\0") if (servers.PROJECT / name.decode()).is_file()
    ]
    packed = subprocess.run(
        ["tar", "-C", servers.PROJECT, "-c", "--null", "-T", "-"], input=b"\0".join(names), stdout=subprocess.PIPE,
        check=True,
    )  # fmt: skip
    subprocess.run(["tar", "-C", clone, "-x", "--no-same-owner"], input=packed.stdout, check=True)
    git = ["git", "-C", clone, "-c", "user.name=Trial", "-c", "user.email=trial@example.org"]
    run(*git, "init", "-q", "-b", "main")
    run(*git, "add", "-A")
    run(*git, "commit", "-q", "-m", "The version that serves")
    run("git", "clone", "-q", "--bare", clone, place / "origin.git")
    run(*git, "commit", "-q", "--allow-empty", "-m", "The new one")
    run(*git, "tag", "v1.2")
    run(*git, "push", "-q", place / "origin.git", "v1.2", "main")
    run(*git, "reset", "-q", "--hard", "HEAD~")
    run(*git, "remote", "add", "origin", f"/{folder}/origin.git")
    run(*git, "fetch", "-q", place / "origin.git", "main:refs/remotes/origin/main")
    run(*git, "branch", "-q", "-u", "origin/main")


def place_world(root: Path) -> None:
    """Put in the ACME server, the mail server, and who visits the site."""
    pebble = root / "root/pebble"
    pebble.mkdir(exist_ok=True)
    if not (pebble / "key.pem").exists():
        run(*MAKE_KEY, "-keyout", pebble / "key.pem", "-out", pebble / "certificate.pem")
    shutil.copy(pebble / "certificate.pem", root / "usr/local/share/ca-certificates/pebble.crt")
    (pebble / "config.json").write_text(json.dumps({"pebble": PEBBLE}))
    for name in ("pebble", "pebble-challtestsrv"):
        shutil.copy(servers.need("pebble").with_name(name), root / "usr/local/bin")
    for name in TOOLS:
        shutil.copy(HERE / name, root / "root")


@contextmanager
def network() -> Iterator[Path]:
    """Make a network in which only this trial listens, and from which it reaches what this machine reaches."""
    name = f"chatsite-{time.time_ns() // 1_000_000}"
    run("ip", "netns", "add", name)
    path = Path("/run/netns", name)
    try:
        command = ["slirp4netns", "--netns-type=path", "--configure", "--disable-host-loopback", path, "tap0"]
        with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as slirp:
            try:
                yield path
            finally:
                slirp.terminate()
    finally:
        run("ip", "netns", "del", name)


def boot(root: Path, script: str) -> int:
    """Boot the root, run the script there once it is up, print what it says, and return how it ended."""
    (root / "root/trial.sh").write_text(script)
    (root / "etc/systemd/system/trial.service").write_text(UNIT)
    run("systemctl", "--root", root, "enable", "-q", "trial.service")
    log, code = root / "root/trial.log", root / "root/trial.code"
    for path in (log, code):
        path.unlink(missing_ok=True)
    with network() as path:
        command = ["systemd-nspawn", "-q", "-D", str(root), "--boot", f"--network-namespace-path={path}"]
        command += ["--register=no", "--keep-unit", "--resolv-conf=off", "--console=pipe"]
        try:
            subprocess.run(command, stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            print("The trial did not end.", file=sys.stderr)
    if not log.exists():
        print("systemd does not boot here.", file=sys.stderr)
        return 2
    print(log.read_text())
    return int(code.read_text()) if code.exists() else 1
