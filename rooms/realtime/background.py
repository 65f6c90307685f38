"""Work beside requests on one event loop: tasks that go on, and calls that come from other threads."""

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any

logger = logging.getLogger(__name__)

Work = Callable[[], Coroutine[Any, Any, None]]


class BackgroundTasks:
    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Let work go on in the background; return its task, which is cancelled with the others."""
        task = self._loop.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    def every(self, seconds: float, work: Work) -> asyncio.Task[None]:
        """Do ``work`` each so many seconds, counted from the end of the time before; an error does not end it."""
        return self.start(self._repeat(seconds, work))

    async def attempt(self, work: Work) -> None:
        """Do ``work`` once, and log what it raises."""
        try:
            await work()
        except Exception:
            # The next time may succeed. Without a next time nothing would be noticed any more.
            logger.warning("%s failed", work.__qualname__, exc_info=True)

    async def stop(self) -> None:
        """Cancel all tasks and wait for their end."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _repeat(self, seconds: float, work: Work) -> None:
        while True:
            await asyncio.sleep(seconds)
            await self.attempt(work)


class CallQueue:
    """Calls from any thread, made on the loop in their order; many calls wake the loop once.

    ``then`` is called after each batch of calls.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop, *, then: Callable[[], None]) -> None:
        self._loop = loop
        self._then = then
        self._calls: deque[tuple[Callable[..., None], tuple[Any, ...]]] = deque()
        self._woken = False
        # True while a batch is being called.
        self.is_running = False

    def call(self, function: Callable[..., None], *args: Any) -> None:
        """Have a function called on the event loop, in the order of the calls; from any thread, without waiting."""
        self._calls.append((function, args))
        if not self._woken:
            self._woken = True
            self._loop.call_soon_threadsafe(self._run)

    def _run(self) -> None:
        self._woken, self.is_running = False, True
        for _call in range(len(self._calls)):
            function, args = self._calls.popleft()
            try:
                function(*args)
            except Exception:
                # The calls that wait behind it are other users' messages and answers.
                logger.exception("A call into the hub failed")
        self.is_running = False
        self._then()
