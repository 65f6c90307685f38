"""Where the model of the protocol is played, and how it knows a row."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from dataclasses import dataclass
from typing import Any, TypeVar

from rooms.realtime import lifecycle
from tests.rooms.realtime.model_client import PATIENCE

T = TypeVar("T")


@dataclass
class Expected:
    """A row, as far as the model knows it."""

    kind: str
    author: str
    subject: str | None = None
    body: str | None = None
    target: int | None = None


class World:
    """An event loop in a thread of its own, on which the application runs while the test calls the API beside it."""

    def __init__(self) -> None:
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever)
        self._thread.start()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        running: Future[T] = asyncio.run_coroutine_threadsafe(work, self.loop)
        return running.result(PATIENCE * 3)

    def stop(self) -> None:
        self.run(lifecycle.stop())
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()
