"""Answers that are the same for everybody: sent again as they were, to those alone who would have been given them."""

import http.client
from collections.abc import Sequence
from contextlib import closing
from typing import Any

import pytest

from chatsite.http import answer_cache
from chatsite.http.answer_cache import AnswerCache
from tests import servers

HOST = [(b"host", b"chat.example.org")]


class Pages:
    """An application that counts how often it is asked."""

    def __init__(self, status: int = 200, headers: Sequence[tuple[bytes, bytes]] = (), body: bytes = b"words") -> None:
        self.asked = 0
        self.status, self.headers, self.body = status, headers, body

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.asked += 1
        half = len(self.body) // 2
        await send({"type": "http.response.start", "status": self.status, "headers": list(self.headers)})
        await send({"type": "http.response.body", "body": self.body[:half], "more_body": True})
        await send({"type": "http.response.body", "body": self.body[half:]})


def cached(pages: Pages) -> AnswerCache:
    return AnswerCache(pages, folder="/static/", paths=frozenset({"/healthz"}))


async def ask(cache: AnswerCache, path: str, *headers: tuple[bytes, bytes], **scope: Any) -> list[Any]:
    sent: list[Any] = []

    async def send(message: Any) -> None:
        sent.append(message)

    of_all = {"type": "http", "method": "GET", "scheme": "http", "path": path, "query_string": b""}
    await cache({**of_all, "headers": [*HOST, *headers], **scope}, None, send)
    return sent


async def test_the_second_who_asks_gets_what_the_first_got() -> None:
    pages = Pages(headers=((b"content-type", b"text/css"),))
    cache = cached(pages)
    first = await ask(cache, "/static/a.css")
    assert await ask(cache, "/static/a.css") == first
    assert b"".join(message.get("body", b"") for message in first) == b"words"
    assert pages.asked == 1


@pytest.mark.parametrize(
    ("path", "headers", "scope"),
    [
        ("/static/b.css", [], {}),
        ("/static/a.css", [(b"accept-encoding", b"br")], {}),
        ("/static/a.css", [(b"x-forwarded-proto", b"https")], {}),
        ("/static/a.css", [], {"scheme": "https"}),
        ("/static/a.css", [], {"headers": [(b"host", b"other.example.org")]}),
    ],
    ids=["file", "encoding", "proxy", "scheme", "host"],
)
async def test_who_asks_differently_is_not_given_the_same(path: str, headers: Any, scope: Any) -> None:
    pages = Pages()
    cache = cached(pages)
    await ask(cache, "/static/a.css")
    await ask(cache, path, *headers, **scope)
    assert pages.asked == 2


@pytest.mark.parametrize(
    ("path", "headers", "scope"),
    [
        ("/rooms/", [], {}),
        ("/healthz", [(b"cookie", b"sessionid=1")], {}),
        ("/healthz", [], {"method": "HEAD"}),
        ("/healthz", [], {"query_string": b"x=1"}),
        ("/static/a.css", [(b"if-none-match", b'"1"')], {}),
        ("/static/a.css", [(b"range", b"bytes=0-1")], {}),
        ("/static/a.css", [(b"accept-encoding", b"x" * 2_000)], {}),
    ],
    ids=["page", "cookie", "HEAD", "query", "condition", "range", "long"],
)
async def test_what_is_for_one_alone_is_asked_for_each_time(path: str, headers: Any, scope: Any) -> None:
    pages = Pages()
    cache = cached(pages)
    for _ in range(2):
        await ask(cache, path, *headers, **scope)
    assert pages.asked == 2


@pytest.mark.parametrize("pages", [Pages(404), Pages(206), Pages(headers=((b"Set-Cookie", b"a=b"),))])
async def test_a_refusal_and_a_cookie_are_not_kept(pages: Pages) -> None:
    cache = cached(pages)
    for _ in range(2):
        await ask(cache, "/static/a.css")
    assert pages.asked == 2


async def test_what_was_asked_for_longest_ago_makes_room(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answer_cache, "KEPT_BYTES", 2 * (answer_cache.OVERHEAD_BYTES + 100))
    pages = Pages(body=b"x" * 100)
    cache = cached(pages)
    for path in ("/static/a", "/static/b", "/static/a", "/static/c"):
        await ask(cache, path)
    assert pages.asked == 3
    await ask(cache, "/static/a")
    assert pages.asked == 3
    await ask(cache, "/static/b")
    assert pages.asked == 4


def test_a_site_answers_the_same_again_each_time_under_an_id_of_its_own(site: servers.Site) -> None:
    ids, answers = [], []
    for _ in range(2):
        with closing(http.client.HTTPConnection(servers.HOST, site.port)) as connection:
            connection.request("GET", "/healthz")
            answer = connection.getresponse()
            headers = {name.lower(): value for name, value in answer.getheaders()}
            ids.append(headers.pop("x-request-id"))
            answers.append((headers, answer.read()))
    assert answers[0] == answers[1]
    assert ids[0] != ids[1]
    assert answers[0][0]["cache-control"].startswith("max-age=0")
