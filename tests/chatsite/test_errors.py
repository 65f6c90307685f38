"""What visitors are told while the database is away, wherever in a request that comes out."""

from collections.abc import Callable

import pytest
from django.contrib.sessions.backends.db import SessionStore
from django.db import InterfaceError, OperationalError
from django.test import Client

from accounts.models import User

pytestmark = pytest.mark.django_db


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


def test_a_mistake_of_the_site_s_is_still_one(visitor: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SessionStore, "load", fail_with(RuntimeError("a mistake")))
    assert visitor.get("/rooms/").status_code == 500
    response = visitor.get("/api/me")
    assert (response.status_code, response.json()["code"]) == (500, "internal")
