"""The files beside a backup of the database, and the way back from them.

Objects in storage never change, so a folder that holds an earlier backup's files is only added to.
"""

from collections.abc import Iterator
from pathlib import Path

from django.core.files import File
from django.core.files.storage import default_storage

from chatsite.files import object_store
from rooms.actions.files import drop
from rooms.models import Attachment


def copy_files(folder: Path) -> tuple[int, list[str]]:
    """Copy what rows refer to and ``folder`` lacks; return how many objects, and the names of those that are gone."""
    copied, missing = 0, []
    for name in names_of_objects():
        target = folder / name
        if target.exists():
            continue
        target.parent.mkdir(parents=True, exist_ok=True)
        draft = target.with_name(f"{target.name}.part")
        try:
            with draft.open("wb") as file:
                file.writelines(object_store.read(name))
        except object_store.StorageAwayError:
            # Erased since the row was read, or lost: the caller says so.
            draft.unlink()
            missing.append(name)
            continue
        draft.replace(target)
        copied += 1
    return copied, missing


def put_back_files(folder: Path) -> int:
    """Give storage the objects that it lacks, and forget uploads whose parts no backup has; return how many."""
    drop(Attachment.objects.filter(state=Attachment.State.UPLOADING))
    back = 0
    for name in names_of_objects():
        source = folder / name
        if source.exists() and not default_storage.exists(name):
            with source.open("rb") as file:
                default_storage.save(name, File(file))
            back += 1
    return back


def names_of_objects() -> Iterator[str]:
    for file in Attachment.objects.exclude(stored="").only("stored", "view", "thumbnail").iterator():
        yield from file.objects_stored
