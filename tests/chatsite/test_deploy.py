"""The files in deploy/ and for containers: what can be told of them without a server to deploy to."""

import http.server
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from chatsite import ready
from chatsite.settings import ENVIRONMENT
from tests import servers
from tests.chatsite.deployed import CERTIFICATE, DEPLOY, Echo
from tests.cluster import Nginx

# --- nginx -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def nginx(tmp_path: Path) -> Iterator[Nginx]:
    program = servers.need("nginx")
    with http.server.ThreadingHTTPServer((servers.HOST, 0), Echo) as upstream:
        threading.Thread(target=upstream.serve_forever, daemon=True).start()
        front = Nginx(program, tmp_path, [upstream.server_address[1]])
        front.start()
        yield front
        front.stop()
        upstream.shutdown()


@pytest.mark.parametrize("path", ["/", "/ws/"])
def test_nginx_believes_nothing_that_a_visitor_says_of_themselves(nginx: Nginx, path: str) -> None:
    said = {"X-Forwarded-For": "6.6.6.6", "X-Forwarded-Proto": "https", "X-Request-ID": "of-the-visitor"}
    request = urllib.request.Request(
        nginx.url + path, headers={**said, "Upgrade": "websocket", "Connection": "upgrade"}
    )
    with urllib.request.urlopen(request) as response:
        seen = json.loads(response.read())
    assert (seen["x-forwarded-for"], seen["x-forwarded-proto"]) == (servers.HOST, "http")
    assert re.fullmatch("[0-9a-f]{32}", seen["x-request-id"])
    # By the host a socket's Origin is judged: without it no page could open one.
    assert seen["host"] == f"{servers.HOST}:{nginx.port}"
    assert (seen["upgrade"], seen["connection"]) == ("websocket", "upgrade")


def test_the_site_for_nginx_is_one_that_it_takes(tmp_path: Path) -> None:
    program = servers.need("nginx")
    subprocess.run(
        [*CERTIFICATE, "-subj", "/CN=chat.example.org", "-keyout", "privkey.pem", "-out", "fullchain.pem"],
        cwd=tmp_path, check=True, capture_output=True,
    )  # fmt: skip
    site = (DEPLOY / "nginx" / "chatsite.conf").read_text()
    site = site.replace("/etc/letsencrypt/live/chat.example.org", str(tmp_path))
    site = site.replace("/etc/nginx/chatsite-locations.conf", str(DEPLOY / "nginx" / "locations.conf"))
    (tmp_path / "site.conf").write_text(site)
    whole = (
        f"pid {tmp_path}/pid; error_log stderr; events {{}} http {{ access_log off; include {tmp_path}/site.conf; }}"
    )
    (tmp_path / "nginx.conf").write_text(whole)
    tried = subprocess.run(
        [program, "-t", "-e", "stderr", "-c", tmp_path / "nginx.conf"], capture_output=True, text=True, check=False
    )
    assert tried.returncode == 0, tried.stderr
    assert "[emerg]" not in tried.stderr


# --- systemd ---------------------------------------------------------------------------------------------------------


def test_systemd_takes_the_units(tmp_path: Path) -> None:
    program = shutil.which("systemd-analyze")
    if program is None:
        pytest.skip("systemd-analyze is not installed: the units are not held against it.")
    for unit in (DEPLOY / "systemd").iterdir():
        # What stands in /opt on a server, and its user, are not on this machine.
        text = unit.read_text().replace("/opt/chatsite/.venv/bin/python", sys.executable)
        (tmp_path / unit.name.replace("@", "@1")).write_text(text.replace("WorkingDirectory=/opt/chatsite\n", ""))
    units = sorted(str(path) for path in tmp_path.iterdir())
    verified = subprocess.run([program, "verify", "--man=no", *units], capture_output=True, text=True, check=False)
    ours = [line for line in verified.stderr.splitlines() if "chatsite" in line]
    assert ours == []


# --- Containers ------------------------------------------------------------------------------------------------------


def test_the_compose_file_names_each_part_once_and_runs_none_of_ours_as_root() -> None:
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text())
    services = compose["services"]
    assert set(services) == {"postgres", "redis", "prepare", "web1", "web2", "nightly", "nginx"}
    for name in ("web1", "web2", "prepare", "nightly"):
        assert (services[name]["cap_drop"], services[name]["read_only"]) == (["ALL"], True)
    assert [services[name]["environment"]["INSTANCE"] for name in ("web1", "web2")] == [1, 2]
    assert all("healthcheck" in services[name] for name in ("postgres", "redis", "nginx"))
    used = {volume.partition(":")[0] for service in services.values() for volume in service.get("volumes", ())}
    assert {name for name in used if not name.startswith((".", "$"))} == set(compose["volumes"])
    # Paths count from the file's own folder.
    assert (DEPLOY / compose["services"]["web1"]["build"] / "Dockerfile").is_file()
    mounted = {volume.partition(":")[0] for volume in services["nginx"]["volumes"] if volume.startswith("./")}
    assert all((DEPLOY / path).is_file() for path in mounted)
    sockets = re.findall(r"unix:/run/chatsite/(\d)\.sock", (DEPLOY / "nginx" / "chatsite.conf").read_text())
    assert sockets == ["1", "2"]


