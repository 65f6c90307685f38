"""nginx with the site's own configuration: which hosts it answers for, and where it sends people."""

import re
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests import servers
from tests.chatsite.deployed import CERTIFICATE, DEPLOY

pytestmark = pytest.mark.security

HOST = "chat.example.org"


class Front(servers.Server):
    """deploy/nginx/chatsite.conf on free ports, before no process at all: what it takes is answered by an error."""

    def __init__(self, program: Path, folder: Path) -> None:
        self.tls_port = servers.free_port()
        port = servers.free_port()
        subprocess.run(
            [*CERTIFICATE, "-subj", f"/CN={HOST}", "-keyout", "privkey.pem", "-out", "fullchain.pem"],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
        # Not every machine has IPv6.
        site = re.sub(r".*\[::\].*\n", "", (DEPLOY / "nginx" / "chatsite.conf").read_text())
        for ours, here in {
            "/etc/letsencrypt/live/chat.example.org": str(folder),
            "/etc/nginx/chatsite-locations.conf": str(DEPLOY / "nginx" / "locations.conf"),
            "listen 80": f"listen {servers.HOST}:{port}",
            "listen 443": f"listen {servers.HOST}:{self.tls_port}",
            "/run/chatsite/": f"{folder}/",
        }.items():
            assert ours in site
            site = site.replace(ours, here)
        folders = "".join(
            f"{name}_temp_path {folder}/{name}; " for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        config = folder / "nginx.conf"
        config.write_text(
            f"daemon off; pid {folder}/pid; error_log stderr; events {{}} http {{ access_log off; {folders}\n{site} }}"
        )
        super().__init__([program, "-e", "stderr", "-c", config], port=port, folder=folder)

    def ask(self, host: str, target: str = "/rooms/?q=1", *, name: str | None = None) -> tuple[str, str]:
        """Return the status line and the Location of the answer; ``name`` is the host of a TLS handshake."""
        with socket.create_connection((servers.HOST, self.tls_port if name else self.port), 10) as plain:
            line = encrypted(plain, name) if name else plain
            with line:
                line.sendall(f"GET {target} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n".encode())
                said = b"".join(iter(lambda: line.recv(65_536), b"")).decode()
        location = [row.partition(": ")[2] for row in said.splitlines() if row.lower().startswith("location:")]
        return said.partition("\r\n")[0], "".join(location)


def encrypted(plain: socket.socket, name: str) -> ssl.SSLSocket:
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    return context.wrap_socket(plain, server_hostname=name)


@pytest.fixture(scope="module")
def front(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Front]:
    server = Front(servers.need("nginx"), tmp_path_factory.mktemp("front"))
    server.start()
    yield server
    server.stop()


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1", "", "chat.example.org.evil.example"])
def test_a_foreign_host_is_sent_nowhere(front: Front, host: str) -> None:
    status, location = front.ask(host)
    assert location == ""
    # Without any Host, HTTP/1.1 itself refuses.
    assert status == ("" if host else "HTTP/1.1 400 Bad Request")


def test_a_request_that_names_a_host_in_its_first_line_is_none_of_ours_either(front: Front) -> None:
    assert front.ask(HOST, "http://evil.example/rooms/") == ("", "")


@pytest.mark.parametrize("host", [HOST, "CHAT.example.org:80"])
def test_the_site_s_own_host_is_sent_to_its_one_encrypted_address(front: Front, host: str) -> None:
    assert front.ask(host) == ("HTTP/1.1 301 Moved Permanently", f"https://{HOST}/rooms/?q=1")


def test_no_certificate_is_shown_to_who_asks_for_another_host(front: Front) -> None:
    with pytest.raises(ssl.SSLError, match="UNRECOGNIZED_NAME"):
        front.ask("evil.example", name="evil.example")


def test_over_the_site_s_own_certificate_no_foreign_host_is_answered(front: Front) -> None:
    # No process is there, and no page that says so.
    assert front.ask(HOST, name=HOST)[0] in ("HTTP/1.1 502 Bad Gateway", "HTTP/1.1 404 Not Found")
    assert front.ask("evil.example", name=HOST)[0] in ("", "HTTP/1.1 421 Misdirected Request")
