"""The child process that decodes pictures, seen from the site: started for the first picture, and replaced at times.

Decoders take memory by the pixel, not by the byte, and now and then have holes. So what people send is decoded in a
child (chatsite/files/decoder/) that may take MEMORY bytes and so many seconds, of which each process of the site has
one. Who would have to wait for too many others is told to come back.
"""

import logging
import os
import signal
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any

from chatsite.files.decoder import pipe

logger = logging.getLogger(__name__)

# Bytes of address space: of what is taken (images.py), the worst needs 350 MiB beside its file.
MEMORY = 512 * 1024**2
# The slowest picture that is taken costs 4 s; a slower machine, and one that is busy, takes longer.
CPU_SECONDS = 10.0
WALL_SECONDS = 30.0
# Pages show no picture of a larger file.
FILE_BYTES = 64 * 1024**2
# All pictures that are made of one file, together.
ANSWER_BYTES = 16 * 1024**2
# After so many pictures a new process takes over, without what leaked or what a crafted picture left behind.
PICTURES = 100
# Calls that are served or wait, and how many of them may be for one user (a page sends three files at once).
SLOTS = 8
SLOTS_OF_ONE = 2
# Seconds that a call waits for its turn at most.
WAIT_SECONDS = 30.0
# Bytes that travel at once.
PIECE = 128 * 1024

ROOT = Path(__file__).resolve().parents[2]
# What a system may need to start any program at all. Nothing else of the environment is the child's business.
KEPT_IN_ENVIRONMENT = ("LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH")

Answer = tuple[dict[str, Any], list[bytes]]


class BusyError(Exception):
    """Too many pictures wait, or the process has to be started again: the same picture may succeed in a moment."""


class FailedError(Exception):
    """The picture cannot be decoded: it is no picture, or it takes too much memory or time."""


class KilledError(Exception):
    """The process was killed from outside, perhaps not for this picture: by the system, when memory runs short."""


class Child:
    """One child process. It decodes one picture at a time."""

    def __init__(self, *, memory: int, cpu_seconds: float, wall_seconds: float) -> None:
        self.pictures = 0
        # The child has a clock of its own, so that it ends even if its parent was killed.
        self._limits = [str(each) for each in (memory, cpu_seconds, wall_seconds, FILE_BYTES)]
        self._wall_seconds = wall_seconds
        self._is_overdue = False
        environment = {name: os.environ[name] for name in KEPT_IN_ENVIRONMENT if name in os.environ}
        # It finds Pillow where this process does.
        environment["PYTHONPATH"] = os.pathsep.join([str(ROOT), *filter(None, sys.path)])
        self.process = subprocess.Popen(
            [sys.executable, "-P", "-s", "-m", "chatsite.files.decoder", *self._limits],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            cwd="/",
            env=environment,
        )
        assert self.process.stdin
        assert self.process.stdout
        self._to, self._from = self.process.stdin, self.process.stdout

    def is_ready(self) -> bool:
        with self._watched(), suppress(EOFError, OSError, ValueError):
            return pipe.read_json(self._from) == {"ready": True}
        return False

    @property
    def has_ended(self) -> bool:
        return self.process.poll() is not None

    def ask(self, kind: str, file: IO[bytes], size: int) -> Answer:
        """Send a picture and wait for what the process makes of it; raise why the process ended, if it did."""
        self.pictures += 1
        try:
            with self._watched():
                self._send(kind, file, size)
                return self._receive()
        except (EOFError, BrokenPipeError) as error:
            raise self._why_it_ended() from error
        except BaseException:
            # The pipe may hold half of a picture, or half of an answer.
            self.end()
            raise

    def _send(self, kind: str, file: IO[bytes], size: int) -> None:
        pipe.write(self._to, {"kind": kind})
        self._to.write(pipe.LENGTH.pack(size))
        left = size
        while left:
            piece = file.read(min(PIECE, left))
            if not piece:
                raise FailedError("the file ends too early")
            self._to.write(piece)
            left -= len(piece)
        self._to.flush()

    def _receive(self) -> Answer:
        try:
            answer, blobs, left = pipe.read_json(self._from), [], ANSWER_BYTES
            for _ in range(answer["blobs"]):
                blobs.append(pipe.read(self._from, left))
                left -= len(blobs[-1])
        except (ValueError, KeyError, TypeError) as error:
            raise FailedError("it answered nonsense") from error
        return answer, blobs

    @contextmanager
    def _watched(self) -> Iterator[None]:
        """End the process if it takes too long; the thread that waits for it then reads the end of the pipe."""
        timer = threading.Timer(self._wall_seconds, self._overdue)
        timer.daemon = True
        timer.start()
        try:
            yield
        finally:
            timer.cancel()

    def _overdue(self) -> None:
        self._is_overdue = True
        self.process.kill()

    def _why_it_ended(self) -> Exception:
        code = self.end()
        if code == -signal.SIGKILL and not self._is_overdue:
            return KilledError()
        return FailedError("it took too long" if self._is_overdue else f"the decoder ended with {code}")

    def end(self) -> int:
        """Kill the process and return its exit code; one that has ended by itself keeps its code."""
        if not self._is_overdue:
            # What ended by itself keeps its code.
            with suppress(subprocess.TimeoutExpired):
                return self._close(timeout=0.2)
        self.process.kill()
        return self._close(timeout=None)

    def _close(self, timeout: float | None) -> int:
        for end in (self._to, self._from):
            with suppress(OSError):
                end.close()
        return self.process.wait(timeout)


