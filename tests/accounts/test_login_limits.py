"""Guessing passwords: what counts where, that nothing pushes a count out, and that strangers lock nobody out."""

import tracemalloc
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.cache import cache, caches
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from chatsite import counters
from tests.accounts.doors import app_log_in, from_ip, is_in, log_in, reauthenticate, reset_password
from tests.conftest import PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.security, pytest.mark.rules]

NEW = "another good horse"


@pytest.fixture(params=["memory", "table"])
def either_cache(request: pytest.FixtureRequest, settings: Settings) -> Iterator[str]:
    """The cache of a site with one process, and that of one with several."""
    lasting = {
        "memory": {"BACKEND": "chatsite.counters.LastingLocMemCache", "OPTIONS": {"MAX_ENTRIES": 1_000_000}},
        "table": {"BACKEND": "chatsite.counters.LastingDatabaseCache", "LOCATION": "tests_cache"},
    }
    settings.CACHES = {"default": lasting[request.param]}
    if request.param == "table":
        call_command("createcachetable")
    cache.clear()
    yield request.param
    cache.clear()


def guesses(count: int, login: str = "alice", *, door: Callable[..., Any] = log_in, ips: int = 1) -> None:
    for number in range(count):
        door(Client(), login, "a guess", **from_ip(number % ips))


def is_stopped(answer: Any) -> bool:
    return b"Too many attempts" in answer.content or answer.status_code == 429


def test_no_number_of_other_requests_pushes_a_count_out(alice: User) -> None:
    guesses(5)

    for number in range(330):
        Client().get(reverse("username_check"), {"username": f"name{number}"}, **from_ip(number + 1_000))

    assert is_stopped(log_in(Client(), "alice", **from_ip(500)))


def test_the_site_has_room_for_a_million_counts(settings: Settings) -> None:
    if settings.SQLITE:
        assert caches["default"]._max_entries >= 1_000_000
    else:
        assert isinstance(caches["default"], counters.LastingDatabaseCache)


def test_counts_stay_until_their_time_is_over(either_cache: str, monkeypatch: pytest.MonkeyPatch) -> None:
    cache.set("short", 1, timeout=-1)
    for number in range(2_000):
        cache.set(f"entry{number}", number, timeout=300)

    assert cache.get("short") is None
    assert [cache.get(f"entry{number}") for number in (0, 1_999)] == [0, 1_999]


def test_an_expired_count_is_forgotten(either_cache: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for number in range(50):
        cache.set(f"entry{number}", number, timeout=-5)

    monkeypatch.setattr(counters, "_forget_at", 0.0)
    cache.set("another", 1, timeout=300)

    if either_cache == "memory":
        assert len(caches["default"]._cache) == 1  # type: ignore[attr-defined]
    else:
        with connection.cursor() as cursor:
            cursor.execute("SELECT COUNT(*) FROM tests_cache")
            assert cursor.fetchone()[0] == 1


def test_a_write_counts_no_rows(settings: Settings) -> None:
    settings.CACHES = {"default": {"BACKEND": "chatsite.counters.LastingDatabaseCache", "LOCATION": "tests_cache"}}
    call_command("createcachetable")
    cache.set("first", 1)

    with CaptureQueriesContext(connection) as queries:
        cache.set("second", 2)

    assert len(queries) == 1
    assert "COUNT" not in queries[0]["sql"]


def test_only_one_adds_an_entry_until_its_time_is_over(either_cache: str) -> None:
    assert cache.add("lock", 1, timeout=10)
    assert not cache.add("lock", 2, timeout=10)
    assert cache.get("lock") == 1

    cache.set("lock", 1, timeout=-5)
    assert cache.add("lock", 3, timeout=10)


def test_a_name_and_an_address_in_every_form_count_together(alice: User) -> None:
    for number, login in enumerate(["alice", "ALICE", "ａlice", "alice@example.org", "Alice@Example.ORG"]):
        log_in(Client(), login, "a guess", **from_ip(number))

    for number, login in enumerate(["alice", "alice@example.org", "aｌice"]):
        assert is_stopped(log_in(Client(), login, **from_ip(50 + number)))
        assert is_stopped(app_log_in(Client(), login, **from_ip(60 + number)))


def test_all_addresses_of_an_account_count_together(alice: User) -> None:
    EmailAddress.objects.create(user=alice, email="second@example.org", verified=True)
    guesses(3, "second@example.org", ips=3)
    guesses(2, "alice", door=app_log_in, ips=2)

    assert is_stopped(log_in(Client(), "alice@example.org", **from_ip(9)))


def test_names_that_nobody_has_count_in_the_same_way(alice: User) -> None:
    def answers(login: str) -> list[bool]:
        cache.clear()
        pages = [log_in(Client(), login, "a guess", **from_ip(number)) for number in range(8)]
        return [b"Too many attempts" in page.content for page in pages]

    known = answers("alice")
    assert known == answers("nobody") == answers("nobody@example.org") == answers("alice@example.org")
    assert known == [False] * 5 + [True] * 3


def test_the_forms_of_a_name_that_nobody_has_count_together() -> None:
    for number, login in enumerate(["nobody", "NOBODY", "ｎobody", "nｏbody", "noｂody"]):
        log_in(Client(), login, "a guess", **from_ip(number))

    assert is_stopped(log_in(Client(), "nobody", **from_ip(9)))


def test_many_accounts_are_not_tried_from_one_place(alice: User) -> None:
    for number in range(10):
        app_log_in(Client(), f"nobody{number}", "a guess", **from_ip(1))

    assert is_stopped(app_log_in(Client(), "alice", **from_ip(1)))
    assert not is_stopped(app_log_in(Client(), "alice", **from_ip(2)))


def test_strangers_do_not_lock_the_owner_out_of_a_device_of_theirs(alice: User) -> None:
    own = Client()
    log_in(own, "alice")
    own.post(reverse("account_logout"))
    assert not is_in(own)

    guesses(20, ips=10)

    assert is_stopped(log_in(Client(), "alice", **from_ip(300)))
    log_in(own, "alice", **from_ip(301))
    assert is_in(own)


def test_a_device_of_the_owners_has_a_limit_of_its_own(alice: User) -> None:
    own = Client()
    log_in(own, "alice")
    own.post(reverse("account_logout"))

    for _ in range(10):
        log_in(own, "alice", "a guess")

    assert is_stopped(log_in(own, "alice"))
    # And it has not used up what others may.
    assert not is_stopped(log_in(Client(), "alice", "a guess", **from_ip(1)))


def test_the_cookie_of_a_device_is_good_for_its_account_alone(alice: User, bob: User) -> None:
    guesses(5, "bob", ips=5)
    own = Client()
    log_in(own, "alice", **from_ip(10))
    own.post(reverse("account_logout"))

    assert is_stopped(log_in(own, "bob", **from_ip(11)))


def test_a_device_may_be_several_peoples(alice: User, bob: User) -> None:
    family = Client()
    for name in ("alice", "bob"):
        log_in(family, name)
        family.post(reverse("account_logout"))
    for name in ("alice", "bob"):
        guesses(5, name, ips=5)

    for name in ("alice", "bob"):
        log_in(family, name, **from_ip(20))
        assert is_in(family)
        family.post(reverse("account_logout"))


def test_another_password_ends_the_cookies_of_devices(alice: User) -> None:
    stolen = Client()
    log_in(stolen, "alice")
    stolen.post(reverse("account_logout"))
    alice.set_password(NEW)
    alice.save()
    guesses(5, ips=5)

    assert is_stopped(log_in(stolen, "alice", NEW, **from_ip(20)))


def test_the_device_on_which_the_password_was_changed_stays_known(alice: User) -> None:
    own = Client()
    log_in(own, "alice")
    own.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW})
    own.post(reverse("account_logout"))
    guesses(5, ips=5)

    log_in(own, "alice", NEW, **from_ip(20))
    assert is_in(own)


