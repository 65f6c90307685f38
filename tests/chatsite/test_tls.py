"""Certificates from a real ACME server: nginx with certbot, which renews its own, and Caddy; and the site over both."""

import asyncio
import http.client
import json
import os
import socket
import ssl
import subprocess
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests import servers
from tests.chatsite.deployed import CERTIFICATE, DEPLOY
from tests.storage import Person

HOST = "chat.example.org"


class Program(servers.Server):
    """A program of these tests."""

    def __init__(self, *command: str | Path, port: int, folder: Path, **env: str) -> None:
        super().__init__(command, port=port, folder=folder, env={**os.environ, **env})


class Authority:
    """Pebble, Let's Encrypt's own small ACME server: it looks for every name on this machine, at these two ports."""

    def __init__(self, folder: Path, http_port: int, https_port: int) -> None:
        folder.mkdir()
        self.folder = folder
        self.port, self.management, self.dns = (servers.free_port() for _ in range(3))
        self.certificate = folder / "certificate.pem"
        names = ["-addext", f"subjectAltName=IP:{servers.HOST}", "-subj", "/CN=pebble"]
        subprocess.run(
            [*CERTIFICATE, *names, "-keyout", folder / "key.pem", "-out", self.certificate],
            check=True, capture_output=True,
        )  # fmt: skip
        config = {
            "listenAddress": f"{servers.HOST}:{self.port}",
            "managementListenAddress": f"{servers.HOST}:{self.management}",
            "certificate": str(self.certificate),
            "privateKey": str(folder / "key.pem"),
            "httpPort": http_port,
            "tlsPort": https_port,
            "ocspResponderURL": "",
        }
        (folder / "config.json").write_text(json.dumps({"pebble": config}))
        self.directory = f"https://{servers.HOST}:{self.port}/dir"
        management = servers.free_port()
        names_server = servers.need("pebble").with_name("pebble-challtestsrv")
        self.names = Program(
            names_server, "-dns01", f"{servers.HOST}:{self.dns}", "-defaultIPv4", servers.HOST, "-defaultIPv6", "",
            "-http01", "", "-https01", "", "-tlsalpn01", "", "-management", f"{servers.HOST}:{management}",
            port=management, folder=folder,
        )  # fmt: skip
        self.server = Program(
            servers.need("pebble"), "-config", folder / "config.json", "-dnsserver", f"{servers.HOST}:{self.dns}",
            port=self.port, folder=folder, PEBBLE_VA_NOSLEEP="1", PEBBLE_WFE_NONCEREJECT="0",
        )  # fmt: skip

    def start(self) -> None:
        self.names.start()
        self.server.start()

    def stop(self) -> None:
        self.server.stop()
        self.names.stop()

    def root(self) -> Path:
        """Return the certificate that all of its own hang on, which it makes anew at each start."""
        trust = ssl.create_default_context(cafile=str(self.certificate))
        with urllib.request.urlopen(f"https://{servers.HOST}:{self.management}/roots/0", context=trust) as answer:
            (self.folder / "root.pem").write_bytes(answer.read())
        return self.folder / "root.pem"


class Stage:
    """Ports that a front listens on, the authority that looks there, and two processes of a public site."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.folder, self.monkeypatch = folder, monkeypatch
        self.http, self.https = servers.free_port(), servers.free_port()
        self.url = f"https://{HOST}:{self.https}"
        self.authority = Authority(folder / "authority", self.http, self.https)
        self.sites: list[servers.Site] = []

    def trust(self) -> None:
        """Have this process find the name on this machine, and believe what the authority signed."""
        self.monkeypatch.setenv("SSL_CERT_FILE", str(self.authority.root()))
        find: Callable[..., Any] = socket.getaddrinfo

        def here(host: Any, *args: Any, **options: Any) -> Any:
            return find(servers.HOST if host == HOST else host, *args, **options)

        self.monkeypatch.setattr(socket, "getaddrinfo", here)

    def serial(self) -> str:
        """Return the number of the certificate that the front shows."""
        with (
            socket.create_connection((servers.HOST, self.https)) as line,
            ssl.create_default_context().wrap_socket(line, server_hostname=HOST) as secure,
        ):
            shown = secure.getpeercert()
            assert shown
            return str(shown["serialNumber"])


@pytest.fixture
def stage(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stage]:
    servers.need("pebble")
    made = Stage(tmp_path, monkeypatch)
    env = {"SITE_URL": made.url, "SECRET_KEY": "of the stage " * 5}
    with servers.temporary_folder("site") as data, servers.site(data, env) as one, servers.site(data, env) as two:
        made.sites = [one, two]
        made.authority.start()
        yield made
        made.authority.stop()


def look_through(stage: Stage) -> None:
    """A page, a room's socket, and an upload, as somebody who believes nothing unsigned."""
    alice = Person(stage.url, "alice")
    with urllib.request.urlopen(f"{stage.url}/accounts/login/") as page:
        assert page.status == 200
        assert "max-age" in page.headers["Strict-Transport-Security"]
    alice.open_room()
    assert asyncio.run(say_hello(alice)) == ["Hello"]
    data = os.urandom(3_000_000)
    file = alice.send(data)
    status, headers, content = alice.ask("GET", file["url"])
    assert (status, content, headers["X-Content-Type-Options"]) == (200, data, "nosniff")
    # No more than one chunk of an upload; a front may hang up on who goes on sending.
    try:
        assert alice.ask("POST", "/api/rooms", bytes(6_000_000))[0] == 413
    except OSError:
        assert alice.ask("GET", "/api/me")[0] == 200
    # The sessions page shows the address that the front saw, whatever a visitor says, by which the limits count.
    said = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "http"}
    assert alice.ask("GET", "/api/me", **said)[0] == 200
    shown = stage.sites[0].manage(
        "shell", "--no-imports", "-c",
        "from allauth.usersessions.models import UserSession as S; print(*S.objects.values_list('ip', flat=True))",
    )  # fmt: skip
    assert set(shown.split()) == {servers.HOST}


