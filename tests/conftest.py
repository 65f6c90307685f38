"""The cast, the test database's own needs, and the servers' logs beside a failure."""

import sys
from collections.abc import Generator, Iterator

import pytest
from asgiref.sync import SyncToAsync
from django.conf import settings
from django.db import connection, connections
from django.test import TransactionTestCase, override_settings

from accounts.models import User
from chatsite import readonly
from rooms.log import triggers
from rooms.realtime import threads
from rooms.realtime.writer import writer
from tests import servers
from tests.servers.forked import Forks

# What Django makes after each migration.
ALWAYS_FILLED = {"auth_permission", "django_content_type"}
# Long enough for every validator.
PASSWORD = "correct horse battery staple"


# --- The cast --------------------------------------------------------------------------------------------------------


def new_user(username: str, **fields: object) -> User:
    return User.objects.create_user(username, f"{username}@example.org", PASSWORD, **fields)


@pytest.fixture
def alice(db: None) -> User:
    """The admin of the rooms in the tests."""
    return new_user("alice")


@pytest.fixture
def bob(db: None) -> User:
    """A member."""
    return new_user("bob")


@pytest.fixture
def charlie(db: None) -> User:
    """An outsider."""
    return new_user("charlie")


@pytest.fixture
def dana(db: None) -> User:
    """The site admin."""
    return new_user("dana", is_staff=True, is_superuser=True)


@pytest.fixture(autouse=True)
def not_held_to_the_switch(monkeypatch: pytest.MonkeyPatch) -> None:
    """As a command: a process that serves asks each second whether it may write, a query more at any time.

    A switch of its own for each test: what one has seen would be believed for a second, by the next test too.
    """
    monkeypatch.setattr(readonly, "switch", readonly.Switch())


# --- Settings and database -------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def settings_for_tests() -> Iterator[None]:
    """Static files without a manifest, which only a served site has, and a hasher that costs nothing."""
    with override_settings(
        STORAGES={
            # A real folder: Django's storage in memory hands one open file to all who read it at once.
            "default": settings.STORAGES["default"],
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield


def empty_tables(case: TransactionTestCase) -> None:
    """Empty the tables that a test has filled.

    Django's flush empties all of them, which PostgreSQL does slowly, and makes permissions and content types anew.
    """
    tables = set(connection.introspection.django_table_names(only_existing=True)) - ALWAYS_FILLED
    with triggers.lifted(), connection.cursor() as cursor:
        names = [connection.ops.quote_name(table) for table in sorted(tables)]
        cursor.execute("SELECT " + ", ".join(f"EXISTS (SELECT 1 FROM {name})" for name in names))
        for name, filled in zip(names, cursor.fetchone(), strict=True):
            if filled:
                cursor.execute(f"DELETE FROM {name}")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The test database, which a test with transactions of its own leaves empty, and no thread open at the end."""
    TransactionTestCase._fixture_teardown = empty_tables  # type: ignore[attr-defined]
    yield
    writer.stop()
    threads.shutdown()
    # The thread in which sync_to_async runs the ORM for asynchronous tests.
    SyncToAsync.single_thread_executor.submit(connections.close_all).result()


# --- Failures --------------------------------------------------------------------------------------------------------


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Show the logs of the servers that were running when a test failed."""
    report = yield
    if report.failed:
        for server in servers.Server.running:
            report.sections.append((f"log of {' '.join(server.command[:3])} on port {server.port}", server.log()))
    return report


# --- Servers ---------------------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def forks() -> Iterator[None]:
    """Servers and commands are forked from one process per worker, which has loaded the libraries."""
    if sys.platform == "linux":
        Forks.current = Forks(servers.PROJECT)
    yield
    if Forks.current:
        Forks.current.stop()
        Forks.current = None


@pytest.fixture
def site() -> Iterator[servers.Site]:
    """A live site of its own, with nobody in it."""
    with servers.site() as site:
        yield site


@pytest.fixture(scope="session")
def redis() -> Iterator[servers.Redis]:
    with servers.redis() as server:
        yield server
