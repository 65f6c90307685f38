"""Files on their way to a room: begun, sent in parts, made whole, and at last posted (messages.py) or swept."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Block, User
from chatsite import filetypes, store
from rooms import errors
from rooms.actions.assembly import Assembly, assemble
from rooms.models import CHUNK_BYTES, Attachment, Chunk, Room

# A number for PostgreSQL's advisory locks that nothing else here uses.
SPACE_LOCK = 1_347_572

# --- Beginning -------------------------------------------------------------------------------------------------------


@transaction.atomic
def start_upload(room: Room, *, actor: User, name: str, size: int) -> Attachment:
    """Make room for a file, or say why there is none before a byte travels."""
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
    require_space(actor, size)
    return Attachment.objects.create(room=room, owner=actor, name=name, size=size)


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


def require_space(actor: User, size: int) -> None:
    """Refuse what would not fit with all that others have begun too; until the transaction ends, nobody begins more."""
    # On SQLite, BEGIN IMMEDIATE has made the others wait already.
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [SPACE_LOCK])
    files = Attachment.objects
    if most := settings.FILES_MAX_PER_PERSON:
        left = most - files.filter(owner=actor).total_size()
        if size > left:
            raise errors.QuotaExceeded(max(left, 0))
    if settings.FILES_MAX_TOTAL and files.all().total_size() + size > settings.FILES_MAX_TOTAL:
        raise errors.SiteFull


# --- Sending ---------------------------------------------------------------------------------------------------------


def find_upload(room: Room, *, actor: User, file_id: UUID) -> Attachment:
    """Return a file of the actor's own on its way to this room, where they still may post."""
    room = Room.objects.find(room.pk)
    require_may_send(room, actor)
    upload: Attachment | None = room.attachments.filter(pk=file_id, owner=actor).first()
    if upload is None:
        raise errors.NoSuchFile
    return upload


def take_chunk(room: Room, *, actor: User, file_id: UUID, offset: int, data: bytes) -> int:
    """Store the bytes from ``offset`` on and return how many are here now. Of two at once, one is stored."""
    upload = find_upload(room, actor=actor, file_id=file_id)
    if offset != upload.received:
        raise errors.WrongOffset(upload.received)
    if offset + len(data) > upload.size:
        raise errors.FileTooLarge(upload.size)
    if len(data) > CHUNK_BYTES:
        raise errors.ChunkTooLarge(CHUNK_BYTES)
    if not data:
        return offset
    name = store.new_name("uploads")
    with storage_problems():
        store.write(name, ContentFile(data))
    if not add_chunk(upload, offset=offset, size=len(data), name=name):
        store.remove([name])
        raise errors.WrongOffset(find_upload(room, actor=actor, file_id=file_id).received)
    return offset + len(data)


@transaction.atomic
def add_chunk(upload: Attachment, *, offset: int, size: int, name: str) -> bool:
    """Let a stored chunk follow the others, unless another has taken its place."""
    waiting = Attachment.objects.filter(pk=upload.pk, state=Attachment.State.UPLOADING, received=offset)
    if not waiting.update(received=offset + size, touched_at=timezone.now()):
        return False
    Chunk.objects.create(attachment=upload, offset=offset, size=size, stored=name)
    store.adopt(name)
    return True


# --- Making it whole -------------------------------------------------------------------------------------------------


def finish_upload(room: Room, *, actor: User, file_id: UUID) -> Attachment:
    """Put the parts together, look what they are, and make what pages show. Finishing twice is finishing once."""
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
    return keep(upload, made)


@transaction.atomic
def keep(upload: Attachment, made: Assembly) -> Attachment:
    row: Attachment | None = Attachment.objects.select_for_update().filter(pk=upload.pk).first()
    if row is None or row.is_whole:
        # Cancelled meanwhile, or finished by the same call from elsewhere.
        store.discard(made.objects_stored)
        if row is None:
            raise errors.NoSuchFile
        return row
    made.describe(row)
    row.state, row.touched_at = Attachment.State.READY, timezone.now()
    row.save()
    store.adopt(*made.objects_stored)
    store.discard(row.chunks.values_list("stored", flat=True))
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
    """Forget a file that has not been posted."""
    upload = find_upload(room, actor=actor, file_id=file_id)
    if not drop(Attachment.objects.filter(pk=upload.pk)):
        raise errors.FileUsed


@transaction.atomic
def drop(files: QuerySet[Attachment]) -> int:
    """Forget those of these files that have not been posted; return how many."""
    going = list(files.select_for_update().exclude(state=Attachment.State.POSTED))
    discard_objects(going)
    Attachment.objects.filter(pk__in=[file.pk for file in going]).delete()
    return len(going)


def discard_objects(files: Iterable[Attachment]) -> None:
    """Have all that these hold in storage removed, in the transaction in which they are."""
    files = list(files)
    chunks = Chunk.objects.filter(attachment__in=files).values_list("stored", flat=True)
    store.discard([*chunks, *(name for file in files for name in file.objects_stored)])


def erase(file: Attachment) -> None:
    """Take away a posted file for good; the digest that the log's chain holds stays."""
    discard_objects([file])
    file.name = file.stored = file.view = file.thumbnail = file.content_type = ""
    file.size = file.received = 0
    file.width = file.height = None
    file.sha256, file.kind = b"", Attachment.Kind.OTHER
    file.save()


def sweep_files() -> tuple[int, int]:
    """Forget uploads that nobody went on with or posted, and objects that nothing refers to; return how many."""
    return drop(Attachment.objects.abandoned()), store.sweep()


@contextmanager
def storage_problems() -> Iterator[None]:
    try:
        yield
    except store.StorageFullError:
        raise errors.SiteFull from None
    except store.StorageAwayError as error:
        raise errors.TryAgain from error
