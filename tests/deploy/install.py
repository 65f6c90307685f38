"""``python -m tests.deploy.install [ROOT]``: bin/install on a fresh Debian with its own systemd, as root; some minutes.

The root is made by debootstrap from where this machine's apt gets its packages, unless ROOT is one. It runs under
systemd-nspawn without a network: what it installs is fetched before, and a real ACME server runs within it. Where the
machine boots no systemd it says so and ends with 2.
"""

import json
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from tests import servers

CODE = (
    "accounts", "bin", "chatsite", "deploy", "locale", "rooms", "static", "templates", "manage.py", "requirements.txt",
)  # fmt: skip
PACKAGES = ["python3", "python3-venv", "postgresql", "redis-server", "nginx", "certbot", "adduser"]
UNIT = """
[Unit]
Description=The trial
After=multi-user.target
[Service]
Type=oneshot
ExecStart=/bin/bash -c '/root/trial.sh >/root/trial.log 2>&1; echo $? >/root/trial.code; systemctl poweroff --no-block'
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
MAKE_KEY = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=pebble"]
PATIENCE = 1_800


def run(*command: str | Path) -> None:
    subprocess.run([str(part) for part in command], check=True)


def sources() -> list[Path]:
    """Return the files that say where this machine gets Debian's packages."""
    found = [*Path("/etc/apt").glob("*.list"), *Path("/etc/apt/sources.list.d").iterdir()]
    return [path for path in found if "debian" in path.read_text() and "nodesource" not in path.read_text()]


def make_root(root: Path) -> None:
    mirror = re.search(r"^(?:URIs:|deb(?: \[.*?\])?) *(\S+)", sources()[0].read_text(), re.MULTILINE)
    assert mirror, "Where does apt get its packages?"
    run("debootstrap", "--variant=minbase", "--include=ca-certificates,systemd,systemd-sysv,openssl",
        "bookworm", root, mirror[1])  # fmt: skip


def furnish(root: Path) -> None:
    """Put in what comes by the network otherwise, the code, and the trial."""
    for path in sources():
        shutil.copy(path, root / "etc/apt/sources.list.d")
    (root / "etc/apt/sources.list").unlink(missing_ok=True)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    run("chroot", root, "apt-get", "update", "-qq")
    run("chroot", root, "apt-get", "install", "-qq", "-y", "-d", "--no-install-recommends", *PACKAGES)
    # Whatever Python they are for: the root's is another than this one, and compares their hashes.
    pins = re.findall(
        r"^([\w.-]+)(?:\[.*\])?==([\w.]+)", (servers.PROJECT / "requirements.txt").read_text(), re.MULTILINE
    )
    last = dict(pins)
    for some in (last.items(), [pin for pin in pins if last[pin[0]] != pin[1]]):
        run(sys.executable, "-m", "pip", "download", "-q", "--no-deps", *map("==".join, some),
            "--python-version", "3.11", "--only-binary=:all:", "-d", root / "wheels")  # fmt: skip
    code = root / "root/chatsite"
    shutil.rmtree(code, ignore_errors=True)
    for part in CODE:
        (code / part).parent.mkdir(parents=True, exist_ok=True)
        run("cp", "-r", servers.PROJECT / part, code / part)
    pebble = root / "root/pebble"
    pebble.mkdir(exist_ok=True)
    names = ["-addext", "subjectAltName=IP:127.0.0.1"]
    run(*MAKE_KEY, *names, "-keyout", pebble / "key.pem", "-out", pebble / "certificate.pem")
    (pebble / "config.json").write_text(json.dumps({"pebble": PEBBLE}))
    for name in ("pebble", "pebble-challtestsrv"):
        shutil.copy(servers.need("pebble").with_name(name), root / "usr/local/bin")
    shutil.copy(Path(__file__).with_name("trial.sh"), root / "root/trial.sh")
    (root / "root/trial.sh").chmod(0o755)
    (root / "etc/systemd/system/trial.service").write_text(UNIT)
    run("systemctl", "--root", root, "enable", "-q", "trial.service")


def main() -> int:
    if not shutil.which("systemd-nspawn") or not shutil.which("debootstrap") or not servers.find("pebble"):
        print("This needs Debian's systemd-container, debootstrap and pebble.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="chatsite-install-", ignore_cleanup_errors=True) as folder:
        root = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else Path(folder)
        if not (root / "etc").exists():
            make_root(root)
        furnish(root)
        boot = ["systemd-nspawn", "-q", "-D", str(root), "--boot", "--private-network", "--register=no", "--keep-unit"]
        try:
            subprocess.run([*boot, "--console=pipe"], stdin=subprocess.DEVNULL, timeout=PATIENCE, check=False)
        except subprocess.TimeoutExpired:
            print("The trial did not end.", file=sys.stderr)
        log, code = root / "root/trial.log", root / "root/trial.code"
        if not log.exists():
            print("systemd does not boot here.", file=sys.stderr)
            return 2
        print(log.read_text())
        return int(code.read_text()) if code.exists() else 1


if __name__ == "__main__":
    sys.exit(main())
