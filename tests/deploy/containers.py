"""``python -m tests.deploy.containers [FOLDER]``: builds the image and runs deploy/compose.yaml, as root; some minutes.

It follows "In containers" of docs/deploy.md word for word with Debian 13's own Docker, in a root and a network of its
own. No registry is asked: what the files name (python, postgres, redis, nginx) is made before, under the same names, of
Debian's packages (images/). FOLDER keeps the roots that debootstrap makes for the next time.
"""

import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.deploy import blocks, machine
from tests.deploy.docs import after

PROGRAMS = ("debootstrap", "slirp4netns", "nsenter", "pivot_root")
PACKAGES = (
    "docker.io", "docker-cli", "docker-compose", "docker-buildx", "iptables", "git", "python3", "python3-aiosmtpd",
    "dnsmasq-base", "procps",
)  # fmt: skip
SETTINGS = """
SITE_URL='https://chat.example.org'
SECRET_KEY='0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef'
POSTGRES_PASSWORD='lettersanddigits12'
EMAIL_URL='smtp+tls://user:password@mail.example.org:587'
MAIL_FROM='chat@example.org'
"""
# After the block that has the command.
THEN = {
    "first_admin_link": "somebody_talks",
    "git pull": "the_new_version_serves",
    "backup --try": "the_nightly_jobs_run",
    "restore": "all_is_back",
    "docker compose cp": "backups_are_out",
}
START_SECONDS = 60
CLEAN = "docker rm -f $(docker ps -aq); docker volume prune -af"


def make_docker(folder: Path) -> Path:
    """Return a Debian 13 with Docker in it, beside the roots that base images are made of."""
    for suite in ("trixie", "bookworm"):
        machine.make_root(folder / suite, suite)
    root = folder / "docker"
    if not (root / "usr/sbin/dockerd").exists():
        shutil.rmtree(root, ignore_errors=True)
        machine.run("cp", "-a", folder / "trixie", root)
        # Nothing is started by being installed.
        (root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
        (root / "usr/sbin/policy-rc.d").chmod(0o755)
        shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
        machine.run("chroot", root, "apt-get", "update", "-qq")
        machine.run("chroot", root, "env", "DEBIAN_FRONTEND=noninteractive", "apt-get", "install", "-qq", "-y",
                    "--no-install-recommends", *PACKAGES)  # fmt: skip
    (root / "etc/resolv.conf").write_text(machine.NAME_SERVER)
    return root


def furnish(folder: Path, root: Path) -> None:
    machine.place_code(root, "srv")
    machine.place_world(root)
    shutil.copytree(machine.HERE / "images", root / "root/images", dirs_exist_ok=True)
    (root / "srv/chatsite/deploy/.env").write_text(SETTINGS.lstrip())
    (root / "srv/chatsite/deploy/.env").chmod(0o600)
    certificates = root / "etc/letsencrypt/live/chat.example.org"
    certificates.mkdir(parents=True, exist_ok=True)
    shutil.copy(root / "root/pebble/certificate.pem", certificates / "fullchain.pem")
    shutil.copy(root / "root/pebble/key.pem", certificates / "privkey.pem")
    machine.run("chroot", root, "update-ca-certificates")
    for suite in ("trixie", "bookworm"):
        # The doctor asks the site by its own address, and trusts whom the image trusts.
        authority = "usr/local/share/ca-certificates/pebble.crt"
        shutil.copy(root / authority, folder / suite / authority)
        machine.run("chroot", folder / suite, "update-ca-certificates", "--fresh")
        machine.run("tar", "-C", folder / suite, "-c", "-f", root / f"root/{suite}.tar", ".")


def script() -> str:
    lines = [(machine.HERE / "compose.sh").read_text(), "make_base_images", "cd /srv/chatsite/deploy", "SECONDS=0"]
    waiting = dict(THEN)
    for block in blocks.commands("containers"):
        lines += [f"echo '== docs/deploy.md, line {block.line}'", block.text, *after(block.text, waiting)]
    assert not waiting, f"The page has no {', '.join(waiting)} any more."
    return "\n".join([*lines, "one_is_away", "say all of it", ""])


def follow(root: Path) -> int:
    """Start Docker in the root, follow the page there, and leave no container."""
    with machine.network() as network:
        inside = [f"--net={network}", "unshare", "--mount", "--propagation", "private"]
        start = ["nsenter", *inside, "bash", str(machine.HERE / "dockerd.sh"), str(root)]
        with subprocess.Popen(start) as docker:
            enter = ["nsenter", "-t", str(docker.pid), "-m", "-n", "-r"]
            try:
                deadline = time.monotonic() + START_SECONDS
                while subprocess.run([*enter, "docker", "info"], capture_output=True, check=False).returncode:
                    if docker.poll() is not None or time.monotonic() > deadline:
                        print("Docker does not start here; its log:", file=sys.stderr)
                        print((root / "var/log/dockerd.log").read_text(), file=sys.stderr)
                        return 2
                    time.sleep(0.5)
                (root / "root/trial.sh").write_text(script())
                return subprocess.run(
                    [*enter, "bash", "/root/trial.sh"], stdin=subprocess.DEVNULL, check=False
                ).returncode
            finally:
                subprocess.run([*enter, "sh", "-c", CLEAN], capture_output=True, check=False)
                docker.terminate()


def main() -> int:
    if lacking := machine.missing(*PROGRAMS):
        print(lacking, file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory(prefix="chatsite-containers-", ignore_cleanup_errors=True) as temporary:
        folder = Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else Path(temporary)
        folder.mkdir(exist_ok=True)
        root = make_docker(folder)
        furnish(folder, root)
        return follow(root)


if __name__ == "__main__":
    sys.exit(main())
