"""Fetching files: who may, how they are served, and in which parts."""

import io
from typing import Any
from urllib.parse import quote

import pytest
from django.test import override_settings
from PIL import Image

from accounts.models import User
from rooms.actions.memberships import join_room, leave_room, remove_member
from rooms.actions.rooms import delete_room
from rooms.models import Room
from tests.rooms.files import ARABIC, Sender, content_of, picture, posted_file, ready_file, refusal

pytestmark = [pytest.mark.rules, pytest.mark.django_db(transaction=True)]

WAV = b"RIFF\x24\0\0\0WAVEfmt \x10\0\0\0\x01\0\x01\0\x40\x1f\0\0\x80\x3e\0\0\x02\0\x10\0data\0\0\0\0"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>'
# More than is sent at once.
LONG = bytes(range(256)) * 2_000


def shows(file: Any) -> set[str]:
    return {name for name in ("view", "thumbnail", "preview") if file[f"{name}_url"]}


def test_a_member_saves_a_file_under_its_name(room: Room, alice: User, bob: User) -> None:
    row = posted_file(room, bob, LONG, ARABIC.replace("png", "bin"))
    answer = Sender(alice, room).ask("get", f"/api/files/{row.attachment_id}")
    assert answer.status_code == 200
    assert content_of(answer) == LONG
    assert answer["Content-Length"] == str(len(LONG))
    assert answer["Content-Disposition"] == f"attachment; filename*=utf-8''{quote(ARABIC.replace('png', 'bin'))}"
    assert answer["Content-Type"] == "application/octet-stream"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "sandbox; default-src 'none'; frame-ancestors 'none'"
    assert answer["Cache-Control"] == "private, no-cache"


def test_an_id_is_no_key(den: Room, alice: User, bob: User, charlie: User) -> None:
    row = posted_file(den, bob, picture(), "a.png")
    addresses = [f"/api/files/{row.attachment_id}{part}" for part in ("", "/view", "/thumbnail")]
    for address in addresses:
        assert Sender(alice, den).ask("get", address).status_code == 200
        assert refusal(Sender(charlie, den).ask("get", address)) == (404, "no_such_file")
    remove_member(den, actor=alice, user=bob)
    for address in addresses:
        assert refusal(Sender(bob, den).ask("get", address)) == (404, "no_such_file")
    delete_room(den, actor=alice)
    for address in addresses:
        assert refusal(Sender(alice, den).ask("get", address)) == (404, "no_such_file")


def test_a_former_member_of_a_public_room_fetches_none_of_its_files(room: Room, bob: User, charlie: User) -> None:
    row = posted_file(room, bob)
    address = f"/api/files/{row.attachment_id}"
    assert refusal(Sender(charlie, room).ask("get", address)) == (404, "no_such_file")
    join_room(room, actor=charlie)
    assert Sender(charlie, room).ask("get", address).status_code == 200
    leave_room(room, actor=charlie)
    assert refusal(Sender(charlie, room).ask("get", address)) == (404, "no_such_file")


def test_a_file_that_is_not_posted_is_its_owner_s_alone(room: Room, alice: User, bob: User) -> None:
    address = f"/api/files/{ready_file(room, bob).pk}"
    assert Sender(bob, room).ask("get", address).status_code == 200
    assert refusal(Sender(alice, room).ask("get", address)) == (404, "no_such_file")


@pytest.mark.parametrize(
    ("wanted", "status", "part"),
    [
        ("bytes=0-4", 206, slice(0, 5)),
        ("bytes=5-", 206, slice(5, None)),
        ("bytes=-3", 206, slice(-3, None)),
        ("bytes=0-999999999", 206, slice(None)),
        ("bytes=0-1,4-5", 200, slice(None)),
        ("lines=1-2", 200, slice(None)),
        ("bytes=9-3", 200, slice(None)),
    ],
)
def test_a_part_is_asked_for(room: Room, bob: User, wanted: str, status: int, part: slice) -> None:
    row = posted_file(room, bob, LONG, "a.bin")
    answer = Sender(bob, room).ask("get", f"/api/files/{row.attachment_id}", Range=wanted)
    assert answer.status_code == status
    assert content_of(answer) == LONG[part]
    if status == 206:
        start, stop, _step = part.indices(len(LONG))
        assert answer["Content-Range"] == f"bytes {start}-{stop - 1}/{len(LONG)}"


