"""How large a picture is and how many frames it has, read from the structure of its file: nothing is decoded."""

from collections.abc import Iterator

# Blocks that are looked at. A whole block of a GIF has 255 bytes, so no file that is taken has as many.
STEPS = 500_000
GIF_BLOCK_IMAGE, GIF_BLOCK_EXTENSION, GIF_END = 0x2C, 0x21, 0x3B

Size = tuple[int, int]


def number(data: bytes, offset: int, length: int) -> int:
    return int.from_bytes(data[offset : offset + length], "little")


def is_webp(data: bytes) -> bool:
    return data[:4] == b"RIFF" and data[8:12] == b"WEBP"


def webp_size(data: bytes) -> Size:
    """Return the size of the canvas, for which Pillow takes memory as soon as it opens the file; 0 × 0 if unknown."""
    kind = data[12:16]
    if kind == b"VP8X":
        return number(data, 24, 3) + 1, number(data, 27, 3) + 1
    if kind == b"VP8L":
        bits = number(data, 21, 4)
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if kind == b"VP8 ":
        return number(data, 26, 2) & 0x3FFF, number(data, 28, 2) & 0x3FFF
    return 0, 0


def webp_frames(data: bytes, most: int) -> int:
    """Count frames, up to one more than ``most``."""
    offset = 12
    frames = 0
    for _step in range(STEPS):
        if offset + 8 > len(data) or frames > most:
            break
        frames += data[offset : offset + 4] == b"ANMF"
        length = number(data, offset + 4, 4)
        offset += 8 + length + length % 2
    else:
        return most + 1
    return max(frames, 1)


def gif_frames(data: bytes, most: int) -> tuple[int, Size]:
    """Count frames, up to one more than ``most``, and return the size into which they fit: a frame may stick out."""
    width, height = number(data, 6, 2), number(data, 8, 2)
    frames = 0
    for left, top, wide, high in gif_images(data):
        frames += 1
        width, height = max(width, left + wide), max(height, top + high)
        if frames > most:
            break
    return frames, (width, height)


def gif_images(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    """Yield each frame's offset and size; without end where the blocks are so many that nobody meant them."""
    offset = 13 + palette_bytes(data, 10)
    steps = 0
    while steps <= STEPS and offset < len(data) and (kind := data[offset]) != GIF_END:
        steps += 1
        offset += 1
        if kind == GIF_BLOCK_IMAGE:
            left, top, wide, high = (number(data, offset + field, 2) for field in (0, 2, 4, 6))
            yield left, top, wide, high
            offset += 9 + palette_bytes(data, offset + 8) + 1
        elif kind == GIF_BLOCK_EXTENSION:
            offset += 1
        else:
            # Skip garbage between blocks, as decoders do.
            continue
        while steps <= STEPS and offset < len(data) and (length := data[offset]):
            steps += 1
            offset += length + 1
        offset += 1
    while steps > STEPS:
        yield 0, 0, 0, 0


def palette_bytes(data: bytes, offset: int) -> int:
    flags = data[offset] if offset < len(data) else 0
    return 3 * 2 ** ((flags & 7) + 1) if flags & 0x80 else 0
