"""A mail server that is away or hangs: a live site answers as ever, and no mail is lost or sent twice."""

import re
import socket
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from http import HTTPStatus
from pathlib import Path

import pytest
import requests

from tests import servers
from tests.security.attack.mail import HANG, HOST, mailbox

pytestmark = [pytest.mark.security, pytest.mark.faults]

PASSWORD = "correct horse battery staple"
APP = "/_allauth/app/v1/auth/"


@pytest.fixture
def port() -> Iterator[int]:
    """A port on which nobody listens, nor will by chance."""
    with socket.socket() as keeper:
        keeper.bind((HOST, 0))
        yield keeper.getsockname()[1]


def sign_up(site: servers.Site, name: str) -> requests.Response:
    browser = requests.Session()
    page = browser.get(f"{site.url}/accounts/signup/").text
    token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert token
    fields = {"username": name, "email": f"{name}@example.org", "password1": PASSWORD, "csrfmiddlewaretoken": token[1]}
    return browser.post(f"{site.url}/accounts/signup/", fields, timeout=60)


def app(site: servers.Site, path: str, **body: str) -> requests.Response:
    return requests.post(f"{site.url}{APP}{path}", json=body, timeout=60)


def sign_up_app(site: servers.Site, name: str) -> requests.Response:
    return app(site, "signup", username=name, email=f"{name}@example.org", password=PASSWORD)


def let_pauses_pass(site: servers.Site) -> None:
    with closing(sqlite3.connect(site.data / "chat.db", timeout=30)) as database, database:
        database.execute("UPDATE chatsite_outgoingmail SET due_at = '2020-01-01'")


def test_people_sign_up_and_ask_for_a_password_while_the_mail_server_is_away(port: int) -> None:
    with servers.site(env={"EMAIL_URL": f"smtp://{HOST}:{port}"}) as site:
        page, api = sign_up(site, "alice"), sign_up_app(site, "bob")
        reset = app(site, "password/request", email="alice@example.org")
        assert (page.status_code, page.url) == (HTTPStatus.OK, f"{site.url}/accounts/confirm-email/")
        assert (api.status_code, api.json()["status"]) == (HTTPStatus.UNAUTHORIZED, HTTPStatus.UNAUTHORIZED)
        assert (reset.status_code, reset.json()) == (HTTPStatus.OK, {"status": 200})
        servers.wait_until(lambda: "mail server is back" in requests.get(page.url, timeout=60).text, 60)
        assert "3 wait" in site.manage("mail", "list")
        assert "reset/key" not in site.log()


def test_mail_outlives_a_kill_in_the_middle_of_sending_it(tmp_path: Path) -> None:
    with mailbox() as mail:
        mail.answers = {".": HANG}
        env = {"EMAIL_URL": mail.url}
        with servers.site(tmp_path, env) as site:
            assert sign_up_app(site, "alice").status_code == HTTPStatus.UNAUTHORIZED
            servers.wait_until(lambda: mail.hanging > 0, 30)
            site.kill()
        assert not mail.letters
        mail.answers = {}
        let_pauses_pass(site)
        with servers.site(tmp_path, env):
            servers.wait_until(lambda: len(mail.letters) > 0, 60)
            assert len(mail.to("alice@example.org")) == 1


def test_two_processes_send_each_mail_once() -> None:
    with mailbox() as mail, servers.postgres() as database, servers.redis() as redis:
        env = {
            "EMAIL_URL": mail.url,
            "DATABASE_URL": database.url,
            "REDIS_URL": redis.url,
            "SECRET_KEY": "0123456789abcdef" * 4,
        }
        with servers.site(env=env) as one, servers.site(env=env) as two:
            names = [f"person{number}" for number in range(12)]
            answers = [sign_up_app([one, two][number % 2], name) for number, name in enumerate(names)]
            assert {answer.status_code for answer in answers} == {HTTPStatus.UNAUTHORIZED}
            servers.wait_until(lambda: len(mail.letters) >= len(names), 60)
            assert [len(mail.to(f"{name}@example.org")) for name in names] == [1] * len(names)


def test_a_stop_lets_the_mail_that_is_being_sent_come_to_its_end(tmp_path: Path) -> None:
    with mailbox() as mail, servers.site(tmp_path, {"EMAIL_URL": mail.url}) as site:
        assert sign_up_app(site, "alice").status_code == HTTPStatus.UNAUTHORIZED
        servers.wait_until(lambda: mail.callers > 0, 60)
        assert site.stop() == 0
        servers.wait_until(lambda: len(mail.letters) > 0, 10)
        with closing(sqlite3.connect(site.data / "chat.db")) as database:
            assert database.execute("SELECT count(*) FROM chatsite_outgoingmail").fetchone() == (0,)
