"""What is refused of files."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from chatsite.files import pictures
from chatsite.files.sizes import size_in_words
from rooms.errors.requests import RoomError, TryAgain


class EmptyName(RoomError):
    code = "empty_name"
    status = 400
    sentence = _("A file needs a name that can be shown. Rename it and send it again.")


class BadSize(RoomError):
    code = "bad_size"
    status = 400
    sentence = _("A file has a size of 0 bytes or more. Choose it again.")


class OverLimit(RoomError):
    """A file does not fit; ``limit`` is the number of bytes that would."""

    status = 413

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit

    def __str__(self) -> str:
        return str(self.sentence) % {"limit": size_in_words(self.limit)}

    @property
    def more(self) -> dict[str, Any]:
        return {"limit": self.limit}


class FileTooLarge(OverLimit):
    code = "file_too_large"
    sentence = _("A file has %(limit)s at most here. Send a smaller one, or send it in parts.")


class QuotaExceeded(OverLimit):
    """``limit`` is what the person has left."""

    code = "quota_exceeded"
    sentence = _("There is room for %(limit)s more of your files here. Send a smaller one.")


class ChunkTooSmall(OverLimit):
    """``limit`` is the number of bytes that would do."""

    code = "chunk_too_small"
    status = 400
    sentence = _("One request carries %(limit)s of a file at least, unless it is the last. Send more at once.")


class TooManyUploads(RoomError):
    """One of those on their way has to come to its end first."""

    code = "too_many_uploads"
    status = 429
    sentence = _("You have %(count)s files on their way already. Wait until one of them has arrived, or cancel one.")
    # Seconds after which it is worth asking again.
    RETRY_AFTER = 10

    def __init__(self, count: int) -> None:
        super().__init__(count)
        self.count = count

    def __str__(self) -> str:
        return str(self.sentence) % {"count": self.count}

    @property
    def more(self) -> dict[str, Any]:
        return {"retry_after": self.RETRY_AFTER}


class ChunkTooLarge(OverLimit):
    code = "chunk_too_large"
    sentence = _("One request carries %(limit)s of a file at most. Send it in parts.")


class SiteFull(RoomError):
    code = "site_full"
    status = 507
    sentence = _("This site has no room left for files. Tell those who look after it.")


class TypeNotAllowed(RoomError):
    code = "type_not_allowed"
    status = 415
    sentence = _("Files of this type cannot be sent here. Send it as another type, or put it into an archive.")


class PictureTooLarge(RoomError):
    code = "picture_too_large"
    status = 422
    sentence = _("This picture has more than 50 million pixels. Make it smaller and send it again.")


class NoSuchFile(RoomError):
    """There is none, or none that this person may know of: the two look the same."""

    code = "no_such_file"
    status = 404
    sentence = _("There is no such file, or it is not open to you.")


class FileUsed(RoomError):
    code = "file_used"
    status = 409
    sentence = _("This file has been sent already. To send it again, choose it again.")


class Unfinished(RoomError):
    """``offset`` is how many bytes are here."""

    status = 409

    def __init__(self, offset: int) -> None:
        super().__init__(offset)
        self.offset = offset

    @property
    def more(self) -> dict[str, Any]:
        return {"offset": self.offset}


class WrongOffset(Unfinished):
    code = "wrong_offset"
    sentence = _("This part of the file does not follow what has arrived. Go on from there.")


class Incomplete(Unfinished):
    code = "incomplete"
    sentence = _("This file has not arrived whole yet. Send the rest of it first.")


class PicturesBusy(TryAgain):
    """As many pictures wait to be decoded as may."""

    code = "pictures_busy"
    sentence = _("The site is busy with other pictures. Try again in some seconds.")

    @property
    def more(self) -> dict[str, Any]:
        return {"retry_after": pictures.RETRY_AFTER}
