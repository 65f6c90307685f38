"""Files on their way to a room: begun, sent in parts, made whole, and at last posted (messages.py) or swept.

Ours, because libraries of resumable uploads (tus) keep a file apart from the rules of the site: who may send into which
room, and how much, is asked at each part, and the quota is taken in the part's own transaction.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Block, User
from chatsite.files import filetypes, object_store
from rooms import errors, usage
from rooms.actions.assembly import Assembly, assemble
from rooms.models import CHUNK_BYTES, CHUNK_LEAST_BYTES, UPLOADS_MAX, Attachment, Chunk, Room

Done = TypeVar("Done")

# Uploads that are forgotten in one transaction.
DROPPED_AT_ONCE = 20

# --- Beginning -------------------------------------------------------------------------------------------------------


def start_upload(room: Room, *, actor: User, name: str, size: int) -> Attachment:
    """Begin an upload, or raise before a byte is sent why it cannot be. It takes no space until bytes arrive."""
    room = Room.objects.find(room.pk)
    require_may_send(room, actor)
    name = filetypes.clean_name(name)
    if not name:
        raise errors.EmptyName
    if not 0 <= size < 2**63:
        raise errors.BadSize
    require_suffix(name)
    if size > settings.FILES_MAX_SIZE:
        raise errors.FileTooLarge(settings.FILES_MAX_SIZE)
    where_there_is_space(lambda: require_space(actor.pk, size))
    return begin(Attachment(room=room, owner=actor, name=name, size=size))


@transaction.atomic
def begin(upload: Attachment) -> Attachment:
    """Store the beginning of an upload, or raise ``TooManyUploads``. Waits for other beginnings of the same user."""
    # Of two that begin at once, the second counts the first.
    User.objects.select_for_update(no_key=True).get(pk=upload.owner_id)
    unfinished = Attachment.objects.kept().filter(owner=upload.owner_id, state=Attachment.State.UPLOADING)
    if unfinished.count() >= UPLOADS_MAX:
        raise errors.TooManyUploads(UPLOADS_MAX)
    upload.save(force_insert=True)
    return upload


def require_may_send(room: Room, actor: User) -> None:
    """Let pass who may post here now; the rule is asked again when the file is posted."""
    room.admit(actor)
    if room.is_direct and Block.objects.stands_between(*room.pair):
        raise errors.Blocked


def require_suffix(name: str) -> None:
    suffix = filetypes.suffix_of(name)
    if settings.FILES_ALLOWED and suffix not in settings.FILES_ALLOWED:
        raise errors.TypeNotAllowed
    if suffix in settings.FILES_REFUSED:
        raise errors.TypeNotAllowed


# --- Space -----------------------------------------------------------------------------------------------------------


def require_space(owner_id: UUID, size: int, *, counted: int = 0) -> None:
    """Raise unless there is space for ``size`` bytes, of which ``counted`` have arrived and are counted already."""
    of_owner, of_all = (taken - counted for taken in usage.received(owner_id))
    if most := settings.FILES_MAX_PER_PERSON:
        left = most - of_owner
        if size > left:
            raise errors.QuotaExceeded(max(left, 0))
    if settings.FILES_MAX_TOTAL and of_all + size > settings.FILES_MAX_TOTAL:
        raise errors.SiteFull


def where_there_is_space(act: Callable[[], Done]) -> Done:
    """Do ``act``, which takes space. While there is none, drop abandoned uploads and try again."""
    while True:
        try:
            return act()
        except (errors.QuotaExceeded, errors.SiteFull):
            if not drop_abandoned():
                raise


def drop_abandoned() -> int:
    """Drop some abandoned uploads, the oldest first; return how many."""
    some = Attachment.objects.abandoned().order_by("touched_at").values("pk")[:DROPPED_AT_ONCE]
    # Named, because a lock does not look again whether they are still among the oldest.
    return drop(Attachment.objects.abandoned().filter(pk__in=[row["pk"] for row in some]))


# --- Sending ---------------------------------------------------------------------------------------------------------


def find_upload(room: Room, *, actor: User, file_id: UUID) -> Attachment:
    """Return a file of the actor's own on its way to this room, where they still may post."""
    room = Room.objects.find(room.pk)
    require_may_send(room, actor)
    upload: Attachment | None = room.attachments.kept().filter(pk=file_id, owner=actor).first()
    if upload is None:
        raise errors.NoSuchFile
    return upload


def take_chunk(room: Room, *, actor: User, file_id: UUID, offset: int, data: bytes) -> int:
    """Store the bytes from ``offset`` on and return how many are here now. Of two at once, one is stored.

    Raises ``NoSuchFile``, or why the actor may not post here; ``WrongOffset`` with how many are here;
    ``FileTooLarge``, ``ChunkTooLarge`` and ``ChunkTooSmall`` with the limit in bytes; ``QuotaExceeded``, ``SiteFull``.
    """
    upload = find_upload(room, actor=actor, file_id=file_id)
    if offset != upload.received:
        raise errors.WrongOffset(upload.received)
    if offset + len(data) > upload.size:
        raise errors.FileTooLarge(upload.size)
    if len(data) > CHUNK_BYTES:
        raise errors.ChunkTooLarge(CHUNK_BYTES)
    if not data:
        return offset
    if len(data) < CHUNK_LEAST_BYTES and offset + len(data) < upload.size:
        raise errors.ChunkTooSmall(CHUNK_LEAST_BYTES)
    if not where_there_is_space(lambda: store_chunk(upload, offset=offset, data=data)):
        raise errors.WrongOffset(find_upload(room, actor=actor, file_id=file_id).received)
    return offset + len(data)


