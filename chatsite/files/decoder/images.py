"""Makes new pictures from users' pictures, with Pillow. It decides by a picture's size before it decodes any of it."""

import io
from collections.abc import Callable
from typing import Any

from PIL import (
    AvifImagePlugin,
    BmpImagePlugin,
    GifImagePlugin,
    Image,
    ImageCms,
    ImageOps,
    JpegImagePlugin,
    MpoImagePlugin,
    PngImagePlugin,
    WebPImagePlugin,
)

from chatsite.files.decoder import containers

# Imported here, all of them, because Pillow would look for them when it needs one, and find this process confined.
PLUGINS = (
    AvifImagePlugin, BmpImagePlugin, GifImagePlugin, JpegImagePlugin, MpoImagePlugin, PngImagePlugin, WebPImagePlugin,
)  # fmt: skip
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "AVIF", "BMP")
MIMES = {name: f"image/{name.lower()}" for name in FORMATS} | {"MPO": "image/jpeg"}

# What nobody needs is a bomb. A telephone's best camera takes 50 million, as a JPEG, which is decoded at about the
# size that is shown. The memory of this process was then, with Pillow 13, at most 75 MiB; of a progressive JPEG with
# all of its colours, which is held whole, 330 MiB.
MAX_PIXELS = 50_000_000
# The others are decoded whole. PNG, GIF and BMP take 6 to 11 bytes for each pixel (25 million: 300 MiB), AVIF 10, or
# twice as many with deep colours, WebP 18 (16 million: 310 MiB). A screen of 5K has 15 million, of 6K 20 million, and
# the photograph of a telephone that makes WebP or AVIF 12 million.
MAX_PIXELS_OF = {"JPEG": MAX_PIXELS, "MPO": MAX_PIXELS, "WEBP": 16_000_000, "AVIF": 16_000_000}
MAX_PIXELS_DECODED_WHOLE = 25_000_000
# A moving picture that is longer or larger than this, all frames together, stands still. A million cost 0.1 s.
MAX_FRAMES = 200
MAX_MOVING_PIXELS = 30_000_000
# So does one whose result is larger (noise is): the site holds the result in memory while it stores it.
MAX_MOVING_BYTES = 12 * 1024**2
# Longest side, in pixels, of what is shown on a screen of its own, in the transcript, and beside a name.
VIEW_SIDE = 2048
THUMBNAIL_SIDE = 640
PORTRAIT_SIDE = 256
# The four of EXIF's orientations that lie on their side.
SIDEWAYS = {5, 6, 7, 8}
ORIENTATION = 0x0112

# Pillow's own guard, against what only turns out to be large: it refuses twice as many.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
# A thread would take memory of its own.
AvifImagePlugin.DEFAULT_MAX_THREADS = 1

Drawn = tuple[dict[str, Any], list[bytes]]


class BombError(Exception):
    """The picture has more pixels than anybody needs."""


class TooLargeError(Exception):
    """The picture has more pixels than are decoded of its format."""


def shown(data: bytes) -> Drawn:
    """Return a picture's facts, its view and its thumbnail: both are WebP, upright and in the colours of screens."""
    image = opened(data)
    width, height = image.size
    if image.getexif().get(ORIENTATION) in SIDEWAYS:
        width, height = height, width
    mime = MIMES[image.format or ""]
    view = moving(image, data)
    still = upright(image, VIEW_SIDE)
    view = view or as_webp(still)
    still.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE))
    return {"mime": mime, "width": width, "height": height}, [view, as_webp(still)]


def portrait(data: bytes) -> Drawn:
    """Return the middle of a picture as a small square."""
    still = upright(opened(data), PORTRAIT_SIDE * 4)
    return {}, [as_webp(ImageOps.fit(still, (PORTRAIT_SIDE, PORTRAIT_SIDE)))]


KINDS: dict[str, Callable[[bytes], Drawn]] = {"shown": shown, "portrait": portrait}


def opened(data: bytes) -> Image.Image:
    """Open a picture of a size that may be decoded."""
    if containers.is_webp(data):
        require_size("WEBP", containers.webp_size(data))
    try:
        image: Image.Image = Image.open(io.BytesIO(data), formats=FORMATS)
    except Image.DecompressionBombError as error:
        raise BombError from error
    require_size(image.format or "", image.size)
    return image


def require_size(form: str, size: containers.Size) -> None:
    pixels = size[0] * size[1]
    if pixels > MAX_PIXELS:
        raise BombError
    if pixels > MAX_PIXELS_OF.get(form, MAX_PIXELS_DECODED_WHOLE):
        raise TooLargeError


def upright(image: Image.Image, side: int) -> Image.Image:
    """Return a picture of ``side`` pixels at most, as people hold it, without whatever else the file held."""
    # Of a JPEG, decode an eighth, a quarter or a half, as long as that is not smaller.
    shrink = max(1.0, *(length / side for length in image.size))
    image.draft("RGB", (int(image.width / shrink), int(image.height / shrink)))
    if image.mode == "P":
        # To make a picture smaller mixes its colours, and those of a palette cannot be mixed.
        image = image.convert("RGBA")
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
        except (ImageCms.PyCMSError, OSError, ValueError):
            # The profile is broken: show the picture without it.
            pass
    pixels = Image.new(image.mode, image.size)
    pixels.paste(image)
    return pixels


def moving(image: Image.Image, data: bytes) -> bytes:
    """Return the picture with its motion; no bytes if it has none, or too much of it."""
    durations = durations_of(image, data)
    if not durations:
        return b""
    view = as_webp(image, save_all=True, duration=durations, loop=image.info.get("loop", 1))
    image.seek(0)
    return view if len(view) <= MAX_MOVING_BYTES else b""


def durations_of(image: Image.Image, data: bytes) -> list[int]:
    """Return how long each frame is shown, in milliseconds; none where the picture does not move, or too much."""
    frames, (width, height) = frames_of(image, data)
    if not 1 < frames <= MAX_FRAMES or max(width, height) > VIEW_SIDE or frames * width * height > MAX_MOVING_PIXELS:
        return []
    durations = []
    for frame in range(frames):
        try:
            image.seek(frame)
            # WebP and AVIF know a frame's time once it is there.
            image.load()
        except EOFError:
            break
        durations.append(int(image.info.get("duration") or 100))
    image.seek(0)
    return durations if len(durations) > 1 else []


def frames_of(image: Image.Image, data: bytes) -> tuple[int, containers.Size]:
    """Return how many frames there are (no more than one too many are counted), and the size into which they fit."""
    if image.format == "GIF":
        return containers.gif_frames(data, MAX_FRAMES)
    if image.format == "WEBP":
        return containers.webp_frames(data, MAX_FRAMES), image.size
    # These formats tell it. A second picture in a camera's file (MPO) is no motion.
    return getattr(image, "n_frames", 1) if image.format in {"PNG", "AVIF"} else 1, image.size


def as_webp(image: Image.Image, **how: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "WEBP", quality=82, method=2, exif=b"", icc_profile=b"", xmp=b"", **how)
    return out.getvalue()