def test_a_part_that_there_is_not_is_refused(room: Room, bob: User) -> None:
    row = posted_file(room, bob, b"Hello")
    answer = Sender(bob, room).ask("get", f"/api/files/{row.attachment_id}", Range="bytes=5-")
    assert refusal(answer) == (416, "no_such_part")
    assert answer["Content-Range"] == "bytes */5"


def test_a_file_that_the_browser_has_is_not_sent_again(room: Room, alice: User, bob: User) -> None:
    row = posted_file(room, bob, LONG, "a.bin")
    sender, address = Sender(alice, room), f"/api/files/{row.attachment_id}"
    etag = sender.ask("get", address)["ETag"]
    assert sender.ask("get", address, **{"If-None-Match": etag}).status_code == 304
    assert sender.ask("get", address, **{"If-None-Match": '"other"'}).status_code == 200
    assert sender.ask("get", address, Range="bytes=0-1", **{"If-Range": etag}).status_code == 206
    assert sender.ask("get", address, Range="bytes=0-1", **{"If-Range": '"other"'}).status_code == 200
    head = sender.ask("head", address)
    assert (head.status_code, head["Content-Length"], head.content) == (200, str(len(LONG)), b"")
    # Who is no member any more is not even told that nothing has changed.
    leave = Sender(bob, room)
    remove_member(room, actor=alice, user=bob)
    assert leave.ask("get", address, **{"If-None-Match": etag}).status_code == 404


def test_a_picture_is_shown_anew_without_what_the_camera_wrote(room: Room, bob: User) -> None:
    exif = Image.Exif()
    exif[0x010F] = "Camera of Bob"
    exif[0x0112] = 6
    exif.get_ifd(0x8825)[1] = "N"
    data = picture("JPEG", (3000, 2000), exif=exif)
    assert b"Camera of Bob" in data
    file = Sender(bob, room).send(data, "a.jpg").json()
    assert (file["type"], file["width"], file["height"]) == ("image/jpeg", 2000, 3000)
    assert shows(file) == {"view", "thumbnail"}
    for name, longest in (("view", 2048), ("thumbnail", 640)):
        answer = Sender(bob, room).ask("get", file[f"{name}_url"])
        assert answer["Content-Type"] == "image/webp"
        shown = content_of(answer)
        assert b"Camera of Bob" not in shown
        assert b"EXIF" not in shown
        assert max(Image.open(io.BytesIO(shown)).size) == longest
    # What is saved is what was sent.
    assert content_of(Sender(bob, room).ask("get", file["url"])) == data


def test_a_moving_picture_moves(room: Room, bob: User) -> None:
    out = io.BytesIO()
    first, *others = [Image.new("RGB", (60, 40), (n * 60, 255 - n * 60, 0)) for n in range(4)]
    first.save(out, "GIF", save_all=True, append_images=others, duration=70, loop=0)
    file = Sender(bob, room).send(out.getvalue(), "a.gif").json()
    shown = Image.open(io.BytesIO(content_of(Sender(bob, room).ask("get", file["view_url"]))))
    assert shown.n_frames == 4  # type: ignore[attr-defined]
    still = Image.open(io.BytesIO(content_of(Sender(bob, room).ask("get", file["thumbnail_url"]))))
    assert getattr(still, "n_frames", 1) == 1


def test_a_page_disguised_as_a_picture_is_never_a_page(room: Room, bob: User) -> None:
    polyglot = picture("GIF") + b"<script>alert(1)</script>\xff"
    file = Sender(bob, room).send(polyglot, "a.gif").json()
    assert file["kind"] == "image"
    assert b"script" not in content_of(Sender(bob, room).ask("get", file["view_url"]))
    saved = Sender(bob, room).ask("get", file["url"])
    assert saved["Content-Disposition"].startswith("attachment")
    assert saved["Content-Type"] == "application/octet-stream"


