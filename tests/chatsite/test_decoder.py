"""What is told of a picture before it is decoded, and what is shown of which."""

import io
import random
from typing import Any

import pytest
from PIL import Image

from chatsite.files import decoder_process
from chatsite.files.decoder import containers, images
from chatsite.files.decoder.images import BombError, TooLargeError
from tests.rooms.files import picture

COLOURS = [(n * 20 % 256, 255 - n * 20 % 256, n * 50 % 256) for n in range(300)]


def moving(form: str, frames: int, size: tuple[int, int] = (40, 30), **how: Any) -> bytes:
    out = io.BytesIO()
    first, *others = [Image.new("RGB", size, COLOURS[n]) for n in range(frames)]
    first.save(out, form, save_all=True, append_images=others, duration=70, **how)
    return out.getvalue()


def noise(size: tuple[int, int], mode: str = "RGB") -> Image.Image:
    pixels = random.Random(4).randbytes(size[0] * size[1] * 3)
    return Image.frombytes("RGB", size, pixels).convert(mode)


@pytest.mark.parametrize("how", [{}, {"lossless": True}, {"exif": b"Exif\0\0MM\0*\0\0\0\x08\0\0"}])
def test_the_size_of_a_webp_is_read_without_opening_it(how: dict[str, Any]) -> None:
    assert containers.webp_size(picture("WEBP", (321, 123), **how)) == (321, 123)


def test_frames_are_counted_without_decoding_them() -> None:
    assert containers.webp_frames(picture("WEBP"), 200) == 1
    assert containers.webp_frames(moving("WEBP", 7), 200) == 7
    assert containers.gif_frames(picture("GIF"), 200) == (1, (300, 200))
    assert containers.gif_frames(moving("GIF", 7), 200) == (7, (40, 30))
    # What counts is whether there are too many.
    assert containers.webp_frames(moving("WEBP", 20), 5) == 6
    assert containers.gif_frames(moving("GIF", 20), 5)[0] == 6


def test_a_frame_that_sticks_out_of_a_gif_counts_as_large_as_it_is() -> None:
    gif = bytearray(moving("GIF", 2))
    # Of the last frame, where it is and how large.
    place = gif.rindex(b",\0\0\0\0")
    gif[place + 1 : place + 9] = b"".join(number.to_bytes(2, "little") for number in (100, 200, 3_000, 4_000))
    assert containers.gif_frames(bytes(gif), 200) == (2, (3_100, 4_200))


@pytest.mark.parametrize("cut", [0, 5, 13, 20, 100, 400, 800])
def test_a_truncated_picture_is_counted_to_where_it_ends(cut: int) -> None:
    assert 0 <= containers.gif_frames(moving("GIF", 7)[:cut], 200)[0] <= 7
    assert 1 <= containers.webp_frames(moving("WEBP", 7)[:cut], 200) <= 7


@pytest.mark.parametrize("rubbish", [b"\x01\x00", b"\x00", b"\x21\x00\x00"])
def test_counting_ends_where_blocks_do_not(rubbish: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """A whole file of empty blocks would be counted for minutes."""
    monkeypatch.setattr(containers, "STEPS", 1_000)
    endless = picture("GIF")[:-1] + rubbish * 10_000
    assert containers.gif_frames(endless, 200)[0] == 201
    webp = moving("WEBP", 2) + b"JUNK\0\0\0\0" * 10_000
    assert containers.webp_frames(webp, 200) == 201


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG", "AVIF"])
def test_a_moving_picture_moves_up_to_a_length(form: str) -> None:
    assert frames_shown(moving(form, 5)) == 5
    assert frames_shown(moving(form, images.MAX_FRAMES + 1)) == 1


@pytest.mark.parametrize("form", ["GIF", "WEBP", "PNG"])
def test_a_moving_picture_moves_up_to_a_size(form: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_MOVING_PIXELS", 5 * 40 * 30)
    assert frames_shown(moving(form, 5)) == 5
    assert frames_shown(moving(form, 6)) == 1


def test_a_moving_picture_that_comes_out_too_large_stands_still(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_MOVING_BYTES", 100)
    assert frames_shown(moving("GIF", 5)) == 1


def frames_shown(data: bytes) -> int:
    _answer, (view, _thumbnail) = images.shown(data)
    return getattr(Image.open(io.BytesIO(view)), "n_frames", 1)


def test_what_is_decoded_whole_may_be_smaller_than_what_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(images, "MAX_PIXELS", 5_000)
    monkeypatch.setattr(images, "MAX_PIXELS_DECODED_WHOLE", 3_000)
    monkeypatch.setattr(images, "MAX_PIXELS_OF", {"JPEG": 5_000, "WEBP": 1_000, "AVIF": 1_000})
    for form, most in (("JPEG", 50), ("PNG", 30), ("GIF", 30), ("BMP", 30), ("WEBP", 10), ("AVIF", 10)):
        images.shown(picture(form, (100, most)))
        with pytest.raises(BombError if form == "JPEG" else TooLargeError):
            images.shown(picture(form, (100, most + 1)))
        with pytest.raises(BombError):
            images.shown(picture(form, (100, 51)))


def test_a_photograph_with_a_second_picture_beside_it_is_one_photograph() -> None:
    """As telephones take them: the depth, or the same once more for bright screens."""
    out = io.BytesIO()
    noise((400, 300)).save(out, "MPO", save_all=True, append_images=[noise((400, 300), "L")])
    assert Image.open(io.BytesIO(out.getvalue())).format == "MPO"
    answer, (view, _thumbnail) = images.shown(out.getvalue())
    assert answer == {"mime": "image/jpeg", "width": 400, "height": 300}
    assert getattr(Image.open(io.BytesIO(view)), "n_frames", 1) == 1


def test_what_is_shown_of_a_large_photograph_is_as_sharp_as_before() -> None:
    """It is decoded at a half, a quarter or an eighth, and never at less than what is shown."""
    for size, shown in (((4_095, 3_071), (2048, 1536)), ((4_097, 1_025), (2048, 512)), ((2_049, 5_000), (839, 2048))):
        _answer, (view, _thumbnail) = images.shown(picture("JPEG", size))
        width, height = Image.open(io.BytesIO(view)).size
        assert abs(width - shown[0]) <= 1
        assert abs(height - shown[1]) <= 1


def test_no_answer_is_larger_than_the_site_takes() -> None:
    assert images.MAX_MOVING_BYTES < decoder_process.ANSWER_BYTES
