"""Somebody who has an account, and what comes to them."""

import asyncio
from collections.abc import Callable
from ipaddress import IPv4Address
from typing import NamedTuple, Self
from uuid import uuid4

from chatsite_client import Api, Live, Message, News, Reset, Rows

from tests.scripts import PASSWORD, PATIENCE, Script


class Person(NamedTuple):
    name: str
    url: str
    token: str
    password: str = PASSWORD

    @classmethod
    def sign_up(cls, url: str) -> Self:
        # No two of them look alike: names that do are refused.
        name = f"p{uuid4().hex[:12].translate(str.maketrans('0156', 'kmnp'))}"
        address = IPv4Address(int(IPv4Address("10.0.0.0")) + uuid4().int % 2**24)
        return cls(name, url, Script(url, name, address=str(address)).token)

    def api(self, patience: float = 10.0) -> Api:
        return Api(self.url, token=self.token, patience=patience)


class Ear:
    """Takes what a live connection tells: ``async with Ear(live) as ear``."""

    def __init__(self, live: Live) -> None:
        self._live = live
        self.news: list[News] = []
        self._more = asyncio.Event()

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._listen())
        return self

    async def __aexit__(self, *exc_info: object) -> None:
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)

    async def _listen(self) -> None:
        try:
            async for news in self._live:
                self.news.append(news)
                self._more.set()
        finally:
            self._more.set()

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE):
            while not condition():
                self._more.clear()
                await self._more.wait()

    def rows(self) -> list[Message]:
        return [row for news in self.news if isinstance(news, (Rows, Reset)) for row in news.rows]

    def words(self) -> list[str]:
        return [row["body"] for row in self.rows() if row["kind"] == "text"]

    def told(self, kind: type) -> bool:
        return any(isinstance(news, kind) for news in self.news)
