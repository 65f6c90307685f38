"""While no process answers, or nobody is to be let in, visitors are shown a calm page that comes back by itself."""

import hashlib
import json
import re
import urllib.error
import urllib.request
from base64 import b64encode
from collections.abc import Iterator
from email.message import Message

import pytest

from tests import servers
from tests.cluster import DEPLOYED, Nginx

pytestmark = pytest.mark.security


@pytest.fixture
def nginx(site: servers.Site) -> Iterator[Nginx]:
    program = servers.need("nginx")
    with servers.temporary_folder("front") as folder:
        # Its workers are nobody in particular, who can read what is in /etc/nginx.
        folder.chmod(0o755)
        front = Nginx(program, folder, [site.port, servers.free_port()])
        front.start()
        yield front
        front.stop()


def ask(url: str, data: bytes | None = None) -> tuple[int, Message, str]:
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data)) as response:
            return response.status, response.headers, response.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode()


def is_calm(answer: tuple[int, Message, str]) -> bool:
    status, headers, body = answer
    return (
        (status, headers["Retry-After"], headers["Cache-Control"]) == (503, "5", "no-store")
        and '<meta http-equiv="refresh" content="5">' in body
        and "nginx" not in body
    )


@pytest.mark.parametrize("path", ["/", "/rooms/", "/accounts/login/"])
def test_without_any_process_there_is_a_page_that_tries_again(nginx: Nginx, site: servers.Site, path: str) -> None:
    site.stop()
    assert is_calm(ask(nginx.url + path))
    # Whoever sends a form is answered, too.
    assert is_calm(ask(nginx.url + path, b"a=b"))
    assert ask(f"{nginx.url}/chatsite-down.html")[0] in (404, 503)
    site.start()
    servers.wait_until(lambda: ask(f"{nginx.url}/accounts/login/")[0] == 200, servers.START_SECONDS)


@pytest.mark.parametrize("path", ["/api/rooms", "/api/rooms/1/files/2"])
def test_the_api_says_so_in_its_own_words(nginx: Nginx, site: servers.Site, path: str) -> None:
    site.stop()
    status, headers, body = ask(nginx.url + path)
    assert (status, headers.get_content_type(), headers["Retry-After"]) == (503, "application/json", "5")
    assert json.loads(body)["code"] == "try_again"


def test_a_switch_keeps_everybody_out_and_lets_them_back_in(nginx: Nginx) -> None:
    assert ask(f"{nginx.url}/accounts/login/")[0] == 200
    nginx.maintenance.touch()
    assert is_calm(ask(f"{nginx.url}/accounts/login/"))
    assert is_calm(ask(f"{nginx.url}/ws/"))
    assert json.loads(ask(f"{nginx.url}/api/rooms")[2])["code"] == "try_again"
    assert json.loads(ask(f"{nginx.url}/api/rooms/1/files/2", b"x")[2])["code"] == "try_again"
    nginx.maintenance.unlink()
    assert ask(f"{nginx.url}/accounts/login/")[0] == 200


def test_the_site_s_own_no_is_passed_on(nginx: Nginx, site: servers.Site) -> None:
    # It is at work, but says that it must not be sent visitors.
    site.stop()
    (site.data / "chat.db").unlink()
    site.start()
    for _ in range(5):
        status, headers, body = ask(f"{nginx.url}/readyz")
        assert (status, headers.get_content_type()) == (503, "application/json")
        assert "migrations have not been applied" in body


def test_the_page_looks_as_the_site_does_and_asks_nobody_for_it() -> None:
    page = (DEPLOYED / "down.html").read_text()
    [style] = re.findall("<style>(.*?)</style>", page, re.DOTALL)
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    assert f"style-src 'sha256-{digest}'" in (DEPLOYED / "locations.conf").read_text()
    assert not re.findall(r"src=|href=|url\(|@import", page)
    css = servers.PROJECT / "static" / "css"
    light, dark = ((css / name).read_text() for name in ("tokens.css", "dark.css"))
    in_light, in_dark = re.findall(r":root \{(.*?)\}", style)
    for ours, theirs in ((in_light, light), (in_dark, dark)):
        for colour in re.findall(r"--[\w-]+: #\w+;", ours):
            assert colour in theirs
