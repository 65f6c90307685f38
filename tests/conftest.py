"""The cast, the test database's own needs, and the servers' logs beside a failure."""

from collections.abc import Generator, Iterable, Iterator

import pytest
from asgiref.sync import SyncToAsync
from django.db import connections
from django.db.backends.base.operations import BaseDatabaseOperations
from django.test import override_settings

from accounts.models import User
from chatsite import readonly
from rooms import seal
from rooms.realtime import threads
from rooms.realtime.writer import writer
from tests import servers

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
    """As a command: a process that serves asks each second whether it may write, a query more at any time."""
    monkeypatch.setattr(readonly.switch, "refusal", None)


# --- Settings and database -------------------------------------------------------------------------------------------


@pytest.fixture(scope="session", autouse=True)
def settings_for_tests() -> Iterator[None]:
    """Static files without a manifest, which only a served site has, and a hasher that costs nothing."""
    with override_settings(
        STORAGES={
            "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        },
        PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"],
    ):
        yield


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None) -> Iterator[None]:
    """The test database, whose flush may empty the log, and which no thread holds open when it is dropped."""
    flush = BaseDatabaseOperations.execute_sql_flush

    def flush_unsealed(operations: BaseDatabaseOperations, sql_list: Iterable[str]) -> None:
        with seal.lifted(operations.connection.alias):
            flush(operations, sql_list)

    BaseDatabaseOperations.execute_sql_flush = flush_unsealed  # type: ignore[assignment]
    yield
    BaseDatabaseOperations.execute_sql_flush = flush  # type: ignore[method-assign]
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


@pytest.fixture
def site() -> Iterator[servers.Site]:
    """A live site of its own, with nobody in it."""
    with servers.site() as site:
        yield site


@pytest.fixture(scope="session")
def redis() -> Iterator[servers.Redis]:
    with servers.redis() as server:
        yield server
