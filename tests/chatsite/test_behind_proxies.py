"""Whose address counts behind a proxy of one's own, and that a /64 of IPv6 is one address."""

import http.server
import json
import re
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from allauth.core.internal import ratelimit
from django.test import RequestFactory
from pytest_django import Settings

from accounts import limits
from tests import servers
from tests.chatsite.deployed import DEPLOY, Echo
from tests.cluster import Nginx

pytestmark = pytest.mark.security


class SlowEcho(Echo):
    """Answers ``/slow`` only once it may."""

    came, go = threading.Event(), threading.Event()

    def do_GET(self) -> None:  # noqa: N802 (http.server calls it so)
        if self.path == "/slow":
            self.came.set()
            self.go.wait(30)
        super().do_GET()


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    """As it is deployed behind a proxy, which is this machine, and with room for one connection an address."""
    program = servers.need("nginx")
    with http.server.ThreadingHTTPServer((servers.HOST, 0), SlowEcho) as upstream:
        threading.Thread(target=upstream.serve_forever, daemon=True).start()
        front = Nginx(program, tmp_path, [upstream.server_address[1]])
        behind = (DEPLOY / "nginx/behind-proxy.conf").read_text().replace("192.0.2.0/24", "127.0.0.0/8")
        site = (DEPLOY / "nginx/chatsite.conf").read_text()
        counts = re.search(r"^map \$binary_remote_addr.*?^limit_conn_zone [^;]*;", site, re.MULTILINE | re.DOTALL)
        assert counts
        config = tmp_path / "nginx.conf"
        text = config.read_text().replace("access_log off;", f"access_log off;\n{behind}\n{counts[0]}")
        config.write_text(text.replace("include", "limit_conn chatsite_addresses 1;\nlimit_conn_status 429;\ninclude"))
        front.start()
        yield front
        front.stop()
        upstream.shutdown()


def ask(nginx: Nginx, said: str, path: str = "/") -> str:
    """Return whom the site takes for the visitor, or the status of a refusal."""
    request = urllib.request.Request(nginx.url + path, headers={"X-Forwarded-For": said})
    try:
        with urllib.request.urlopen(request, timeout=40) as response:
            return str(json.loads(response.read())["x-forwarded-for"])
    except urllib.error.HTTPError as error:
        return str(error.code)


@pytest.mark.parametrize(
    ("said", "seen"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8::7", "2001:db8::7"),
        # The first was written by the visitor; the last is another of the proxies.
        ("6.6.6.6, 203.0.113.9, 127.0.0.2", "203.0.113.9"),
        ("nonsense", "127.0.0.1"),
    ],
)
def test_the_visitor_is_who_the_proxy_saw_and_not_who_they_say(nginx: Nginx, said: str, seen: str) -> None:
    assert ask(nginx, said) == seen


def test_nginx_counts_a_network_of_ipv6_as_one_address(nginx: Nginx) -> None:
    SlowEcho.came.clear()
    SlowEcho.go.clear()
    with ThreadPoolExecutor(1) as pool:
        slow = pool.submit(ask, nginx, "2001:db8:0:1::1", "/slow")
        try:
            assert SlowEcho.came.wait(30)
            assert ask(nginx, "2001:db8:0:1:ffff::2") == "429"
            assert ask(nginx, "2001:db8:0:2::1") == "2001:db8:0:2::1"
            assert ask(nginx, "203.0.113.9") == "203.0.113.9"
        finally:
            SlowEcho.go.set()
        assert slow.result() == "2001:db8:0:1::1"


@pytest.mark.django_db
def test_the_site_counts_a_network_of_ipv6_as_one_address(settings: Settings) -> None:
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1

    def may(address: str) -> bool:
        return bool(limits.consume(RequestFactory(headers={"X-Forwarded-For": address}).get("/"), {"x": "1/m/ip"}))

    assert may("2001:db8:0:1::1")
    assert not may("2001:db8:0:1:ffff::2")
    assert may("2001:db8:0:2::1")
    assert ratelimit.truncate_ip("203.0.113.9") == "203.0.113.9"
