"""The objects that the site keeps in its storage: files that people sent, and the parts of those on their way.

An object is written once, under a new name, and never changed. Storage and database do not commit together, so the name
of an object stands among the leftovers from before it is written until the row that refers to it is committed
(``adopt``), and again from when that row goes (``discard``). What is killed in between is swept later.
"""

import errno
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from django.core.files import File
from django.core.files.storage import FileSystemStorage, default_storage
from django.db import transaction
from django.utils import timezone

from chatsite.models import Leftover

logger = logging.getLogger(__name__)

# Bytes that are held in memory for one reader at a time.
PIECE = 128 * 1024
# To write an object takes less: nobody still writes an object that has been left over for longer.
WRITTEN_WITHIN = timedelta(days=1)
FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class StorageFullError(Exception):
    """The storage has no space for the object."""


class StorageAwayError(Exception):
    """The storage does not answer, or lacks an object that should be there."""


class Folder(FileSystemStorage):
    """A folder in which a written object is on the disk, as the database's rows are: a power cut loses neither.

    What is written belongs to whoever the folder belongs to: root may run a command, such as restore, and the site and
    nginx still have to read it.
    """

    def _save(self, name: str, content: File) -> str:
        new = [folder for folder in Path(self.path(name)).parents if not folder.exists()]
        name = super()._save(name, content)  # type: ignore[misc]
        path = Path(self.path(name))
        for created in (*reversed(new), path):
            give_to_owner_of(created.parent, created)
        for synced in (path, path.parent):
            handle = os.open(synced, os.O_RDONLY)
            try:
                os.fsync(handle)
            finally:
                os.close(handle)
        return name


def give_to_owner_of(folder: Path, path: Path) -> None:
    """Give ``path`` to the owner and the group of ``folder``, as far as this process may.

    A backup is put back by hand, as root or as the site's user; the site reads by the one, nginx by the other.
    """
    wanted = folder.stat()
    for owner in (wanted.st_uid, -1):
        with suppress(PermissionError):
            os.chown(path, owner, wanted.st_gid)
            return


def new_name(kind: str) -> str:
    """Return a new random name; its first two letters are a folder."""
    name = uuid4().hex
    return f"{kind}/{name[:2]}/{name}"


def write(name: str, content: File) -> None:
    """Store an object; it is a leftover until it is adopted. Not within a transaction, which could undo that."""
    Leftover.objects.create(name=name)
    try:
        default_storage.save(name, content)
    except Exception as error:
        remove([name])
        if isinstance(error, OSError) and error.errno in FULL:
            raise StorageFullError from error
        if is_of_storage(error):
            raise StorageAwayError from error
        raise


def adopt(*names: str) -> None:
    """Keep objects, in the transaction that refers to them."""
    Leftover.objects.filter(name__in=names).delete()


def discard(names: Iterable[str]) -> None:
    """Have objects removed once this transaction, in which the last reference to them goes, is committed."""
    gone = [name for name in names if name]
    Leftover.objects.bulk_create([Leftover(name=name) for name in gone], ignore_conflicts=True)
    transaction.on_commit(partial(remove, gone))


def remove(names: Iterable[str]) -> None:
    """Remove objects that nothing refers to; what cannot be removed now is swept later."""
    removed = []
    for name in names:
        try:
            default_storage.delete(name)
        except Exception as error:
            if not is_of_storage(error):
                raise
            logger.warning("An object could not be removed from storage; it will be tried again: %s", error)
        else:
            removed.append(name)
    Leftover.objects.filter(name__in=removed).delete()


def sweep() -> int:
    """Remove the leftovers that nobody is still writing; return how many."""
    names = list(Leftover.objects.filter(since__lt=timezone.now() - WRITTEN_WITHIN).values_list("name", flat=True))
    remove(names)
    return len(names)


def size_of(name: str) -> int:
    """Return the bytes of an object; raise ``StorageAwayError`` where the storage does not answer."""
    try:
        return default_storage.size(name)
    except Exception as error:
        if is_of_storage(error):
            raise StorageAwayError from error
        raise


def read(name: str, start: int = 0, stop: int | None = None) -> Iterator[bytes]:
    """Yield an object's bytes from ``start`` to before ``stop``, in pieces of ``PIECE`` bytes at most.

    Waits for the storage at each piece. Raises ``StorageAwayError``, also after some pieces, where it does not answer,
    the object is not there, or it is shorter than ``stop``.
    """
    left = stop - start if stop is not None else None
    with open_at(name, start, stop) as file:
        while left is None or left > 0:
            piece = file.read(PIECE if left is None else min(PIECE, left))
            if not piece:
                if left:
                    # Bytes are missing. The reader was told the whole length, and must not wait for the rest.
                    raise StorageAwayError
                return
            left = None if left is None else left - len(piece)
            yield piece


def open_at(name: str, start: int, stop: int | None) -> IO[bytes] | Any:
    """Open an object at an offset, or raise ``StorageAwayError``.

    S3 is asked for that part alone: its file would fetch the whole object first.
    """
    try:
        if bucket := getattr(default_storage, "bucket", None):
            if stop is not None and stop <= start:
                # HTTP has no way to ask for no bytes.
                return empty()
            last = "" if stop is None else stop - 1
            key = default_storage._normalize_name(name)  # type: ignore[attr-defined]
            asked = {"Range": f"bytes={start}-{last}"} if start or stop is not None else {}
            return bucket.Object(key).get(**asked)["Body"]
        file = default_storage.open(name, "rb")
        file.seek(start)
    except Exception as error:
        if is_of_storage(error):
            raise StorageAwayError from error
        raise
    return file


def empty() -> IO[bytes]:
    return Path(os.devnull).open("rb")


def is_of_storage(error: Exception) -> bool:
    """Whether the storage failed, and not we. By name: who keeps files in a folder never loads boto3."""
    if isinstance(error, OSError):
        return True
    return type(error).__module__.startswith(("botocore.", "boto3.", "s3transfer."))
