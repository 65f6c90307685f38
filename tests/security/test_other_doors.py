"""Doors that stand in no table: those of apps by token, unusual methods, files by nginx, and the folder of the data."""

import http.client
import json
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from accounts.models import User
from tests import servers
from tests.conftest import new_user
from tests.rooms.conftest import session_of
from tests.security.cast import ROLES, fill, set_scene
from tests.security.cells import cell_of, expected_of
from tests.security.doors import Door, page_doors

pytestmark = [pytest.mark.security, pytest.mark.django_db]

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
APP_DOORS = sorted({door.route for door in page_doors() if door.route.startswith("_allauth/")})
# What an app has to know before anybody signs in.
FOR_EVERYBODY = "_allauth/app/v1/config"


def knock_as_app(route: str, method: str, token: str | None) -> Any:
    client = Client(headers={"X-Session-Token": token} if token is not None else {})
    return client.generic(method, fill(route, {}), b"{}", content_type="application/json")


@pytest.mark.parametrize("token", [None, "", "made-up", "x" * 2_000])
def test_the_doors_of_apps_tell_nobody_anything(alice: User, token: str | None) -> None:
    for route in APP_DOORS:
        for method in METHODS:
            answer = knock_as_app(route, method, token)
            assert answer.status_code < 500, (method, route)
            assert alice.email not in answer.content.decode(), (method, route)
            assert answer.status_code >= 400 or route == FOR_EVERYBODY, (method, route, answer.status_code)


@pytest.mark.parametrize("is_guest", [True, False])
def test_the_doors_of_apps_tell_somebody_of_themselves_alone(alice: User, is_guest: bool) -> None:
    caller = new_user("guest-1" if is_guest else "bob", is_guest=is_guest)
    told = ""
    for route in APP_DOORS:
        # Each with a session of its own: one of the doors ends it.
        for method in METHODS:
            answer = knock_as_app(route, method, session_of(caller))
            assert answer.status_code < 500, (method, route)
            told += answer.content.decode()
    assert str(caller.pk) in told
    assert not any(secret in told for secret in (alice.email, str(alice.pk), alice.password))
    alice.refresh_from_db()
    assert alice.check_password("correct horse battery staple")


@pytest.mark.parametrize("role", ["anonymous", "stranger", "left", "removed"])
def test_no_other_method_gets_further_than_the_usual_ones(role: str) -> None:
    """Of pages: what the API takes is in its document, and so in the table."""
    scene = set_scene()
    for route in sorted({door.route for door in page_doors() if "<room_id>" in door.route}):
        for method in ("HEAD", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"):
            answer = scene.knock(role, method, route)
            words = answer.content.decode()
            assert not any(secret in words for secret in ("Den", "Between us", "A secret")), (method, route)
            expected = (302, 403, 404, 405, *([200] if method == "OPTIONS" else []))
            assert answer.status_code in expected, (method, route)


@pytest.mark.parametrize("role", ROLES)
def test_nginx_is_told_to_send_a_file_only_to_who_may_have_it(role: str, settings: Settings, tmp_path: Path) -> None:
    settings.FILES_ACCEL = "/protected/"
    folder = {"BACKEND": "chatsite.files.object_store.Folder", "OPTIONS": {"location": str(tmp_path)}}
    settings.STORAGES = {**settings.STORAGES, "default": folder}
    scene = set_scene()
    cells = expected_of(role)
    for what in ("", "/view", "/thumbnail"):
        for method in ("GET", "HEAD"):
            door = Door(method, f"api/files/<file_id>{what}")
            answer = scene.knock(role, *door)
            assert cell_of(answer, role) == cells[door], str(door)
            # Where it lies is a word between the site and nginx, which nobody who is refused may read.
            assert ("X-Accel-Redirect" in answer.headers) == (answer.status_code == 200), str(door)


@pytest.mark.parametrize(
    "path",
    [
        "/static/../chat.db", "/static/../secret_key", "/static/%2e%2e/secret_key", "/static/..%2fsecret_key",
        "/static//../secret_key", "/static/", "/files/", "/chat.db", "/secret_key", "/protected/", "/metrics",
        "/static/%00", "/.git/config", "/manage.py",
    ],
)  # fmt: skip
def test_nothing_of_the_data_folder_is_served(served: servers.Site, path: str) -> None:
    """The static files lie in it, beside the database and the key."""
    line = http.client.HTTPConnection(servers.HOST, served.port, timeout=60)
    try:
        line.request("GET", path)
        answer = line.getresponse()
        body = answer.read()
    finally:
        line.close()
    assert answer.status in (400, 404)
    assert b"SQLite format" not in body
    assert (served.data / "secret_key").read_bytes().strip() not in body
    assert json.dumps(str(served.data))[1:-1].encode() not in body


@pytest.fixture(scope="module")
def served() -> Any:
    with servers.site() as site:
        yield site
