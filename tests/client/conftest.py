"""One site, and people on it who have no browser."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chatsite_cli.main import main
from click.testing import CliRunner, Result

from tests import servers
from tests.client.people import Person


@pytest.fixture(scope="package")
def chat() -> Iterator[servers.Site]:
    """A live site, which no test stops."""
    # Told of a proxy, which people name their addresses to: tests sign up more of them than may from one.
    with servers.site(env={"TRUSTED_PROXIES": "1"}) as site:
        yield site


@pytest.fixture
def ann(chat: servers.Site) -> Person:
    return Person.sign_up(chat.url)


@pytest.fixture
def ben(chat: servers.Site) -> Person:
    return Person.sign_up(chat.url)


class Terminal:
    """Somebody's terminal: what they type, what it prints, and how it ends."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder, self.url = folder, url

    def run(self, *words: str, typed: str = "", env: dict[str, str | None] | None = None) -> Result:
        settings = {"CHATSITE_CONFIG": str(self.folder), "CHATSITE_TOKEN": None, "CHATSITE_URL": None, **(env or {})}
        return CliRunner(env=settings).invoke(main, words, input=typed.encode())

    def prints(self, *words: str, typed: str = "") -> str:
        """Run what has to succeed; return what it prints."""
        result = self.run(*words, typed=typed)
        assert result.exit_code == 0, result.output
        return result.stdout

    def log_in(self, person: Person) -> None:
        self.prints("login", self.url, "--user", person.name, "--password-stdin", typed=person.password)


@pytest.fixture
def terminal(tmp_path: Path, chat: servers.Site) -> Terminal:
    return Terminal(tmp_path / "config", chat.url)
