"""Files that root put back from a backup are sent by nginx as before, and the doctor sees when some are not."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.core import signing
from django.test import Client

from chatsite.ops import front
from tests import servers
from tests.cluster import WORKER, Nginx
from tests.storage import Person, person

pytestmark = pytest.mark.security


@pytest.fixture
def nginx() -> Iterator[tuple[servers.Site, Nginx]]:
    """A site whose folder is, as on a server, its user's and of nginx's group, and nginx before it."""
    program = servers.need("nginx")
    with servers.site(env={"FILES_ACCEL": "/protected/"}) as site:
        if os.geteuid() == 0:
            shutil.chown(site.data, "nobody", WORKER)
        site.data.chmod(0o750)
        with servers.temporary_folder("front") as folder:
            # Its workers are nobody in particular, who can read what is in /etc/nginx.
            folder.chmod(0o755)
            proxy = Nginx(program, folder, [site.port], files=site.data / "files")
            proxy.start()
            yield site, proxy
            proxy.stop()


def consult(site: servers.Site, url: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "doctor", "--no-color"]
    env = {**site.env, "SITE_URL": url}
    return subprocess.run(command, cwd=servers.PROJECT, env=env, capture_output=True, text=True, check=False)


def test_nginx_sends_what_root_restored(nginx: tuple[servers.Site, Nginx], tmp_path: Path) -> None:
    site, proxy = nginx
    alice, data = person(site), b"tea " * 5_000
    file = alice.send(data)
    site.manage("backup", str(tmp_path / "copy"))
    shutil.rmtree(site.data / "files")
    through = Person(proxy.url, "alice", alice.token)
    assert through.ask("GET", file["url"])[0] == 404
    site.manage("restore", str(tmp_path / "copy"), "--yes")
    assert through.ask("GET", file["url"])[::2] == (200, data)
    owner = site.data.stat()
    for path in (site.data / "files", *(site.data / "files").rglob("*")):
        assert (path.stat().st_uid, path.stat().st_gid) == (owner.st_uid, owner.st_gid), path


def test_the_doctor_fetches_a_file_through_the_front(nginx: tuple[servers.Site, Nginx]) -> None:
    site, proxy = nginx
    assert f"ok  {proxy.url} answers." in consult(site, proxy.url).stdout
    person(site).send(b"tea " * 5_000)
    done = consult(site, proxy.url)
    assert (done.returncode, f"ok  {proxy.url} answers and sends files." in done.stdout) == (0, True), done.stdout
    [path] = [path for path in (site.data / "files" / "files").rglob("*") if path.is_file()]
    # As a copy by hand may leave it, also where nobody is root.
    path.chmod(0)
    done = consult(site, proxy.url)
    assert (done.returncode, f"BROKEN  {proxy.url} answers 403" in done.stdout) == (1, True)
    site.stop()
    # Its page that says so, where its workers can read it.
    assert f"BROKEN  {proxy.url}/healthz answers 503" in consult(site, proxy.url).stdout
    proxy.stop()
    assert f"look  Nothing was heard from {proxy.url}" in consult(site, proxy.url).stdout


@pytest.mark.django_db
def test_nobody_but_the_site_itself_makes_the_token_of_the_doctor() -> None:
    for token in ("", "files/ab/abc", signing.dumps("files/ab/abc"), signing.dumps("a", key="other", salt=front.SALT)):
        assert Client(headers={front.HEADER: token}).get(front.PATH).status_code == 404
    # Its own, for what is not there.
    token = signing.dumps("files/ab/abc", salt=front.SALT)
    assert Client(headers={front.HEADER: token}).get(front.PATH).status_code == 404