def store_chunk(upload: Attachment, *, offset: int, data: bytes) -> bool:
    require_space(upload.owner_id, len(data))
    name = object_store.new_name("uploads")
    with storage_problems():
        object_store.write(name, ContentFile(data))
    try:
        is_kept = add_chunk(upload, offset=offset, size=len(data), name=name)
    except errors.RoomError:
        # Any other error may have come after the commit. If it came before, the sweep removes the object.
        object_store.remove([name])
        raise
    if not is_kept:
        object_store.remove([name])
    return is_kept


@transaction.atomic
def add_chunk(upload: Attachment, *, offset: int, size: int, name: str) -> bool:
    """Append a stored chunk to the upload; false if another chunk was stored at this offset meanwhile."""
    waiting = Attachment.objects.filter(pk=upload.pk, state=Attachment.State.UPLOADING, received=offset)
    if not waiting.update(received=offset + size, touched_at=timezone.now()):
        return False
    # A second time, now under a lock: nobody else takes space until this transaction ends.
    require_space(upload.owner_id, size, counted=size)
    Chunk.objects.create(attachment=upload, offset=offset, size=size, stored=name)
    object_store.adopt(name)
    return True


# --- Making it whole -------------------------------------------------------------------------------------------------


def finish_upload(room: Room, *, actor: User, file_id: UUID) -> Attachment:
    """Join the parts, find the type, and make the pictures that pages show. Finishing twice is finishing once."""
    upload = find_upload(room, actor=actor, file_id=file_id)
    if upload.is_whole:
        return upload
    if upload.received < upload.size:
        raise errors.Incomplete(upload.received)
    try:
        with storage_problems():
            made = assemble(upload)
    except (errors.TypeNotAllowed, errors.PictureTooLarge):
        drop(Attachment.objects.filter(pk=upload.pk))
        raise
    except errors.TryAgain:
        # The same call elsewhere may have finished the upload, and removed the parts that this one was reading.
        upload = find_upload(room, actor=actor, file_id=file_id)
        if upload.is_whole:
            return upload
        raise
    return keep(upload, made)


@transaction.atomic
def keep(upload: Attachment, made: Assembly) -> Attachment:
    """Let an upload be the file that was made of it, and return it; raise ``NoSuchFile`` if it was cancelled."""
    row: Attachment | None = Attachment.objects.select_for_update().filter(pk=upload.pk).first()
    if row is None or row.is_whole:
        # Cancelled meanwhile, or finished by the same call from elsewhere.
        object_store.discard(made.objects_stored)
        if row is None:
            raise errors.NoSuchFile
        return row
    made.describe(row)
    row.state, row.touched_at = Attachment.State.READY, timezone.now()
    row.save()
    object_store.adopt(*made.objects_stored)
    object_store.discard(row.chunks.values_list("stored", flat=True))
    row.chunks.all().delete()
    return row


# --- Fetching --------------------------------------------------------------------------------------------------------


def find_file(file_id: UUID, *, actor: User) -> Attachment:
    """Return a file of a room that ``actor`` is a member of today: its id alone opens nothing."""
    file: Attachment | None = Attachment.objects.select_related("room").filter(pk=file_id).first()
    if file is None or not file.stored:
        raise errors.NoSuchFile
    try:
        file.room.admit(actor)
    except errors.RoomError:
        raise errors.NoSuchFile from None
    if file.state != Attachment.State.POSTED and file.owner_id != actor.pk:
        raise errors.NoSuchFile
    return file


# --- Going -----------------------------------------------------------------------------------------------------------


def cancel_upload(room: Room, *, actor: User, file_id: UUID) -> None:
    """Delete a file that has not been posted."""
    upload = find_upload(room, actor=actor, file_id=file_id)
    if not drop(Attachment.objects.filter(pk=upload.pk)):
        raise errors.FileUsed


@transaction.atomic
def drop(files: QuerySet[Attachment]) -> int:
    """Delete those of these files that have not been posted; return how many."""
    # In one order, so that two who forget some of the same cannot wait for each other.
    going = list(files.select_for_update().exclude(state=Attachment.State.POSTED).order_by("pk"))
    discard_objects(going)
    Attachment.objects.filter(pk__in=[file.pk for file in going]).delete()
    return len(going)


def discard_objects(files: Iterable[Attachment]) -> None:
    """Mark all objects of these files for removal from storage, in the transaction that deletes the rows."""
    files = list(files)
    chunks = Chunk.objects.filter(attachment__in=files).values_list("stored", flat=True)
    object_store.discard([*chunks, *(name for file in files for name in file.objects_stored)])


def erase(file: Attachment) -> None:
    """Erase a posted file for good; the digest that the hash chain covers stays."""
    discard_objects([file])
    file.name = file.stored = file.view = file.thumbnail = file.content_type = ""
    file.size = file.received = 0
    file.width = file.height = None
    file.sha256, file.kind = b"", Attachment.Kind.OTHER
    file.save()


def sweep_files() -> tuple[int, int]:
    """Delete abandoned uploads, files that were never posted, and objects without a row; return how many."""
    uploads = 0
    while some := drop_abandoned():
        uploads += some
    return uploads, object_store.sweep()


@contextmanager
def storage_problems() -> Iterator[None]:
    try:
        yield
    except object_store.StorageFullError:
        raise errors.SiteFull from None
    except object_store.StorageAwayError as error:
        raise errors.TryAgain from error