async def say_hello(somebody: Person) -> list[str]:
    async with somebody.line(somebody.room, after=0) as line:
        await line.say("Hello")
        return await line.until_words(1)


def unencrypted(stage: Stage, path: str) -> tuple[int, str]:
    line = http.client.HTTPConnection(servers.HOST, stage.http, timeout=30)
    try:
        line.request("GET", path, headers={"Host": HOST})
        answer = line.getresponse()
        return answer.status, answer.headers.get("Location", "")
    finally:
        line.close()


# --- nginx and certbot -----------------------------------------------------------------------------------------------


class Front(Program):
    """nginx with deploy/nginx as it is, but for paths, ports and upstreams."""

    def __init__(self, stage: Stage) -> None:
        folder = stage.folder
        self.live = folder / "letsencrypt" / "live" / HOST
        locations = DEPLOY / "nginx" / "locations.conf"
        site = (DEPLOY / "nginx" / "chatsite.conf").read_text()
        changes = {
            "/etc/letsencrypt": str(folder / "letsencrypt"),
            "/etc/nginx/chatsite-locations.conf": str(locations),
            "/var/www/html": str(folder / "webroot"),
            "listen 80;": f"listen {servers.HOST}:{stage.http};",
            "listen 443 ssl": f"listen {servers.HOST}:{stage.https} ssl",
            "listen [::]:80;": "",
            "listen [::]:443 ssl http2;": "",
        }
        for number, process in enumerate(stage.sites, 1):
            changes[f"unix:/run/chatsite/{number}.sock"] = f"{servers.HOST}:{process.port}"
        for old, new in changes.items():
            assert old in site, old
            site = site.replace(old, new)
        temporary = "".join(
            f"{kind}_temp_path {folder}/{kind};"
            for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )  # fmt: skip
        (folder / "site.conf").write_text(site)
        (folder / "nginx.conf").write_text(
            f"daemon off; {'user root;' if os.geteuid() == 0 else ''} pid {folder}/nginx.pid; error_log stderr;"
            f"events {{}} http {{ access_log off; {temporary} include {folder}/site.conf; }}"
        )
        command = [servers.need("nginx"), "-e", "stderr", "-c", folder / "nginx.conf"]
        super().__init__(*command, port=stage.http, folder=folder)


