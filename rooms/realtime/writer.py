"""The writer: one thread that appends all waiting posts in one transaction (group commit).

It is ours because a commit to disk costs milliseconds, and in a busy room a hundred posts share one. A lone post waits
for nothing; posts that arrive while a commit runs share the next one.
"""

import logging
import queue
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future

from django.db import DatabaseError, InterfaceError, OperationalError, connections

from rooms import errors
from rooms.actions.messages import post_messages
from rooms.actions.posts import Post, Posted
from rooms.realtime.metrics import counts
from rooms.realtime.threads import with_connection

logger = logging.getLogger(__name__)

Answer = Posted | errors.RoomError
Reply = Callable[[Answer], None]

# Posts in one transaction: a larger batch gains nothing and delays its first post.
MAX_BATCH = 256
# Posts that may wait. Beyond them a sender is told to try again, rather than kept waiting for longer than they would.
MAX_WAITING = 10_000


class Writer:
    """Takes posts from any thread. Each post's ``reply`` is called in the writer's thread, once it is stored or not."""

    def __init__(self) -> None:
        self._waiting: queue.SimpleQueue[tuple[Post, Reply] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._starting = threading.Lock()

    def submit(self, post: Post, reply: Reply) -> None:
        """Queue a post; waits for nothing. If too many wait, ``reply`` is called at once, with ``TryAgain``."""
        if self._waiting.qsize() >= MAX_WAITING:
            reply(errors.TryAgain())
            return
        self._waiting.put((post, reply))
        if self._thread is None:
            self._start()

    @property
    def waiting(self) -> int:
        """Return how many posts wait to be stored."""
        return self._waiting.qsize()

    def post(self, post: Post) -> Posted:
        """Store one post, and wait without limit until it is committed: for request threads, never on the event loop.

        Raises the ``RoomError`` by which the post is refused; ``TryAgain`` if the database does not answer.
        """
        future: Future[Answer] = Future()
        self.submit(post, future.set_result)
        answer = future.result()
        if isinstance(answer, errors.RoomError):
            raise answer
        return answer

    def stop(self) -> None:
        """Store the waiting posts, end the thread, and wait for its end; a later post starts a new one."""
        with self._starting:
            thread, self._thread = self._thread, None
            if thread is not None:
                self._waiting.put(None)
                thread.join()

    def _start(self) -> None:
        with self._starting:
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="chatsite-writer", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        try:
            while batch := self._gather():
                self._append(batch)
        finally:
            connections.close_all()

    def _gather(self) -> list[tuple[Post, Reply]]:
        """Wait for a post, and take the others that wait behind it; an empty list means stop."""
        item = self._waiting.get()
        batch = []
        while item is not None:
            batch.append(item)
            if len(batch) == MAX_BATCH:
                break
            try:
                item = self._waiting.get_nowait()
            except queue.Empty:
                break
        else:
            if batch:
                # The order to stop came behind these posts: put it back behind them.
                self._waiting.put(None)
        return batch

    def _append(self, batch: list[tuple[Post, Reply]]) -> None:
        began = time.monotonic()
        answers = self._store([post for post, _ in batch])
        counts.commit.observe(time.monotonic() - began)
        for (_, reply), answer in zip(batch, answers, strict=True):
            counts.posts[_name_of(answer)] += 1
            try:
                reply(answer)
            except Exception:
                logger.exception("A poster could not be answered")

    def _store(self, posts: list[Post]) -> list[Answer]:
        try:
            return list(with_connection(post_messages, posts))
        except errors.ReadOnly as refusal:
            return [refusal for _ in posts]
        except Exception as error:
            if len(posts) > 1 and not isinstance(error, OperationalError | InterfaceError):
                # One bad post must fail alone. (A database that is away is no post's fault: to ask it once for each
                # would keep everybody waiting for as many time-outs.)
                return [answer for post in posts for answer in self._store([post])]
            logger.error("%d posts could not be stored: %s", len(posts), error, exc_info=not _is_database(error))
            return [errors.TryAgain() for _ in posts]


def _name_of(answer: Answer) -> str:
    if isinstance(answer, errors.RoomError):
        return answer.code
    return "stored" if answer.created else "repeated"


def _is_database(error: Exception) -> bool:
    return isinstance(error, DatabaseError | InterfaceError)


writer = Writer()