def test_every_container_has_bounds_and_ours_have_every_setting() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    for service in services.values():
        assert service["mem_limit"]
        assert {"max-size", "max-file"} <= set(service["logging"]["options"])
    for name in ("web1", "web2", "prepare", "nightly"):
        assert services[name]["env_file"] == [".env"]
        # An empty one here would hide what stands in the file.
        assert all(services[name]["environment"].values())
        assert set(services[name]["environment"]) <= ENVIRONMENT.names | {"INSTANCE"}


def test_each_night_the_containers_do_what_a_server_has_timers_for(tmp_path: Path) -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    *shell, script = services["nightly"]["command"]
    # One night, in which the first job fails.
    for name, text in {
        "sleep": f'test ! -e {tmp_path}/slept && echo "$1" >{tmp_path}/slept',
        "python": f'echo "$@" >>{tmp_path}/done; test "$2" != sweep_guests',
    }.items():
        (tmp_path / name).write_text(f"#!/bin/sh\n{text}\n")
        (tmp_path / name).chmod(0o755)
    path = f"{tmp_path}:{os.environ['PATH']}"
    subprocess.run([*shell, script.replace("$$", "$")], env={"PATH": path}, check=False, timeout=30)
    assert 0 < int((tmp_path / "slept").read_text()) <= 27 * 3_600
    done = (tmp_path / "done").read_text().splitlines()
    timed = [
        line.partition(" manage.py ")[2]
        for unit in (DEPLOY / "systemd").glob("*.service") if "@" not in unit.name
        for line in unit.read_text().splitlines() if line.startswith("ExecStart=")
    ]  # fmt: skip
    assert sorted(line.removeprefix("manage.py ") for line in done) == sorted(timed)


def test_the_backups_of_the_containers_have_the_files_too() -> None:
    services = yaml.safe_load((DEPLOY / "compose.yaml").read_text())["services"]
    nightly = services["nightly"]
    places = {volume.partition(":")[2] for volume in nightly["volumes"]}
    assert {nightly["environment"]["CHATSITE_DATA"], nightly["environment"]["BACKUP_FOLDER"]} <= places
    version = services["postgres"]["image"].partition(":")[2]
    assert f"postgresql-client-{version} " in (servers.PROJECT / "Dockerfile").read_text()


def test_the_image_has_all_of_the_code_and_nothing_of_the_folder_it_is_built_in() -> None:
    lines = (servers.PROJECT / "Dockerfile").read_text().splitlines()
    copied = {line.split()[1] for line in lines if line.startswith("COPY ") and "--from=" not in line}
    assert all((servers.PROJECT / name).exists() for name in copied)
    assert copied >= {
        "chatsite",
        "accounts",
        "rooms",
        "api",
        "templates",
        "static",
        "locale",
        "manage.py",
        "requirements.txt",
    }
    let_in = {line[1:] for line in (servers.PROJECT / ".dockerignore").read_text().splitlines() if line[:1] == "!"}
    assert let_in == copied
    assert [line for line in lines if line.startswith("USER ")] == ["USER 10001:10001"]


# --- Is it ready? ----------------------------------------------------------------------------------------------------


def test_a_process_is_asked_by_its_port(site: servers.Site, capsys: pytest.CaptureFixture[str]) -> None:
    assert ready.main([str(site.port)]) == 0
    site.stop()
    assert ready.main([str(site.port)]) == 1
    assert "no answer" in capsys.readouterr().err


def test_who_asks_by_another_name_is_told_so_in_a_sentence(
    site: servers.Site, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    site.stop()
    site.env["ALLOWED_HOSTS"] = "chat.example.org"
    site.start()
    assert ready.main([str(site.port)]) == 1
    [sentence] = capsys.readouterr().err.splitlines()
    assert sentence.startswith(f"{site.port} answers 400")
    assert "set SITE_URL" in sentence
    (tmp_path / "environment").write_text("SITE_URL='https://chat.example.org'\n")
    monkeypatch.setattr("chatsite.config.environment_file.PATH", tmp_path / "environment")
    assert ready.main([str(site.port)]) == 0


def test_a_public_site_is_asked_by_its_socket_also_after_a_crash(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "1.sock"
    url = "https://chat.example.org"
    monkeypatch.setenv("SITE_URL", url)
    with servers.site(env={"GUESTS": "off"}) as site:
        site.stop()
        site.env["SITE_URL"] = url
        command = [
            sys.executable,
            "-m",
            "chatsite.serve",
            "--proxy-headers",
            "-u",
            str(path),
            "chatsite.asgi:application",
        ]
        for _ in range(2):
            # The second finds the socket that the first, which was killed, has left behind.
            with subprocess.Popen(command, cwd=servers.PROJECT, env=site.env) as process:
                assert ready.main(["--wait", "30", str(path)]) == 0
                process.kill()
        with pytest.raises(OSError, match="refused"), socket.socket(socket.AF_UNIX) as left:
            left.connect(str(path))
        assert ready.main([str(path)]) == 1