@pytest.mark.parametrize(("name", "data"), [("a.svg", SVG), ("a.html", b"<h1>Hi</h1>"), ("a.png", SVG)])
def test_markup_is_shown_as_text_alone(room: Room, bob: User, name: str, data: bytes) -> None:
    file = Sender(bob, room).send(data, name).json()
    assert (file["type"], file["kind"], shows(file)) == ("text/plain", "text", {"preview"})
    shown = Sender(bob, room).ask("get", file["preview_url"])
    assert (shown["Content-Type"], shown.content) == ("text/plain; charset=utf-8", data)
    assert refusal(Sender(bob, room).ask("get", f"{file['url']}/view")) == (404, "no_such_file")
    assert refusal(Sender(bob, room).ask("get", f"{file['url']}/thumbnail")) == (404, "no_such_file")


def test_a_text_s_preview_is_its_beginning_and_ends_between_characters(room: Room, bob: User) -> None:
    text = "é" * 3_000
    file = Sender(bob, room).send(b"x" + text.encode(), "a.txt").json()
    assert Sender(bob, room).ask("get", file["preview_url"]).content.decode() == "x" + "é" * 1_023


def test_sound_is_played_and_nothing_else_of_it_is_shown(room: Room, bob: User) -> None:
    file = Sender(bob, room).send(WAV, "a.wav").json()
    assert (file["type"], file["kind"], shows(file)) == ("audio/wav", "audio", {"view"})
    answer = Sender(bob, room).ask("get", file["view_url"])
    assert (answer["Content-Type"], content_of(answer)) == ("audio/wav", WAV)
    assert "Content-Disposition" not in answer


@pytest.mark.parametrize("form", ["PNG", "BMP", "JPEG"])
def test_a_bomb_of_pixels_is_refused(room: Room, bob: User, form: str) -> None:
    bomb = bytearray(picture(form, (10, 10)))
    if form == "PNG":
        # The size stands in the first chunk, which its checksum follows.
        import zlib

        bomb[16:24] = (60_000).to_bytes(4, "big") * 2
        bomb[29:33] = zlib.crc32(bomb[12:29]).to_bytes(4, "big")
    elif form == "BMP":
        bomb[18:26] = (9_000).to_bytes(4, "little") * 2
    else:
        place = bomb.index(b"\xff\xc0") + 5
        bomb[place : place + 4] = (9_000).to_bytes(2, "big") * 2
    assert refusal(Sender(bob, room).send(bytes(bomb), "a.png")) == (422, "picture_too_large")


def test_a_broken_picture_is_just_a_file(room: Room, bob: User) -> None:
    file = Sender(bob, room).send(picture("PNG")[:60], "a.png").json()
    assert (file["kind"], file["type"], shows(file)) == ("other", "image/png", set())


def test_a_program_is_refused_whatever_it_is_called(room: Room, bob: User) -> None:
    windows = b"MZ" + bytes(58) + (64).to_bytes(4, "little") + b"PE\0\0" + bytes(range(200, 256))
    for data in (windows, b"\x7fELF\x02\x01\x01" + bytes(50)):
        assert refusal(Sender(bob, room).send(data, "holiday.jpg")) == (415, "type_not_allowed")


@override_settings(FILES_ALLOWED=frozenset({"txt"}))
def test_a_site_may_take_nothing_but_texts(room: Room, bob: User) -> None:
    sender = Sender(bob, room)
    assert refusal(sender.begin("a.png", 1)) == (415, "type_not_allowed")
    assert refusal(sender.begin("txt", 1)) == (415, "type_not_allowed")
    assert refusal(sender.send(picture(), "a.txt")) == (415, "type_not_allowed")
    assert refusal(sender.send(bytes(range(200, 256)), "a.txt")) == (415, "type_not_allowed")
    assert sender.send(b"Hello", "a.txt").status_code == 200
    assert sender.send(b"", "b.TXT").status_code == 200


IN_MEMORY = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}


@override_settings(FILES_ACCEL="/protected/", STORAGES=IN_MEMORY)
def test_without_a_folder_nginx_is_sent_nowhere(room: Room, bob: User) -> None:
    row = posted_file(room, bob)
    assert "X-Accel-Redirect" not in Sender(bob, room).ask("get", f"/api/files/{row.attachment_id}")