def certbot(stage: Stage, *arguments: str, **env: str) -> None:
    folders = [f"--{kind}-dir={stage.folder}/{place}" for kind, place in FOLDERS.items()]
    done = subprocess.run(
        [servers.need("certbot"), *arguments, "-n", "--no-random-sleep-on-renew", *folders],
        env={**os.environ, "REQUESTS_CA_BUNDLE": str(stage.authority.certificate), **env},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


FOLDERS = {"config": "letsencrypt", "work": "work", "logs": "logs"}


def test_nginx_gets_a_certificate_by_certbot_and_the_renewed_one_is_served(stage: Stage) -> None:
    servers.need("certbot")
    front = Front(stage)
    webroot, live = stage.folder / "webroot", front.live
    webroot.mkdir()
    # The first: with nginx as Debian installs it, whose own site has the same folder.
    plain = (stage.folder / "nginx.conf").read_text()
    (stage.folder / "nginx.conf").write_text(
        plain.replace(
            f"include {stage.folder}/site.conf;",
            f"server {{ listen {servers.HOST}:{stage.http}; root {webroot}; }}",
        )
    )
    front.start()
    asked = ["certonly", "--webroot", "-w", str(webroot), "-d", HOST, "--agree-tos", "-m", "admin@example.org"]
    certbot(stage, *asked, "--server", stage.authority.directory)
    assert (live / "fullchain.pem").exists()
    front.stop()
    (stage.folder / "nginx.conf").write_text(plain)
    front.start()
    try:
        stage.trust()
        first = stage.serial()
        assert unencrypted(stage, "/rooms/") == (301, f"https://{HOST}/rooms/")
        assert unencrypted(stage, "/.well-known/acme-challenge/../../etc/passwd")[0] == 301
        look_through(stage)
        # The renewal, as certbot's timer does it, with our hook.
        hooks, programs = stage.folder / "letsencrypt" / "renewal-hooks" / "deploy", stage.folder / "bin"
        hooks.mkdir(parents=True, exist_ok=True)
        (hooks / "chatsite").symlink_to(DEPLOY / "certbot" / "reload-nginx")
        programs.mkdir()
        nginx = f"exec {servers.need('nginx')} -e stderr -c {stage.folder}/nginx.conf"
        (programs / "nginx").write_text(f'#!/bin/sh\n{nginx} "$@"\n')
        (programs / "systemctl").write_text(f'#!/bin/sh\n[ "$*" = "reload nginx" ] && {nginx} -s reload\n')
        for program in programs.iterdir():
            program.chmod(0o755)
        certbot(stage, "renew", "--force-renewal", PATH=f"{programs}:{os.environ['PATH']}")
        servers.wait_until(lambda: stage.serial() != first, 30)
        with urllib.request.urlopen(f"{stage.url}/healthz") as page:
            assert page.status == 200
    finally:
        front.stop()


# --- Caddy -----------------------------------------------------------------------------------------------------------


def caddyfile(stage: Stage) -> str:
    """Return deploy/caddy/Caddyfile as it is, but for ports, upstreams and the authority."""
    text = (DEPLOY / "caddy" / "Caddyfile").read_text()
    for number, process in enumerate(stage.sites, 1):
        assert f"unix//run/chatsite/{number}.sock" in text
        text = text.replace(f"unix//run/chatsite/{number}.sock", f"{servers.HOST}:{process.port}")
    ours: Sequence[str] = (
        "admin off", f"http_port {stage.http}", f"https_port {stage.https}", f"default_bind {servers.HOST}",
        f"acme_ca {stage.authority.directory}", f"acme_ca_root {stage.authority.certificate}", "skip_install_trust",
    )  # fmt: skip
    assert "\n{\n" in text
    return text.replace("\n{\n", "\n{\n" + "".join(f"\t{line}\n" for line in ours), 1)


def status_of(url: str) -> tuple[int, str]:
    try:
        with urllib.request.urlopen(url, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def has_noticed(log: str, port: int) -> bool:
    """Whether Caddy's checks have said something of the process at this port."""
    return any("health_checker.active" in line and f":{port}" in line for line in log.splitlines())


def test_caddy_gets_its_certificate_by_itself_and_asks_the_process_that_answers(stage: Stage) -> None:
    config = stage.folder / "Caddyfile"
    config.write_text(caddyfile(stage))
    command = [servers.need("caddy"), "run", "--config", config, "--adapter", "caddyfile"]
    home = {"HOME": str(stage.folder), "XDG_DATA_HOME": str(stage.folder), "XDG_CONFIG_HOME": str(stage.folder)}
    caddy = Program(*command, port=stage.http, folder=stage.folder, **home)
    caddy.start()
    try:
        servers.wait_until(lambda: "certificate obtained successfully" in caddy.log(), 60)
        stage.trust()
        assert unencrypted(stage, "/rooms/")[0] == 308
        look_through(stage)
        one, two = stage.sites
        # One that is away, and one that hangs, take nobody with them.
        one.stop()
        assert {status_of(f"{stage.url}/healthz")[0] for _ in range(10)} == {200}
        one.start()
        begun = len(caddy.log_file.read_text())
        two.pause()
        try:
            # The other's coming back is in the log as well.
            servers.wait_until(lambda: has_noticed(caddy.log_file.read_text()[begun:], two.port), 60)
            # The first one may not have been found well again yet.
            servers.wait_until(lambda: status_of(f"{stage.url}/healthz")[0] == 200, 30)
            assert {status_of(f"{stage.url}/healthz")[0] for _ in range(10)} == {200}
        finally:
            two.resume()
        one.stop()
        two.stop()
        status, page = status_of(f"{stage.url}/rooms/")
        assert (status, "One moment" in page) == (503, True)
        one.start()
        servers.wait_until(lambda: status_of(f"{stage.url}/healthz")[0] == 200, 60)
    finally:
        caddy.stop()
