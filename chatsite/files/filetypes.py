"""The type of a file: by its name before it is sent, by its first bytes once it has arrived."""

from dataclasses import dataclass
from typing import Literal

import puremagic

from chatsite.text import fold, one_line

Kind = Literal["image", "audio", "video", "text", "other"]

# Bytes from which a file's type is told.
HEAD = 64 * 1024
# Bytes of a name; most file systems take 255, and a browser may add a number.
NAME_MAX_BYTES = 240
UNKNOWN = "application/octet-stream"
PLAIN = "text/plain"
# Endings of files that a double click runs on a common system, or that change its settings. A site may set others.
REFUSED = """
    ade adp apk app appref-ms appx appxbundle bat cab chm cmd com command cpl dll dmg ear exe gadget hta img inf ins iso
    isp jar jnlp js jse lib lnk mde msc msi msix msixbundle msp mst nsh pif pkg ps1 ps1xml ps2 psc1 reg scf scr sct shb
    sys url vb vbe vbs vhd vhdx vxd workflow ws wsc wsf wsh xll
"""
DANGEROUS = frozenset(REFUSED.split())
# Programs, whatever they are called: of Windows, Linux, macOS (two byte orders, two sizes, several in one), and
# shortcuts of Windows.
PROGRAMS = (
    b"\x7fELF",
    b"\xfe\xed\xfa\xce",
    b"\xfe\xed\xfa\xcf",
    b"\xce\xfa\xed\xfe",
    b"\xcf\xfa\xed\xfe",
    b"\xca\xfe\xba\xbe",
    b"L\0\0\0\x01\x14\x02\0\0\0\0\0\xc0\0\0\0",
)
# By the names that puremagic knows.
PICTURES = frozenset(f"image/{name}" for name in ("avif", "bmp", "gif", "jpeg", "png", "webp", "x-ms-bmp"))
# Types that a page may play, by puremagic's names: browsers' players run no code that is in them.
PLAYED: dict[str, tuple[str, Kind]] = {
    "application/ogg": ("audio/ogg", "audio"),
    "audio/aac": ("audio/aac", "audio"),
    "audio/flac": ("audio/flac", "audio"),
    "audio/mp4": ("audio/mp4", "audio"),
    "audio/mpeg": ("audio/mpeg", "audio"),
    "audio/ogg": ("audio/ogg", "audio"),
    "audio/wav": ("audio/wav", "audio"),
    "audio/wave": ("audio/wav", "audio"),
    "audio/x-wav": ("audio/wav", "audio"),
    "video/mp4": ("video/mp4", "video"),
    "video/ogg": ("video/ogg", "video"),
    "video/quicktime": ("video/quicktime", "video"),
    "video/webm": ("video/webm", "video"),
}


@dataclass(frozen=True, slots=True)
class FileType:
    mime: str
    kind: Kind
    # By which files of this type are called; none where the bytes do not say.
    suffixes: frozenset[str] = frozenset()


def clean_name(name: str) -> str:
    """Return the name as any system can store it and people read it right; "" if nothing is left of it."""
    name = name.replace("\\", "/").rpartition("/")[2]
    name = one_line("".join("_" if character in '<>:"|?*' else character for character in name))
    # Windows leaves dots and spaces at the end out: "run.exe." would be another type by its name.
    name = name.rstrip(". ")
    stem, dot, suffix = name.rpartition(".")
    stem, suffix = (stem, dot + suffix) if len(suffix.encode()) < 20 and stem else (name, "")
    return stem.encode()[: NAME_MAX_BYTES - len(suffix.encode())].decode(errors="ignore").rstrip() + suffix


def suffix_of(name: str) -> str:
    """Return what follows the last dot, in lower case."""
    return fold(name.rpartition(".")[2]) if "." in name else ""


def is_program(head: bytes) -> bool:
    """Return whether a file that begins with these bytes can be run."""
    if head[:2] == b"MZ" and len(head) >= 64:
        # A text may begin like this; a program says where its header is.
        offset = int.from_bytes(head[60:64], "little")
        return head[offset : offset + 2] in (b"PE", b"NE", b"LE", b"LX") or offset >= len(head)
    return head.startswith(PROGRAMS)


def is_text(head: bytes) -> bool:
    try:
        text = head.decode()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 3 or error.reason != "unexpected end of data":
            return False
        # The last character may continue beyond the head.
        text = head[: error.start].decode()
    return not any(c < " " and c not in "\t\n\r\f\x1b" for c in text)


def type_of(head: bytes, name: str) -> FileType:
    """Return the type of a file with this head. Whether it is a picture is known when it is decoded (pictures.py)."""
    if not head:
        return FileType(UNKNOWN, "other")
    if is_text(head):
        # HTML, SVG and programs in source are text that is shown as text.
        return FileType(PLAIN, "text")
    try:
        # The name only chooses among what the bytes allow.
        found = puremagic.magic_string(head, filename=name)
    except (puremagic.PureError, ValueError):
        return FileType(UNKNOWN, "other")
    suffixes = frozenset(match.extension.removeprefix(".").lower() for match in found if match.extension)
    mimes = [match.mime_type for match in found if match.mime_type]
    for mime in mimes:
        if mime in PICTURES:
            return FileType(mime, "image", suffixes)
        if mime in PLAYED:
            return FileType(*PLAYED[mime], suffixes)
    return FileType(mimes[0] if mimes else UNKNOWN, "other", suffixes)