class Decoder:
    """A child at a time, for all threads of this process, and the queue before it."""

    def __init__(
        self, *, memory: int = MEMORY, cpu_seconds: float = CPU_SECONDS, wall_seconds: float = WALL_SECONDS
    ) -> None:
        self._new_child: Callable[[], Child] = lambda: Child(
            memory=memory, cpu_seconds=cpu_seconds, wall_seconds=wall_seconds
        )
        self.child: Child | None = None
        self._turn = threading.Lock()
        self._lock = threading.Lock()
        self._held: Counter[Hashable] = Counter()

    def ask(self, kind: str, file: IO[bytes], *, size: int, whose: Hashable) -> Answer:
        """Have a picture decoded. ``whose`` it is counts, so that nobody takes all slots."""
        if size > FILE_BYTES:
            raise FailedError(f"it has {size} bytes")
        with self._slot(whose):
            try:
                return self._ready_child().ask(kind, file, size)
            except KilledError:
                logger.warning("The process that decodes pictures was killed; the picture is tried once more.")
            file.seek(0)
            try:
                return self._ready_child().ask(kind, file, size)
            except KilledError as error:
                raise FailedError("the decoder was killed twice") from error

    def end(self) -> None:
        if self.child:
            self.child.end()
            self.child = None

    @contextmanager
    def _slot(self, whose: Hashable) -> Iterator[None]:
        with self._lock:
            if self._held.total() >= SLOTS or self._held[whose] >= SLOTS_OF_ONE:
                raise BusyError
            self._held[whose] += 1
        try:
            if not self._turn.acquire(timeout=WAIT_SECONDS):
                raise BusyError
            try:
                yield
            finally:
                self._turn.release()
        finally:
            with self._lock:
                self._held[whose] -= 1
                # Drops users without a slot.
                self._held = +self._held

    def _ready_child(self) -> Child:
        if self.child and (self.child.pictures >= PICTURES or self.child.has_ended):
            self.end()
        if self.child is None:
            try:
                self.child = self._new_child()
            except OSError as error:
                logger.error("The process that decodes pictures cannot be started: %s", error)
                raise BusyError from error
            if not self.child.is_ready():
                code = self.child.end()
                self.child = None
                logger.error("The process that decodes pictures ended at once, with %s.", code)
                raise BusyError
        return self.child
