"""Pictures that are made to take memory, processor time and everybody else's turn."""

import io
import os
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, connections
from django.test import Client

from accounts.actions import set_display_name, set_picture
from accounts.models import User
from rooms.models import Attachment, Room
from tests import servers
from tests.rooms.conftest import session_of
from tests.rooms.files import Sender, picture, ready_file, refusal
from tests.storage import Person

pytestmark = pytest.mark.security

MB = 1024 * 1024
TICK = os.sysconf("SC_CLK_TCK")
# 7070 × 7070 of one colour, as a lossless WebP.
BOMB = bytes.fromhex("524946461a000000574542505650384c0e0000002f9d5be706071011fd0f4444ff03")


def long_gif(frames: int = 200, side: int = 2048) -> bytes:
    """A GIF of 200 frames of 2048², which takes next to no bytes."""
    one = picture("GIF", (side, side))
    palette = 13 + 3 * 2 ** ((one[10] & 7) + 1)
    place = one.index(b",", palette)
    return one[:palette] + one[place:-1] * frames + b";"


class Load:
    """What a site's process, and those that it has started, have taken so far."""

    def __init__(self, site: servers.Site) -> None:
        assert site.process
        self.pid = site.process.pid

    @property
    def children(self) -> list[int]:
        return [
            int(pid)
            for task in Path(f"/proc/{self.pid}/task").iterdir()
            for pid in (task / "children").read_text().split()
        ]

    @staticmethod
    def peak(pid: int) -> float:
        """Megabytes that were resident at the most."""
        status = Path(f"/proc/{pid}/status").read_text()
        return int(next(line for line in status.splitlines() if line.startswith("VmHWM")).split()[1]) / 1024

    def cpu_seconds(self) -> float:
        times = (
            Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
            for pid in (self.pid, *self.children)
        )
        return sum(int(time) for pair in times for time in pair) / TICK


def sent(person: Person, data: bytes, name: str) -> Any:
    """Send a file, and return what it was found to be."""
    upload = person.begin(name, len(data))
    assert person.chunk(upload, 0, data) == 204
    return person.call("POST", f"{upload}/finish")


def guest_of(site: servers.Site) -> Person:
    nobody = Person(site.url, "guest", "none")
    nobody.headers.pop("X-Session-Token")
    return Person(site.url, "guest", nobody.call("POST", "/api/guests", {"display_name": "Gus"})["session_token"])


def test_a_few_bytes_that_are_fifty_million_pixels_cost_no_memory(site: servers.Site) -> None:
    guest, alice, load = guest_of(site), Person(site.url, "alice"), Load(site)
    alice.open_room()
    assert guest.ask("PUT", "/api/me/picture", picture())[0] == 200
    before = load.peak(load.pid)
    status, _headers, body = guest.ask("PUT", "/api/me/picture", BOMB)
    assert (status, b"picture_too_large" in body) == (422, True)
    assert load.peak(load.pid) - before < 20
    # As a file it is sent as it is, and nothing is made of it.
    file = sent(alice, BOMB, "a.webp")
    assert (file["kind"], file["view_url"]) == ("other", None)
    assert load.peak(load.pid) - before < 20
    (child,) = load.children
    assert load.peak(child) < 100


def test_a_small_moving_picture_of_many_frames_is_not_decoded_to_be_counted(site: servers.Site) -> None:
    bomb = long_gif()
    assert len(bomb) < 900_000
    alice, load = Person(site.url, "alice"), Load(site)
    alice.open_room()
    sent(alice, picture(), "a.png")
    before, cpu = load.peak(load.pid), load.cpu_seconds()
    file = sent(alice, bomb, "a.gif")
    # It stands still.
    assert (file["kind"], file["width"]) == ("image", 2048)
    assert load.cpu_seconds() - cpu < 2
    assert load.peak(load.pid) - before < 20


def test_the_largest_pictures_that_are_shown_cost_the_site_no_memory(site: servers.Site) -> None:
    alice, load = Person(site.url, "alice"), Load(site)
    alice.open_room()
    sent(alice, picture(), "a.png")
    before = load.peak(load.pid)
    # A telephone's best camera, and the screenshot of a large screen.
    photo = picture("JPEG", (8_160, 6_120), progressive=True, subsampling=0)
    assert sent(alice, photo, "a.jpg")["kind"] == "image"
    assert sent(alice, picture("PNG", (6_016, 3_384)), "b.png")["kind"] == "image"
    assert load.peak(load.pid) - before < 30
    (child,) = load.children
    assert load.peak(child) < 450


# --- The others' turn ------------------------------------------------------------------------------------------------


class Slow(io.BytesIO):
    """A picture that does not come, until it may."""

    def __init__(self) -> None:
        super().__init__(picture())
        self.came, self.may = threading.Event(), threading.Event()

    def read(self, size: int | None = -1) -> bytes:
        self.came.set()
        self.may.wait(60)
        return super().read(size)


def done(act: Any) -> None:
    try:
        act()
    finally:
        connections.close_all()


@pytest.mark.rules
@pytest.mark.django_db(transaction=True)
def test_nobody_waits_with_what_they_write_for_another_s_picture(alice: User, bob: User) -> None:
    """On SQLite, whoever is in a transaction keeps all others from theirs."""
    slow = Slow()
    with ThreadPoolExecutor(1) as pool:
        decoding = pool.submit(done, lambda: set_picture(bob, file=slow))
        try:
            assert slow.came.wait(60)
            with connection.cursor() as cursor:
                if connection.vendor == "sqlite":
                    # Not 20 s, which the fault would cost each time.
                    cursor.execute("PRAGMA busy_timeout = 100")
            set_display_name(alice, display_name="Alice A.")
        finally:
            slow.may.set()
        decoding.result()
    bob.refresh_from_db()
    assert bob.picture


@pytest.fixture
def full(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """As many pictures wait as may; ``undo()`` lets them go on."""
    monkeypatch.setattr("chatsite.files.decoder_process.SLOTS", 0)
    return monkeypatch


@pytest.mark.rules
@pytest.mark.django_db(transaction=True)
def test_who_finds_the_queue_full_is_told_when_to_come_back(bob: User, full: pytest.MonkeyPatch) -> None:
    client = Client(headers={"X-Session-Token": session_of(bob)})
    answer = client.put("/api/me/picture", data=picture(), content_type="image/png")
    assert refusal(answer) == (503, "pictures_busy")
    assert answer["Retry-After"] == "5"
    full.undo()
    assert client.put("/api/me/picture", data=picture(), content_type="image/png").status_code == 200


@pytest.mark.rules
@pytest.mark.django_db(transaction=True)
def test_an_upload_that_finds_the_queue_full_is_finished_later(room: Room, bob: User, full: pytest.MonkeyPatch) -> None:
    sender = Sender(bob, room)
    answer = sender.send(picture(), "a.png")
    assert refusal(answer) == (503, "pictures_busy")
    assert answer["Retry-After"] == "5"
    upload = Attachment.objects.get()
    assert (upload.state, upload.received, upload.stored) == ("uploading", upload.size, "")
    # What is no picture does not wait.
    assert ready_file(room, bob).is_whole
    full.undo()
    finished = sender.finish(str(upload.pk))
    assert (finished.status_code, finished.json()["kind"]) == (200, "image")