def test_a_cookie_that_is_not_ours_is_none(alice: User) -> None:
    guesses(5, ips=5)
    for value in ("", "made up", "x" * 100_000, "WyJhIl0:1abcde:forged"):
        client = Client()
        client.cookies[settings.DEVICE_COOKIE_NAME] = value
        assert is_stopped(log_in(client, "alice", **from_ip(20)))


def test_the_cookie_is_for_the_server_alone(alice: User) -> None:
    client = Client()
    log_in(client, "alice")

    cookie = client.cookies[settings.DEVICE_COOKIE_NAME]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert int(cookie["max-age"]) > 300 * 24 * 60 * 60
    assert alice.password not in cookie.value


def test_asking_whether_it_is_really_oneself_counts_too(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    for number in range(5):
        reauthenticate(client, "a guess", **from_ip(number))

    assert is_stopped(reauthenticate(client, **from_ip(9)))
    assert is_stopped(log_in(Client(), "alice", **from_ip(10)))


def test_the_admins_own_log_in_tries_no_password(dana: User) -> None:
    client = Client()
    answer = client.post("/admin/login/", {"username": "dana", "password": PASSWORD})

    assert answer["Location"].startswith(reverse("account_login"))
    assert not is_in(client)


def test_a_new_password_by_mail_lets_the_owner_in_again(alice: User, mailoutbox: list[Any]) -> None:
    guesses(5, ips=5)
    client = Client()
    client.post(reverse("account_reset_password"), {"email": "alice@example.org"}, **from_ip(20))
    reset_password(client, mailoutbox[0], NEW)

    log_in(client, "alice", NEW, **from_ip(21))
    assert is_in(client)


def test_one_guess_tries_one_password(alice: User, bob: User, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has added somebody's address to their own account adds no work to each log-in by it."""
    EmailAddress.objects.create(user=alice, email="alice@example.org", primary=True)
    EmailAddress.objects.create(user=bob, email="alice@example.org")
    tried: list[str] = []
    check = User.check_password

    def note(user: User, password: str) -> bool:
        tried.append(user.username)
        return check(user, password)

    monkeypatch.setattr(User, "check_password", note)

    log_in(Client(), "alice@example.org", "a guess")

    assert tried == ["alice"]


def test_what_a_count_weighs() -> None:
    """A million in memory, which no site reaches within the minutes of a limit, take less than a gigabyte."""
    memory = counters.LastingLocMemCache("weighed", {"max_entries": 1_000_000})
    tracemalloc.start()
    for number in range(10_000):
        memory.set(f"allauth:rl:accounts:wrong_password:5/300:{number:064}", [1.0, 2.0, 3.0], timeout=300)
    weight = tracemalloc.get_traced_memory()[0] / 10_000
    tracemalloc.stop()
    memory.clear()

    assert weight < 1_000
