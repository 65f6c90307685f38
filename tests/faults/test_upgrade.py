"""Two processes go to a new version and back while somebody talks; one that does not start takes nobody down."""

import os
import pwd
import re
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.error import HTTPError
from uuid import uuid4

import pytest

from chatsite import ready
from tests import servers
from tests.cluster import Nginx
from tests.scripts import Script

pytestmark = pytest.mark.faults

CODE = (
    "accounts",
    "bin",
    "chatsite",
    "deploy",
    "locale",
    "pyproject.toml",
    "rooms",
    "api",
    "static",
    "templates",
    "manage.py",
    "requirements.txt",
)
SUPERVISOR = servers.PROJECT / "tests" / "faults" / "supervisor.py"
MIGRATION = """
from django.db import migrations
class Migration(migrations.Migration):
    dependencies = [("chatsite", "0003_read_only")]
    operations = []
    runs_beside_old_code = {beside}
"""
# How long a process may take that starts; and one that is known not to, to start in vain and to come back after that.
PATIENCE, SHORT_PATIENCE = "60", "20"
READ_AND_WRITE = "People may read and write."
# Fails unless the site is read-only and nobody writes while it runs.
QUIET_MIGRATION = """
import time
from django.db import migrations
def look(apps, schema_editor):
    database = schema_editor.connection.cursor()
    def one(sql):
        database.execute(sql)
        return database.fetchone()[0]
    before = one("SELECT count(*) FROM rooms_message")
    time.sleep(2)
    if not one("SELECT count(*) FROM chatsite_readonly") or one("SELECT count(*) FROM rooms_message") != before:
        raise SystemExit("Somebody may write.")
class Migration(migrations.Migration):
    atomic = False
    dependencies = [("chatsite", "0003_read_only")]
    operations = [migrations.RunPython(look)]
    runs_beside_old_code = True
"""


class Server:
    """What a server has: a link to the version that serves, units, nginx, and the settings in a file."""

    def __init__(self, folder: Path, url: str, settings: dict[str, str]) -> None:
        self.folder, self.url = folder, url
        self.home, self.sockets = folder / "opt" / "chatsite", folder / "run"
        self.versions = folder / "opt" / "chatsite-versions"
        for place in (self.versions, self.sockets, folder / "backups", folder / "data", folder / "new"):
            place.mkdir(parents=True)
        settings |= {"CHATSITE_DATA": str(folder / "data"), "BACKUP_FOLDER": str(folder / "backups")}
        file = folder / "environment"
        file.write_text("".join(f"{name}='{value}'\n" for name, value in settings.items()))
        program = folder / "systemctl"
        program.write_text(f'#!/bin/sh\nexec {sys.executable} {SUPERVISOR} "$@"\n')
        program.chmod(0o755)
        places: dict[str, str | Path] = {
            "CHATSITE_HOME": self.home,
            "CHATSITE_SOCKETS": self.sockets,
            "CHATSITE_SYSTEMCTL": program,
        }
        places |= {"CHATSITE_ENVIRONMENT": file, "CHATSITE_ETC": folder / "etc"}
        self.env = {**os.environ, "CHATSITE_USER": pwd.getpwuid(os.geteuid()).pw_name, **settings}
        self.env |= {name: str(value) for name, value in places.items()}
        shutil.copytree(self.version("first"), self.versions / "first", symlinks=True)
        self.home.symlink_to(self.versions / "first")

    def version(self, name: str) -> Path:
        """Return a new folder with the code as it is, and the libraries of these tests."""
        target = self.folder / "new" / name
        target.mkdir()
        for part in CODE:
            source = servers.PROJECT / part
            if source.is_dir():
                shutil.copytree(source, target / part, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target / part)
        # In the place of the one that takes a minute to install what is here already.
        (target / "bin" / "venv").write_text(
            f'#!/bin/sh\ncd "$(dirname "$0")/.." && ln -sfn {Path(sys.prefix)} .venv\n'
        )
        subprocess.run([target / "bin" / "venv"], check=True)
        return target

    def run(self, *arguments: str, patience: str = PATIENCE) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.home / "bin" / "chatsite", *arguments],
            env={**self.env, "CHATSITE_READY_SECONDS": patience},
            capture_output=True,
            text=True,
            check=False,
        )

    def systemctl(self, word: str, *units: str) -> None:
        subprocess.run([self.env["CHATSITE_SYSTEMCTL"], word, *units], env=self.env, check=True)

    def serving(self) -> list[str]:
        """Return which version each process runs, as its working folder has it."""
        return [Path(f"/proc/{path.read_text()}/cwd").readlink().name for path in sorted(self.sockets.glob("*.pid"))]

    def calls(self) -> list[str]:
        """Return what systemctl was told since the last look."""
        found = (self.sockets / "calls").read_text().splitlines()
        (self.sockets / "calls").write_text("")
        return found

    def log(self) -> str:
        return "".join(path.read_text()[-3_000:] for path in self.sockets.glob("*.log"))


