"""Whom the attacks are tried as, and the one room that they are tried in."""

import itertools
import random
import secrets
import statistics
import string
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import requests

from tests.security.attack.client import TIMEOUT, Client, code_of
from tests.security.attack.mail import Mailbox

PASSWORD = "correct horse battery " + secrets.token_hex(4)
LOOPBACK = ("127.0.0.1", "localhost")
# Tries until a delay is believed: one may be the machine's own.
TRIES = 3
# Seconds that /healthz may wait beside anything, and how many times as long as beside nothing.
PATIENCE = 0.5
TIMES_QUIET = 20


class NotTriedError(Exception):
    """What an attack lacks here."""


@dataclass
class Person:
    username: str
    password: str
    client: Client
    # Of a guest there is neither username nor password.
    is_ours: bool = True

    @property
    def email(self) -> str:
        return f"{self.username}@example.org"


@dataclass
class Scene:
    url: str
    given: list[tuple[str, str]] = field(default_factory=list)
    staff: tuple[str, str] | None = None
    # Seconds that attacks may wait for something to become old.
    patience: float = 0
    # Where the site's mail arrives, if it arrives with us.
    mail: Mailbox | None = None

    def __post_init__(self) -> None:
        # One address after the other, so that no attack uses up another's limit; from far away there is but one.
        start = random.randrange(256, 60_000)
        self._addresses = itertools.count(start) if urlsplit(self.url).hostname in LOOPBACK else None
        self._clients: list[Client] = []
        self._members: list[Person] = []
        self._guests: list[Person] = []
        self._room = ""
        self._quiet = 0.0

    # --- People -----------------------------------------------------------------------------------------------------

    def visitor(self) -> Client:
        """Somebody new."""
        client = Client(self.url, self._next_address())
        self._clients.append(client)
        return client

    def line(self) -> HTTPConnection:
        """A connection of its own, for who asks before others are answered."""
        parts = urlsplit(self.url)
        kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
        address = self._next_address()
        return kind(parts.netloc, timeout=TIMEOUT, source_address=(address, 0) if address else None)

    def _next_address(self) -> str | None:
        if self._addresses is None:
            return None
        number = next(self._addresses)
        return f"127.{number >> 16 & 255}.{number >> 8 & 255}.{number & 255 or 1}"

    def many_visitors(self, count: int) -> list[Client]:
        """As many, each from an address of their own."""
        if self._addresses is None:
            raise NotTriedError("it takes many addresses, and this machine has one towards that site")
        return [self.visitor() for _ in range(count)]

    def members(self, count: int) -> list[Person]:
        """Return so many people with accounts: the given ones, or else new ones."""
        while len(self._members) < count:
            self._members.append(self._sign_up() if not self.given else self._log_in())
        return self._members[:count]

    @property
    def member(self) -> Person:
        return self.members(1)[0]

    def new_member(self) -> Person:
        """Return somebody with an account whom no other attack knows."""
        person = self._sign_up() if not self.given else self._log_in()
        self._members.append(person)
        return person

    def _sign_up(self) -> Person:
        name = new_name()
        person = Person(name, PASSWORD, self.visitor())
        answer = person.client.app("auth/signup", username=name, email=person.email, password=PASSWORD)
        if not person.client.come_in_by(answer):
            raise NotTriedError(f"nobody can sign up here ({code_of(answer)}): give --user NAME:PASSWORD")
        return person

    def _log_in(self) -> Person:
        taken = sum(not person.is_ours for person in self._members)
        if taken >= len(self.given):
            raise NotTriedError("it takes one --user more")
        name, password = self.given[taken]
        client = self.visitor()
        answer = client.app("auth/login", username=name, password=password)
        if not client.come_in_by(answer):
            raise SystemExit(f"{name} could not log in: {code_of(answer)}")
        return Person(name, password, client, is_ours=False)

    @property
    def guest(self) -> Person:
        if not self._guests:
            self._guests.append(self.new_guest())
        return self._guests[0]

    def new_guest(self) -> Person:
        client = self.visitor()
        answer = client.post("/api/guests", json={"display_name": "A guest"})
        if answer.status_code != 201:
            raise NotTriedError(f"guests do not get in here ({code_of(answer)})")
        client.headers["X-Session-Token"] = answer.json()["session_token"]
        return Person("", "", client)

    def browser_of(self, person: Person) -> Client:
        """Sign somebody in by the page."""
        client = self.visitor()
        answer = client.send_form("/accounts/login/", login=person.username, password=person.password)
        if answer.status_code != 302:
            raise NotTriedError(f"the log-in page did not let {person.username} in ({answer.status_code})")
        return client

    # --- A room -----------------------------------------------------------------------------------------------------

    @property
    def room(self) -> str:
        """The API's address of a public room whose admin is the first member."""
        if not self._room:
            self._room = f"/api/rooms/{self.new_room(self.member)}"
        return self._room

    def new_room(self, admin: Person, kind: str = "public") -> str:
        answer = admin.client.post("/api/rooms", json={"name": f"Attacked {new_name()}", "kind": kind})
        if answer.status_code != 201:
            raise NotTriedError(f"no room could be opened ({code_of(answer)})")
        return str(answer.json()["id"])

    def clean_up(self) -> None:
        """Leave as little behind as the site lets one."""
        with suppress(requests.RequestException, NotTriedError):
            if self._room:
                self.member.client.delete(self._room)
            for person in self._members:
                if person.is_ours:
                    self.browser_of(person).send_form("/accounts/delete/", proof=person.password)
        for client in self._clients:
            client.close()

    # --- Time -------------------------------------------------------------------------------------------------------

    @property
    def quiet(self) -> float:
        """Seconds that ``/healthz`` takes while nothing is going on."""
        if not self._quiet:
            client = self.visitor()
            self._quiet = statistics.median(seconds_of(lambda: client.get("/healthz")) for _ in range(20))
        return self._quiet

    def stalls(self, act: Callable[[], requests.Response]) -> tuple[str, bool]:
        """Whether ``/healthz`` waits beside it, each time that it is done."""
        limit = max(PATIENCE, TIMES_QUIET * self.quiet)
        waited = 0.0
        for _ in range(TRIES):
            waited, answer = self._beside(act)
            if answer.status_code == 429:
                raise NotTriedError("the site has had enough of us: come back in some minutes")
            seen = f"{code_of(answer)}; /healthz waited {waited * 1000:.0f} ms beside it"
            if answer.status_code >= 500:
                return seen, True
            if waited < limit:
                return seen, False
        return (
            f"/healthz waited {waited * 1000:.0f} ms beside it, {waited / self.quiet:.0f} times as long as else",
            True,
        )

    def _beside(self, act: Callable[[], requests.Response]) -> tuple[float, requests.Response]:
        client, stop = self.visitor(), threading.Event()
        client.get("/healthz")
        waits: list[float] = []

        def watch() -> None:
            while not stop.is_set():
                waits.append(seconds_of(lambda: client.get("/healthz")))
                stop.wait(0.02)

        watcher = threading.Thread(target=watch)
        watcher.start()
        try:
            answer = act()
        finally:
            stop.set()
            watcher.join()
        return max(waits), answer


def seconds_of(act: Callable[[], Any]) -> float:
    begun = time.perf_counter()
    act()
    return time.perf_counter() - begun


def new_name() -> str:
    return "x" + "".join(random.choices(string.ascii_lowercase, k=9))
