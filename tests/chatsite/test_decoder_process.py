"""The process that decodes pictures: killed, hanging, out of memory, alone without its parent. The next one works."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import IO, Any

import pytest

from chatsite.files import decoder_process
from chatsite.files.decoder_process import BusyError, Decoder, FailedError
from tests import servers
from tests.rooms.files import picture

pytestmark = pytest.mark.security

MB = 1024 * 1024
SMALL = picture()


@pytest.fixture(scope="module")
def large() -> bytes:
    """A picture that takes a second, and 100 MiB."""
    return picture("PNG", (5_000, 5_000))


@pytest.fixture
def new_decoder() -> Iterator[Callable[..., Decoder]]:
    made: list[Decoder] = []

    def new(**limits: Any) -> Decoder:
        made.append(Decoder(**limits))
        return made[-1]

    yield new
    for decoder in made:
        decoder.end()


def portrait(decoder: Decoder, data: bytes = SMALL, file: IO[bytes] | None = None, whose: object = 1) -> bytes:
    answer, blobs = decoder.ask("portrait", file or io.BytesIO(data), size=len(data), whose=whose)
    assert "problem" not in answer, answer
    return blobs[0]


def pid_of(decoder: Decoder) -> int:
    assert decoder.child
    return decoder.child.process.pid


class Then(io.BytesIO):
    """A file at whose end something happens, so many times: the child has a picture that it cannot finish yet."""

    def __init__(self, data: bytes, act: Callable[[], object], times: int = 1) -> None:
        super().__init__(data)
        self.act, self.times = act, times

    def read(self, size: int | None = -1) -> bytes:
        piece = super().read(size)
        if self.tell() == len(self.getvalue()) and self.times:
            self.times -= 1
            self.act()
        return piece


def test_one_process_decodes_many_pictures_and_then_another_does(
    new_decoder: Callable[..., Decoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder_process, "PICTURES", 3)
    decoder = new_decoder()
    pids = []
    for _ in range(7):
        portrait(decoder)
        pids.append(pid_of(decoder))
    assert [pids.count(pid) for pid in dict.fromkeys(pids)] == [3, 3, 1]


def test_a_process_that_is_killed_in_the_middle_is_replaced_and_the_picture_tried_once_more(
    new_decoder: Callable[..., Decoder],
) -> None:
    decoder = new_decoder()
    portrait(decoder)
    first = pid_of(decoder)
    assert portrait(decoder, file=Then(SMALL, lambda: os.kill(first, signal.SIGKILL)))
    assert pid_of(decoder) != first


def test_a_process_that_is_killed_twice_is_the_picture_s_fault(new_decoder: Callable[..., Decoder]) -> None:
    decoder = new_decoder()
    with pytest.raises(FailedError):
        portrait(decoder, file=Then(SMALL, lambda: os.kill(pid_of(decoder), signal.SIGKILL), times=2))
    assert portrait(decoder)


def test_a_process_that_was_killed_between_two_pictures_is_not_missed(new_decoder: Callable[..., Decoder]) -> None:
    decoder = new_decoder()
    portrait(decoder)
    os.kill(pid_of(decoder), signal.SIGKILL)
    assert portrait(decoder)


def test_a_decoder_that_crashes_is_replaced(new_decoder: Callable[..., Decoder]) -> None:
    decoder = new_decoder()
    with pytest.raises(FailedError):
        portrait(decoder, file=Then(SMALL, lambda: os.kill(pid_of(decoder), signal.SIGSEGV)))
    assert portrait(decoder)


def test_a_process_that_hangs_is_ended(new_decoder: Callable[..., Decoder]) -> None:
    decoder = new_decoder(wall_seconds=2)
    portrait(decoder)
    stopped = pid_of(decoder)
    with pytest.raises(FailedError):
        portrait(decoder, file=Then(SMALL, lambda: os.kill(stopped, signal.SIGSTOP)))
    assert not Path(f"/proc/{stopped}").exists()
    assert portrait(decoder)


def test_a_picture_that_takes_too_much_of_the_processor_is_given_up(
    new_decoder: Callable[..., Decoder], large: bytes
) -> None:
    decoder = new_decoder(cpu_seconds=0.1)
    with pytest.raises(FailedError):
        portrait(decoder, large)
    assert portrait(decoder)


def test_a_picture_that_takes_too_much_memory_is_none(new_decoder: Callable[..., Decoder], large: bytes) -> None:
    decoder = new_decoder(memory=100 * MB)
    answer, _blobs = decoder.ask("shown", io.BytesIO(large), size=len(large), whose=1)
    assert answer["problem"] == "broken"
    assert "MemoryError" in answer["why"]
    assert portrait(decoder)


def test_a_file_that_ends_too_early_leaves_nothing_in_the_pipe(new_decoder: Callable[..., Decoder]) -> None:
    decoder = new_decoder()
    with pytest.raises(FailedError):
        decoder.ask("shown", io.BytesIO(SMALL), size=len(SMALL) + 1, whose=1)
    assert portrait(decoder)


def test_a_file_that_is_too_large_is_not_even_read(new_decoder: Callable[..., Decoder]) -> None:
    decoder = new_decoder()
    with pytest.raises(FailedError):
        decoder.ask("shown", io.BytesIO(), size=decoder_process.FILE_BYTES + 1, whose=1)
    assert decoder.child is None


def test_where_no_process_can_be_started_one_is_told_to_come_back(
    new_decoder: Callable[..., Decoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    decoder = new_decoder()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "executable", "/nowhere/python")
        with pytest.raises(BusyError):
            portrait(decoder)
        # One that starts, and comes to nothing.
        patch.setattr(sys, "executable", "/bin/false")
        with pytest.raises(BusyError):
            portrait(decoder)
    assert portrait(decoder)


def test_the_process_knows_nothing_of_the_site(
    new_decoder: Callable[..., Decoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SECRET_KEY", "a secret")
    inherited = os.pipe()
    for end in inherited:
        os.set_inheritable(end, True)
    decoder = new_decoder()
    portrait(decoder)
    place = Path(f"/proc/{pid_of(decoder)}")
    assert b"SECRET_KEY" not in (place / "environ").read_bytes()
    opened = {str(file.readlink()) for file in (place / "fd").iterdir()}
    # Its two pipes, and nothing.
    assert len([name for name in opened if name.startswith("pipe:")]) == 2
    assert {name for name in opened if not name.startswith("pipe:")} == {"/dev/null"}
    assert "django" not in (place / "maps").read_text()
    for end in inherited:
        os.close(end)


# --- The queue -------------------------------------------------------------------------------------------------------


class Held(io.BytesIO):
    """A file that does not come, until it may."""

    def __init__(self) -> None:
        super().__init__(SMALL)
        self.came, self.may = threading.Event(), threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        self.came.set()
        self.may.wait(60)
        return super().read(size)


def test_a_full_queue_is_told_at_once_and_everybody_in_it_is_served(new_decoder: Callable[..., Decoder]) -> None:
    decoder, held = new_decoder(), Held()
    with ThreadPoolExecutor(decoder_process.SLOTS) as pool:
        first = pool.submit(portrait, decoder, SMALL, held, "first")
        assert held.came.wait(60)
        waiting = [pool.submit(portrait, decoder, whose=number) for number in range(decoder_process.SLOTS - 1)]
        servers.wait_until(lambda: decoder._held.total() == decoder_process.SLOTS, 60)
        with pytest.raises(BusyError):
            portrait(decoder, whose="late")
        held.may.set()
        assert all(task.result() for task in (first, *waiting))
    assert portrait(decoder, whose="late")


def test_nobody_takes_all_slots(new_decoder: Callable[..., Decoder]) -> None:
    decoder, held = new_decoder(), Held()
    with ThreadPoolExecutor(decoder_process.SLOTS) as pool:
        mine = [pool.submit(portrait, decoder, SMALL, held, "greedy")]
        assert held.came.wait(60)
        mine += [pool.submit(portrait, decoder, whose="greedy") for _ in range(decoder_process.SLOTS_OF_ONE - 1)]
        servers.wait_until(lambda: decoder._held["greedy"] == decoder_process.SLOTS_OF_ONE, 60)
        with pytest.raises(BusyError):
            portrait(decoder, whose="greedy")
        another = pool.submit(portrait, decoder, whose="another")
        servers.wait_until(lambda: decoder._held["another"] == 1, 60)
        held.may.set()
        assert another.result()
        assert all(task.result() for task in mine)


def test_a_turn_that_does_not_come_is_not_waited_for_without_end(
    new_decoder: Callable[..., Decoder], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(decoder_process, "WAIT_SECONDS", 0.1)
    decoder, held = new_decoder(), Held()
    with ThreadPoolExecutor(1) as pool:
        first = pool.submit(portrait, decoder, SMALL, held, "first")
        assert held.came.wait(60)
        with pytest.raises(BusyError):
            portrait(decoder, whose="second")
        held.may.set()
        assert first.result()


# --- The parent's end ------------------------------------------------------------------------------------------------

PARENT = """
import io, sys, time
from chatsite.files.decoder_process import Decoder
from tests.rooms.files import picture
decoder, data = Decoder(), picture("PNG", (4_900, 4_900)) if sys.argv[1] == "busy" else picture()
decoder.ask("portrait", io.BytesIO(picture()), size=len(picture()), whose=1)
print(decoder.child.process.pid, flush=True)
while sys.argv[1] == "busy":
    decoder.ask("shown", io.BytesIO(data), size=len(data), whose=1)
time.sleep(600)
"""


@pytest.mark.parametrize("state", ["idle", "busy"])
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_the_process_ends_when_its_parent_does(state: str, number: signal.Signals, tmp_path: Path) -> None:
    environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "chatsite.settings", "CHATSITE_DATA": str(tmp_path)}
    with subprocess.Popen(
        [sys.executable, "-c", f"import django; django.setup()\n{PARENT}", state],
        cwd=servers.PROJECT, env=environment, stdout=subprocess.PIPE,
    ) as parent:  # fmt: skip
        assert parent.stdout
        child = Path("/proc") / parent.stdout.readline().decode().strip()
        assert child.exists()
        if state == "busy":
            time.sleep(0.3)
        parent.send_signal(number)
        parent.wait()
    servers.wait_until(lambda: has_ended(child), 60)


def has_ended(process: Path) -> bool:
    try:
        # An orphan may stay as a zombie until somebody asks for its code.
        return (process / "stat").read_text().rpartition(")")[2].split()[0] == "Z"
    except FileNotFoundError:
        return True