class Talker(threading.Thread):
    """Posts by HTTP all the time, each row until it is acknowledged, as a page's outbox does."""

    def __init__(self, url: str) -> None:
        super().__init__(daemon=True)
        self.script = Script(url, f"p{uuid4().hex[:8]}")
        self.room = self.script.call("POST", "/api/rooms", {"name": "Tea"})["id"]
        self.acknowledged: list[str] = []
        self.failures = 0
        # By a site that is read-only: a page's outbox sends it again.
        self.refused = 0
        self.enough = threading.Event()

    def run(self) -> None:
        while not self.enough.is_set():
            body = {"client_id": uuid4().hex, "body": "Hello"}
            while not self.enough.is_set():
                try:
                    self.script.call("POST", f"/api/rooms/{self.room}/messages", body)
                except OSError as error:
                    if isinstance(error, HTTPError) and b'"read_only"' in error.read():
                        self.refused += 1
                    else:
                        self.failures += 1
                    time.sleep(0.3)
                else:
                    self.acknowledged.append(body["client_id"])
                    break
            time.sleep(0.2)

    def stored(self) -> list[str]:
        self.enough.set()
        self.join()
        found: list[str] = []
        before = ""
        while True:
            page = self.script.call("GET", f"/api/rooms/{self.room}/messages?limit=100{before}")
            rows = page["messages"]
            found += [row["client_id"] for row in rows if row["kind"] == "text"]
            if not rows or rows[0]["seq"] == 1:
                return found
            before = f"&before={rows[0]['seq']}"


@pytest.fixture
def server() -> Iterator[Server]:
    with ExitStack() as stack:
        postgres = stack.enter_context(servers.postgres())
        redis = stack.enter_context(servers.redis())
        folder = stack.enter_context(servers.temporary_folder("upgrade"))
        proxy = Nginx(servers.need("nginx"), folder, [1, 2])
        config = folder / "nginx.conf"
        sockets = " ".join(f"server unix:{folder}/run/{number}.sock max_fails=0;" for number in (1, 2))
        text, replaced = re.subn(r"(?:server 127\.0\.0\.1:\d [^;]*; ?){2}", sockets, config.read_text())
        assert replaced == 1
        config.write_text(text.replace("user www-data;", "user root;"))
        settings = {"DATABASE_URL": postgres.url, "REDIS_URL": redis.url, "SECRET_KEY": "of the server " * 5}
        # To the site it is one that this machine alone reaches.
        made = Server(folder, proxy.url, settings | {"SITE_URL": proxy.url, "ALLOWED_HOSTS": servers.HOST})
        for command in (("migrate", "-v0"), ("createcachetable",), ("collectstatic", "--noinput", "-v0")):
            done = made.run(*command)
            assert done.returncode == 0, done.stdout + done.stderr
        stack.callback(made.systemctl, "stop", "chatsite@1", "chatsite@2")
        made.systemctl("start", "chatsite@1", "chatsite@2")
        for number in (1, 2):
            environment = pytest.MonkeyPatch()
            environment.setenv("SITE_URL", proxy.url)
            assert ready.main(["--wait", "60", str(made.sockets / f"{number}.sock")]) == 0, made.log()
            environment.undo()
        proxy.start()
        stack.callback(proxy.stop)
        yield made


def try_one_that_does_not_start(server: Server) -> None:
    """It passes its checks."""
    broken = server.version("broken")
    (broken / "chatsite" / "asgi.py").write_text("raise SystemExit('This is broken.')\n")
    done = server.run("upgrade", str(broken), "--read-only", patience=SHORT_PATIENCE)
    assert READ_AND_WRITE in server.run("readonly").stdout
    assert (done.returncode, "chatsite@1 is not ready, and the others were left alone" in done.stderr) == (1, True)
    assert "Back on the version before: chatsite@1." in done.stderr
    assert server.calls() == ["restart chatsite@1", "restart chatsite@1"]
    assert [name.partition("-")[0] for name in server.serving()] == ["second", "second"]
    assert server.home.resolve().name.startswith("second-")


