"""What other users of the machine can read of a site that was started by hand, under the usual umask."""

import os
import stat
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from pytest_django import Settings

from chatsite.files.object_store import Folder
from chatsite.ops import file_modes
from chatsite.ops.doctor import configuration
from tests import servers
from tests.scripts import Script

pytestmark = pytest.mark.security

# As nearly every machine has it.
USUAL = 0o022


@pytest.fixture(autouse=True)
def usual_umask() -> Iterator[None]:
    """The one under which everything that a test starts begins."""
    before = os.umask(USUAL)
    yield
    os.umask(before)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    """A folder that everybody can come into."""
    folder = tmp_path / "data"
    folder.mkdir(mode=0o755)
    return folder


def mode(path: Path) -> str:
    return f"{stat.S_IMODE(path.stat().st_mode):03o}"


def modes(folder: Path) -> dict[str, str]:
    """The modes of what is in a folder, but for static files."""
    return {path.name: mode(path) for path in folder.iterdir() if path.name != "static"}


def talk(url: str) -> None:
    """Have the database write, so that its log and its index are there."""
    Script(url, "alice").call("POST", "/api/rooms", {"name": "Tea"})


def test_a_site_started_by_hand_shows_nobody_its_data(tmp_path: Path) -> None:
    data, port = tmp_path / "new", servers.free_port()
    env = servers.environment(data, PORT=str(port))
    site = servers.Server([sys.executable, "-m", "chatsite.embedded"], port=port, folder=tmp_path, env=env)
    try:
        site.start()
        talk(f"http://{servers.HOST}:{port}")
        assert mode(data) == "700"
        found = modes(data)
        assert {"chat.db", "chat.db-wal", "chat.db-shm", "secret_key"} <= found.keys()
        assert {name: found[name] for name in found if found[name] != "600"} == {}
        # Unlike static files, which are for everybody.
        static = data / "static"
        assert {mode(path) for path in (static, *static.rglob("*")) if path.is_dir()} == {"755"}
        assert {mode(path) for path in static.rglob("*") if path.is_file()} == {"644"}
    finally:
        site.stop()


def test_a_site_that_was_open_is_closed_at_its_next_start(data: Path) -> None:
    with servers.site(data) as site:
        talk(site.url)
        site.stop()
        backup = data / "backup.files" / "ab"
        backup.mkdir(parents=True)
        for name in ("backup", "backup.files/ab/file", "chat.db-journal"):
            (data / name).touch()
        stored = data / "files" / "ab"
        stored.mkdir(parents=True)
        (stored / "file").touch()
        data.chmod(0o755)
        for path in data.rglob("*"):
            path.chmod(0o755 if path.is_dir() else 0o644)
        site.start()
        assert (mode(data), mode(backup), mode(backup / "file")) == ("700", "700", "600")
        assert set(modes(data).values()) == {"600", "700", "750"}
        # nginx reads them by its group.
        assert (mode(data / "files"), mode(stored), mode(stored / "file")) == ("750", "750", "640")
        assert mode(data / "static" / "staticfiles.json") == "644"


def test_a_folder_that_is_nginx_s_group_s_stays_so(data: Path) -> None:
    # As systemd makes it for the documented units (StateDirectoryMode=0750).
    data.chmod(0o750)
    with servers.site(data):
        assert mode(data) == "750"


@pytest.mark.parametrize("umask", [USUAL, 0o007, 0o077])
def test_what_people_send_is_nginx_s_group_s_to_read_under_any_umask(data: Path, umask: int) -> None:
    code = (
        "import django; django.setup()\n"
        "from django.core.files.base import ContentFile; from django.core.files.storage import default_storage\n"
        "default_storage.save('sent/ab/file', ContentFile(b'words'))"
    )
    env = servers.environment(data, DJANGO_SETTINGS_MODULE="chatsite.settings")
    subprocess.run([sys.executable, "-c", code], cwd=servers.PROJECT, env=env, check=True, umask=umask)
    files = data / "files"
    assert [mode(path) for path in (files, files / "sent", files / "sent" / "ab")] == ["750"] * 3
    assert mode(files / "sent" / "ab" / "file") == "640"


def test_what_is_put_back_belongs_to_the_owner_and_the_group_of_the_data_folder(tmp_path: Path) -> None:
    """A restore as root, or as a user whose own group is another one: nginx reads the files by the folder's group."""
    if os.geteuid() == 0:
        owner = (12_345, 12_346)
    else:
        owner = (os.geteuid(), next((group for group in os.getgroups() if group != os.getegid()), os.getegid()))
    os.chown(tmp_path, *owner)
    Folder(tmp_path / "files", file_permissions_mode=0o640).save("sent/ab/file", ContentFile(b"words"))
    made = list(tmp_path.rglob("*"))
    assert len(made) == 4
    assert {(path.stat().st_uid, path.stat().st_gid) for path in made} == {owner}


def test_backups_and_exports_are_their_owner_s_alone(tmp_path: Path) -> None:
    with servers.site() as site:
        alice = Script(site.url, "alice")
        room = alice.call("POST", "/api/rooms", {"name": "Tea"})["id"]
        files = tmp_path / "copy.files"
        files.mkdir(mode=0o755)
        (tmp_path / "old.jsonl").touch()
        site.manage("backup", str(tmp_path / "copy"))
        site.manage("export_room", room, "--output", str(tmp_path / "new.jsonl"))
        site.manage("export_room", room, "--output", str(tmp_path / "old.jsonl"))
        site.manage("export_room", room, "--files", "--output", str(tmp_path / "room.zip"))
    found = {path.name: mode(path) for path in tmp_path.iterdir()}
    assert found.pop("copy.files") == "700"
    assert found == dict.fromkeys(("copy", "new.jsonl", "old.jsonl", "room.zip"), "600")


def test_a_dump_of_postgresql_is_its_owner_s_alone(tmp_path: Path) -> None:
    with servers.postgres() as postgres:
        env = servers.environment(tmp_path, DATABASE_URL=postgres.url)
        who = ["--noinput", "--username", "dana", "--email", "dana@example.org"]
        servers.manage("createsuperuser", *who, env={**env, "DJANGO_SUPERUSER_PASSWORD": "correct horse battery"})
        servers.manage("backup", str(tmp_path / "copy"), "--no-files", env=env)
    assert mode(tmp_path / "copy") == "600"


def test_the_doctor_says_what_others_can_read(settings: Settings, data: Path) -> None:
    settings.DATA, settings.STATIC_ROOT, settings.FILES_STORAGE = data, data / "static", str(data / "files")
    (data / "static").mkdir()
    (data / "backup").touch()
    [finding] = configuration.secrets_are_kept()
    assert finding.is_serious()
    assert f"can come at {data} and 1 more" in finding.msg
    file_modes.close_to_others()
    assert list(configuration.secrets_are_kept()) == []
    assert (mode(data / "static"), mode(data / "backup")) == ("755", "600")
