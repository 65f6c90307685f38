"""Joins the parts of an upload to one file: its bytes, its digest, its type, and the pictures that pages show of it."""

import hashlib
import mimetypes
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.conf import settings
from django.core.files.base import ContentFile, File

from chatsite.files import filetypes, object_store, pictures
from rooms import errors
from rooms.models import Attachment


class Parts(File):
    """The parts of an upload as one file to read from; it hashes what is read."""

    def __init__(self, upload: Attachment) -> None:
        super().__init__(None, name=upload.name)
        self.size = upload.size
        self._names = list(upload.chunks.order_by("offset").values_list("stored", flat=True))
        self.seek(0)

    def _pieces(self) -> Iterator[bytes]:
        for name in self._names:
            yield from object_store.read(name)

    def seek(self, offset: int, whence: int = 0) -> int:
        """Begin anew. No caller seeks to another offset."""
        assert (offset, whence) == (0, 0)
        self._coming, self._rest = self._pieces(), b""
        self.sha256, self.count = hashlib.sha256(), 0
        return 0

    def read(self, size: int = -1) -> bytes:
        parts = [self._rest]
        have = len(self._rest)
        while (size < 0 or have < size) and (piece := next(self._coming, b"")):
            parts.append(piece)
            have += len(piece)
        whole = b"".join(parts)
        taken, self._rest = (whole, b"") if size < 0 else (whole[:size], whole[size:])
        self.sha256.update(taken)
        self.count += len(taken)
        return taken

    def seekable(self) -> bool:
        return False


@dataclass
class Assembly:
    """The facts of a joined file, and the objects that hold it; they are leftovers until a row refers to them."""

    sha256: bytes
    stored: str
    type: filetypes.FileType
    width: int | None = None
    height: int | None = None
    view: str = ""
    thumbnail: str = ""
    objects_stored: list[str] = field(default_factory=list)

    def describe(self, file: Attachment) -> None:
        file.sha256, file.stored = self.sha256, self.stored
        file.content_type, file.kind = self.type.mime, Attachment.Kind(self.type.kind)
        file.width, file.height = self.width, self.height
        file.view, file.thumbnail = self.view, self.thumbnail

    def put(self, content: File) -> str:
        name = object_store.new_name("files")
        object_store.write(name, content)
        self.objects_stored.append(name)
        return name


def assemble(upload: Attachment) -> Assembly:
    """Store the upload as one object and return its facts. Of a file that is refused, nothing is kept."""
    parts = Parts(upload)
    head = parts.read(filetypes.HEAD)
    made = Assembly(b"", "", filetypes.type_of(head, upload.name))
    require_type(head, upload.name, made.type)
    # Before anything is written: where pictures have to wait, the same call comes again, and so would the writing.
    picture = picture_of(made, parts, upload)
    parts.seek(0)
    try:
        made.stored = made.put(parts)
        if parts.count != upload.size:
            # A part has another length or hash than the one that was sent: the storage has lost bytes.
            raise object_store.StorageAwayError
        made.sha256 = parts.sha256.digest()
        if picture:
            show(made, picture)
    except BaseException:
        object_store.remove(made.objects_stored)
        raise
    return made


def require_type(head: bytes, name: str, found: filetypes.FileType) -> None:
    """Refuse a file whose first bytes are of a type that may not be sent, whatever its name is."""
    suffix = filetypes.suffix_of(name)
    if filetypes.is_program(head) and suffix not in filetypes.DANGEROUS:
        # If its name says the type too, the check of names has let it pass: this site takes that type.
        raise errors.TypeNotAllowed
    if not settings.FILES_ALLOWED or not head:
        return
    is_text = found.kind == "text"
    says_text = (mimetypes.guess_type(name)[0] or "").startswith("text/")
    if (says_text and not is_text) or (found.suffixes and suffix not in found.suffixes):
        raise errors.TypeNotAllowed


def picture_of(made: Assembly, parts: Parts, upload: Attachment) -> pictures.Shown | None:
    """Return what pages show, where the file is a picture that can be decoded."""
    if made.type.kind != "image":
        return None
    parts.seek(0)
    try:
        return pictures.shown(parts, size=upload.size, whose=upload.owner_id)
    except pictures.NoPictureError:
        made.type = filetypes.FileType(made.type.mime, "other")
        return None
    except pictures.PictureTooLargeError:
        raise errors.PictureTooLarge from None
    except pictures.BusyError:
        raise errors.PicturesBusy from None


def show(made: Assembly, picture: pictures.Shown) -> None:
    made.type = filetypes.FileType(picture.mime, "image")
    made.width, made.height = picture.width, picture.height
    made.view = made.put(ContentFile(picture.view))
    made.thumbnail = made.put(ContentFile(picture.thumbnail))
