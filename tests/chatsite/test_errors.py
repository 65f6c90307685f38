"""What visitors are told while the database is away, wherever in a request that comes out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, connection
from django.test import Client

from accounts.models import User
from accounts.sessionstore import SessionStore

pytestmark = pytest.mark.django_db

PASSWORD = "an orange under the table"


@pytest.fixture
def visitor(client: Client, bob: User) -> Client:
    client.force_login(bob)
    client.raise_request_exception = False
    return client


def fail_with(error: Exception) -> Callable[[SessionStore], None]:
    def fail(session: SessionStore) -> None:
        raise error

    return fail


@pytest.fixture(params=[OperationalError, InterfaceError])
def away(request: pytest.FixtureRequest, visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SessionStore, "load", fail_with(request.param("the connection is lost")))


@pytest.mark.usefixtures("away")
def test_a_page_says_that_one_may_try_again(visitor: Client) -> None:
    response = visitor.get("/rooms/")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "5")
    assert "Try again in a moment" in response.text


@pytest.mark.usefixtures("away")
def test_the_api_says_so_to_a_cookie_as_to_a_token(visitor: Client) -> None:
    response = visitor.get("/api/me")
    assert (response.status_code, response.json()["code"]) == (503, "try_again")


# --- A full disk -----------------------------------------------------------------------------------------------------


@contextmanager
def refusing_disk() -> Iterator[None]:
    """Have SQLite refuse whatever is written, as it does where the disk is full or can only be read."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA query_only = ON")
        try:
            yield
        finally:
            cursor.execute("PRAGMA query_only = OFF")


@pytest.mark.django_db(transaction=True)
def test_who_logs_in_or_out_without_a_browser_is_told_that_one_may_try_again(
    visitor: Client, bob: User, caplog: pytest.LogCaptureFixture
) -> None:
    bob.set_password(PASSWORD)
    bob.save()
    app = Client(raise_request_exception=False)

    def log_in() -> Any:
        words = {"username": "bob", "password": PASSWORD}
        return app.post("/_allauth/app/v1/auth/login", words, content_type="application/json")

    def log_out(token: str) -> Any:
        return app.delete("/_allauth/app/v1/auth/session", headers={"X-Session-Token": token})

    token = log_in().json()["meta"]["session_token"]
    with refusing_disk():
        for answer in (log_in(), log_out(token)):
            assert (answer.status_code, answer.json()["code"]) == (503, "try_again")
        assert visitor.post("/accounts/logout/").status_code == 503
    # In a line each, and no more.
    assert caplog.text.count("The database did not answer") == 3
    assert "Traceback" not in caplog.text
    assert log_out(token).json()["status"] == 401
    assert log_in().status_code == 200


def test_a_mistake_of_the_site_s_is_still_one(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SessionStore, "load", fail_with(RuntimeError("a mistake")))
    assert visitor.get("/rooms/").status_code == 500
    response = visitor.get("/api/me")
    assert (response.status_code, response.json()["code"]) == (500, "internal")
