"""The cookies of an encrypted site: no neighbour under the same domain, and nothing unencrypted, sets or sees them."""

import http.client
import json
import re
import secrets
from collections.abc import Iterator
from http.cookies import SimpleCookie
from typing import Any

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.test import Client, override_settings

from accounts.models import User
from chatsite.http.cookies import NAME_KEY
from rooms.realtime import handshake
from tests import servers
from tests.conftest import PASSWORD

pytestmark = pytest.mark.security

HOST = "chat.example.org"
NEW = "__Host-sessionid"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture(scope="module")
def public() -> Iterator[servers.Site]:
    """A site at an https address, before which this test stands as its proxy."""
    with servers.site(
        env={"SITE_URL": f"https://{HOST}", "SECRET_KEY": secrets.token_urlsafe(64), "GUESTS": "on"}
    ) as site:
        yield site


class Browser:
    def __init__(self, site: servers.Site) -> None:
        self.site = site
        self.cookies: SimpleCookie = SimpleCookie()

    def ask(self, method: str, path: str, body: str = "", **headers: str) -> int:
        connection = http.client.HTTPConnection(servers.HOST, self.site.port, timeout=30)
        sent = "; ".join(f"{name}={morsel.value}" for name, morsel in self.cookies.items())
        usual = {"Host": HOST, "X-Forwarded-Proto": "https", "Cookie": sent, "Referer": f"https://{HOST}/"}
        try:
            connection.request(method, path, body, {**usual, **headers})
            answer = connection.getresponse()
            for value in answer.headers.get_all("Set-Cookie", []):
                self.cookies.load(value)
            self.body = answer.read().decode()
            return answer.status
        finally:
            connection.close()


def test_every_cookie_is_this_host_s_alone(public: servers.Site) -> None:
    browser = Browser(public)
    assert browser.ask("GET", "/accounts/guest/") == 200
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', browser.body)
    assert token
    kind = {"Content-Type": FORM}
    assert browser.ask("POST", "/accounts/guest/", f"display_name=Gus&csrfmiddlewaretoken={token[1]}", **kind) == 302
    assert browser.ask("GET", "/accounts/preferences/") == 200
    token = re.search(r'csrfmiddlewaretoken" value="(\w+)"', browser.body)
    assert token
    form = f"language=de&theme=dark&csrfmiddlewaretoken={token[1]}"
    assert browser.ask("POST", "/accounts/preferences/", form, **kind) == 302
    assert browser.ask("POST", "/i18n/setlang/", f"language=ar&csrfmiddlewaretoken={token[1]}", **kind) == 302
    assert set(browser.cookies) - {"messages"} == {NEW, "__Host-csrftoken", "django_language"}
    for name, morsel in browser.cookies.items():
        assert (bool(morsel["secure"]), morsel["path"], morsel["domain"]) == (True, "/", ""), name
        assert morsel["samesite"] == "Lax"
        # The scripts read the token, to show that they are the site's own.
        assert bool(morsel["httponly"]) == (name != "__Host-csrftoken"), name


def test_the_token_of_a_page_s_script_is_taken_by_its_new_name(public: servers.Site) -> None:
    browser = Browser(public)
    browser.ask("GET", "/")
    headers = {"X-CSRFToken": browser.cookies["__Host-csrftoken"].value, "Content-Type": "application/json"}
    assert browser.ask("POST", "/api/guests", json.dumps({"display_name": "Gus"}), **headers) == 201
    assert json.loads(browser.body)["session_token"] is None
    assert browser.ask("GET", "/api/me") == 200


# --- An upgrade ------------------------------------------------------------------------------------------------------


@pytest.fixture
def old(alice: User) -> str:
    """The key of a session that an older version began."""
    client = Client()
    client.force_login(alice)
    session = client.session
    session.pop(NAME_KEY, None)
    session.save()
    return str(session.session_key)


def me(name: str, key: str) -> Any:
    client = Client()
    client.cookies[name] = key
    return client.get("/api/me")


@pytest.mark.django_db
@override_settings(SESSION_COOKIE_NAME=NEW)
def test_who_was_signed_in_before_the_cookie_had_its_new_name_still_is(old: str) -> None:
    answer = me("sessionid", old)
    assert answer.status_code == 200
    assert (answer.cookies[NEW].value, answer.cookies["sessionid"].value) == (old, "")
    assert me(NEW, old).status_code == 200


@pytest.mark.django_db
@override_settings(SESSION_COOKIE_NAME=NEW)
def test_no_session_of_the_new_name_is_taken_by_the_old_one(alice: User) -> None:
    """Or a neighbour could sign a visitor in as themselves, by a cookie for the whole domain."""
    client = Client()
    client.post("/accounts/login/", {"login": "alice", "password": PASSWORD})
    key = client.cookies[NEW].value
    assert (me(NEW, key).status_code, me("sessionid", key).status_code) == (200, 401)
    assert NEW not in me("sessionid", key).cookies


@pytest.mark.django_db
@override_settings(SESSION_COOKIE_NAME=NEW)
def test_an_old_cookie_beside_a_new_one_counts_for_nothing(old: str, bob: User) -> None:
    client = Client()
    client.force_login(bob)
    client.cookies["sessionid"] = old
    assert client.get("/api/me").json()["username"] == "bob"
    assert SessionStore(old).exists(old)


@pytest.mark.django_db
def test_on_this_machine_the_cookie_is_called_as_ever(old: str) -> None:
    answer = me("sessionid", old)
    assert (answer.status_code, answer.cookies.get(NEW)) == (200, None)


@override_settings(SESSION_COOKIE_NAME=NEW)
def test_a_page_that_was_open_meanwhile_comes_back_to_its_socket() -> None:
    def key_of(cookie: bytes) -> str:
        return handshake.session_key_of(
            {"headers": [(b"host", b"127.0.0.1"), (b"origin", b"http://127.0.0.1"), (b"cookie", cookie)]}
        )

    assert key_of(b"sessionid=old") == "old"
    assert key_of(b"sessionid=old; __Host-sessionid=new") == "new"
