"""Pictures made anew from people's pictures: what is shown holds pixels and nothing else.

Where a picture was taken, by whom and with what, and whatever a crafted file smuggles, stays behind. Decoders take
memory by the pixel, not by the byte, so a picture says how large it is before it is decoded, and one is decoded at a
time.
"""

import hashlib
import io
import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO

from PIL import Image, ImageCms, ImageOps

logger = logging.getLogger(__name__)

FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP")
MIMES = {name: f"image/{name.lower()}" for name in FORMATS}
# A telephone's best camera takes 50 million; decoded, that is 200 MB, once at a time.
MAX_PIXELS = 50_000_000
# A moving picture that is longer or larger than this stands still.
MAX_FRAMES = 200
MAX_MOVING_PIXELS = 60_000_000
# Longest side, in pixels, of what is shown on a screen of its own, in the transcript, and beside a name.
VIEW_SIDE = 2048
THUMBNAIL_SIDE = 640
PORTRAIT_SIDE = 256
# By EXIF's count, the four that lie on their side.
SIDEWAYS = {5, 6, 7, 8}
ORIENTATION = 0x0112

Image.MAX_IMAGE_PIXELS = MAX_PIXELS
one_at_a_time = threading.BoundedSemaphore(1)


class PictureTooLargeError(Exception):
    """More pixels than anybody needs: a bomb, or as good as one."""


class NoPictureError(Exception):
    """Not one that can be shown."""


@dataclass(frozen=True, slots=True)
class Shown:
    """What pages show of a picture: both are WebP, upright and in the colours of screens."""

    mime: str
    width: int
    height: int
    view: bytes
    thumbnail: bytes


def shown(file: IO[bytes]) -> Shown:
    with decoding(file) as image:
        mime = MIMES[image.format or ""]
        width, height = image.size
        if image.getexif().get(ORIENTATION) in SIDEWAYS:
            width, height = height, width
        if durations := frames_of(image):
            view = as_webp(image, save_all=True, duration=durations, loop=image.info.get("loop", 1))
            image.seek(0)
        else:
            view = b""
        still = upright(image, VIEW_SIDE)
        view = view or as_webp(still)
        still.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
        return Shown(mime, width, height, view, as_webp(still))


def portrait(file: IO[bytes]) -> bytes:
    """Return the middle of a picture as a small square."""
    with decoding(file) as image:
        still = upright(image, PORTRAIT_SIDE * 4)
        return as_webp(ImageOps.fit(still, (PORTRAIT_SIDE, PORTRAIT_SIDE)))


def digest_of(picture: bytes) -> str:
    """Return the short name by which a browser knows that it has this picture already."""
    return hashlib.sha256(picture).hexdigest()[:16]


@contextmanager
def decoding(file: IO[bytes]) -> Iterator[Image.Image]:
    """Open a picture of a size that may be decoded; whatever goes wrong in a decoder means that it is none."""
    try:
        with one_at_a_time, Image.open(file, formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:
                raise PictureTooLargeError
            yield image
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLargeError from error
    except PictureTooLargeError:
        raise
    except Exception as error:
        # Decoders of crafted files fail in any way that there is.
        logger.info("A picture could not be decoded: %r", error)
        raise NoPictureError from error


def upright(image: Image.Image, side: int) -> Image.Image:
    """Return a picture of ``side`` pixels at most, as people hold it, without whatever else the file held."""
    if image.mode == "P":
        # Colours of a palette cannot be mixed, which making it smaller has to.
        image = image.convert("RGBA")
    # Of a JPEG, this decodes no more than it needs.
    image.thumbnail((side, side))
    turned = ImageOps.exif_transpose(image)
    colours = turned.convert("RGBA" if turned.has_transparency_data else "RGB")
    return on_screens(colours, image.info.get("icc_profile"))


def on_screens(image: Image.Image, profile: bytes | None) -> Image.Image:
    """Return the picture in the colours of screens, where it came with others: its profile is left out."""
    if profile:
        try:
            given, screens = ImageCms.ImageCmsProfile(io.BytesIO(profile)), ImageCms.createProfile("sRGB")
            image = ImageCms.profileToProfile(image, given, screens, outputMode=image.mode) or image
        except (ImageCms.PyCMSError, OSError, ValueError) as error:
            logger.info("A picture's colours could not be converted: %s", error)
    pixels = Image.new(image.mode, image.size)
    pixels.paste(image)
    return pixels


def frames_of(image: Image.Image) -> list[int]:
    """Return how long each frame is shown, in milliseconds; none where the picture does not move, or too much."""
    if not getattr(image, "is_animated", False) or max(image.size) > VIEW_SIDE:
        return []
    durations = []
    for number in range(MAX_FRAMES + 1):
        try:
            image.seek(number)
        except EOFError:
            break
        durations.append(int(image.info.get("duration") or 100))
    image.seek(0)
    is_small = len(durations) <= MAX_FRAMES and len(durations) * image.width * image.height <= MAX_MOVING_PIXELS
    return durations if is_small and len(durations) > 1 else []


def as_webp(image: Image.Image, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=82, method=2, exif=b"", icc_profile=b"", xmp=b"", **how)
    return out.getvalue()