def test_an_upgrade_and_its_rollback_lose_nothing_and_a_version_that_does_not_start_takes_nobody_down(
    server: Server,
) -> None:
    talker = Talker(server.url)
    talker.start()
    server.calls()

    # A migration that both versions can live with and nobody writes beside, and a unit that is another now.
    second = server.version("second")
    (second / "chatsite" / "migrations" / "0004_more.py").write_text(QUIET_MIGRATION)
    units = server.folder / "etc" / "systemd" / "system"
    units.mkdir(parents=True)
    shutil.copy(servers.PROJECT / "deploy" / "systemd" / "chatsite@.service", units)
    shutil.copy(servers.PROJECT / "deploy" / "systemd" / "chatsite-sweep.service", units)
    (units / "chatsite-sweep.service").write_text("# of the operator\n")
    for name in ("chatsite@.service", "chatsite-sweep.service"):
        with (second / "deploy" / "systemd" / name).open("a") as unit:
            unit.write("# new\n")
    done = server.run("upgrade", str(second), "--replace", "--read-only")
    assert done.returncode == 0, done.stdout + done.stderr
    assert READ_AND_WRITE in server.run("readonly").stdout
    assert talker.refused > 0
    assert [name.partition("-")[0] for name in server.serving()] == ["second", "second"]
    assert server.calls() == ["daemon-reload", "restart chatsite@1", "restart chatsite@2"]
    assert len(list((server.folder / "backups").glob("*.backup"))) == 1
    assert (units / "chatsite@.service").read_text().endswith("# new\n")
    assert (units / "chatsite-sweep.service").read_text() == "# of the operator\n"
    assert "you changed it; merge by hand" in done.stdout

    try_one_that_does_not_start(server)

    # One whose tables the version that serves cannot run on.
    third = server.version("third")
    for name, beside, after in (("0004_more", True, "0003_read_only"), ("0005_less", False, "0004_more")):
        text = MIGRATION.format(beside=beside).replace("0003_read_only", after)
        (third / "chatsite" / "migrations" / f"{name}.py").write_text(text)
    done = server.run("upgrade", str(third))
    assert (done.returncode, "chatsite.0005_less. Nothing was changed. Give --stop" in done.stderr) == (1, True)
    assert server.calls() == []

    done = server.run("rollback")
    assert done.returncode == 0, done.stdout + done.stderr
    assert server.serving() == ["first", "first"]
    assert server.calls() == ["restart chatsite@1", "restart chatsite@2"]
    assert "no version to go back to" in server.run("rollback").stderr

    assert set(talker.acknowledged) <= set(talker.stored())
    assert len(talker.acknowledged) > 20
    # nginx asks the other one, so whoever talks notices nothing at all.
    assert talker.failures == 0
    assert "Traceback" not in server.log()

    done = server.run("upgrade", str(third), "--stop")
    assert done.returncode == 0, done.stdout + done.stderr
    assert server.calls() == ["stop chatsite@1 chatsite@2", "start chatsite@1 chatsite@2"]
    assert [name.partition("-")[0] for name in server.serving()] == ["third", "third"]
    done = server.run("rollback")
    assert (done.returncode, "restore the backup" in done.stderr) == (1, True)


def test_a_restart_stops_at_the_first_that_does_not_come_back(server: Server) -> None:
    talker = Talker(server.url)
    server.calls()
    done = server.run("restart")
    assert done.returncode == 0, done.stdout + done.stderr
    assert server.calls() == ["restart chatsite@1", "restart chatsite@2"]
    # As when the new code, or a setting, is broken.
    (server.home / "chatsite" / "asgi.py").write_text("raise SystemExit('This is broken.')\n")
    done = server.run("restart", patience=SHORT_PATIENCE)
    assert (done.returncode, "chatsite@1 is not ready" in done.stderr) == (1, True)
    assert server.calls() == ["restart chatsite@1"]
    assert talker.script.call("GET", "/api/me")["username"] == talker.script.username
    # And with one away, none is touched.
    done = server.run("restart")
    assert (done.returncode, server.calls()) == (1, [])


def test_a_folder_that_is_no_link_is_told_how_to_become_one(tmp_path: Path) -> None:
    env = {**os.environ, "CHATSITE_HOME": str(tmp_path), "CHATSITE_SYSTEMCTL": "true"}
    done = subprocess.run(
        [servers.PROJECT / "bin" / "chatsite", "restart"], env=env, capture_output=True, text=True, check=False
    )
    assert (done.returncode, f"ln -s {tmp_path}-versions/first {tmp_path}" in done.stderr) == (1, True)
    assert not tmp_path.with_name(f"{tmp_path.name}-versions").exists()


def test_the_unit_fails_where_the_process_does_not_become_ready() -> None:
    unit = (servers.PROJECT / "deploy" / "systemd" / "chatsite@.service").read_text()
    assert "\nExecStartPost=/opt/chatsite/.venv/bin/python -m chatsite.ready --wait 30" in unit


def test_the_documents_have_no_loop_that_goes_on() -> None:
    documents = (servers.PROJECT / "docs" / "deploy.md").read_text()
    assert "do systemctl restart" not in documents
    assert "--wait web$n || break;" in documents
    assert "bin/chatsite upgrade" in documents
