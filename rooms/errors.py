"""What can be refused in a room: one class, one code, one HTTP status and one sentence for the person."""

import math
from typing import Any, ClassVar

from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext_lazy as _

from chatsite.files import pictures


class RoomError(Exception):
    """An action said no. ``code`` is for programs, ``str(error)`` is a whole sentence for people."""

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = 400
    sentence: ClassVar[Any] = _("That cannot be done.")

    def __str__(self) -> str:
        return str(self.sentence)

    @property
    def more(self) -> dict[str, Any]:
        """What a program is told besides the code."""
        return {}


class NoSuchRoom(RoomError):
    """There is none, or none that this person may know of: the two look the same."""

    code = "no_such_room"
    status = 404
    sentence = _("There is no such room, or it is not open to you.")


class JoinFirst(RoomError):
    code = "join_first"
    status = 403
    sentence = _("Join this room first to read it and to talk in it.")


class Left(RoomError):
    code = "left"
    status = 403
    sentence = _("You have left this room. Join it again to read it and to talk in it.")


class Removed(RoomError):
    code = "removed"
    status = 403
    sentence = _("You were removed from this room. An admin of the room can add you again.")


class RoomDeleted(RoomError):
    code = "room_deleted"
    status = 410
    sentence = _("This room has been deleted by one of its admins. Choose another one from the list.")


class NotAdmin(RoomError):
    code = "not_admin"
    status = 403
    sentence = _("Only the admins of this room can do that. Ask one of them.")


class LastAdmin(RoomError):
    code = "last_admin"
    status = 409
    sentence = _("You are the only admin of this room. Make somebody else an admin first, or delete the room.")


class GiveUpFirst(RoomError):
    code = "give_up_first"
    status = 409
    sentence = _("You are an admin of this room. Give up that role first, then you can leave.")


class DirectRoom(RoomError):
    code = "direct_room"
    status = 409
    sentence = _("This is a private talk between two people. It has no admins, and nothing about it can be changed.")


class BadKind(RoomError):
    code = "bad_kind"
    status = 422
    sentence = _("A room is either public or private. Choose one of the two.")


class ConfirmPublic(RoomError):
    """Asked for before a private room's transcript becomes readable: the same call with ``confirm`` goes through."""

    code = "confirm_public"
    status = 409
    sentence = _("Everybody on this site will be able to join and to read the whole transcript. Confirm that.")


class GuestsCannot(RoomError):
    code = "guests_cannot"
    status = 403
    sentence = _("Guests cannot open rooms. Keep your account first: give it a username and a password.")


class NotMember(RoomError):
    code = "not_member"
    status = 404
    sentence = _("That person is not a member of this room. Add them first.")


class NoSuchPerson(RoomError):
    code = "no_such_person"
    status = 404
    sentence = _("There is nobody with this username. Please check how it is written.")


class Yourself(RoomError):
    code = "yourself"
    status = 422
    sentence = _("This is you. Choose somebody else.")


class Blocked(RoomError):
    """One of the two has blocked the other; which of them, it does not say."""

    code = "blocked"
    status = 403
    sentence = _("Private messages between the two of you are not possible.")


class BadInvitation(RoomError):
    """Expired, used up, revoked, or never made: they look the same."""

    code = "bad_invitation"
    status = 410
    sentence = _("This invitation is not good any more. Ask an admin of the room for a new one.")


class BadInvitationTerms(RoomError):
    code = "bad_invitation_terms"
    status = 422
    sentence = _("An invitation is good for a year at most, and for 1 to 10,000 people.")


class NoSuchInvitation(RoomError):
    code = "no_such_invitation"
    status = 404
    sentence = _("This room has no such invitation.")


class NoSuchMessage(RoomError):
    code = "no_such_message"
    status = 404
    sentence = _("There is no such message in this room.")


class Erased(RoomError):
    code = "erased"
    status = 410
    sentence = _("This message was erased, so it cannot be pinned.")


class TooManyPins(RoomError):
    code = "too_many_pins"
    status = 409
    sentence = _("A room has 50 pinned messages at most. Unpin one of them first.")


class ReasonTooLong(RoomError):
    code = "reason_too_long"
    status = 422
    sentence = _("A reason has 1,000 characters at most. Please shorten it.")


class NotSiteAdmin(RoomError):
    code = "not_site_admin"
    status = 403
    sentence = _("Only those who look after this site can do that.")


class GoneForGood(RoomError):
    code = "gone_for_good"
    status = 410
    sentence = _("This room was deleted more than 30 days ago and cannot be restored.")


class NameTaken(RoomError):
    code = "name_taken"
    status = 409
    sentence = _("There is already a room with this name. Please choose another.")


class BadName(RoomError):
    code = "bad_name"
    status = 422
    sentence = _("A room needs a name of 1 to 80 characters, and none that cannot be seen.")


class BadTopic(RoomError):
    code = "bad_topic"
    status = 422
    sentence = _("A topic has 200 characters at most. Please shorten it.")


class BadIdempotencyKey(RoomError):
    code = "bad_idempotency_key"
    status = 400
    sentence = _("An Idempotency-Key has 1 to 255 letters, digits or signs of ASCII. Make a new one for each request.")


class IdempotencyKeyReused(RoomError):
    """The same key with another request: answering the old one would lose the new one silently."""

    code = "idempotency_key_reused"
    status = 422
    sentence = _("Another request was sent under this Idempotency-Key. Use a new one for each request.")


class BadCursor(RoomError):
    code = "bad_cursor"
    status = 422
    sentence = _("This cursor is not of this list. Begin again without one.")


class EmptyMessage(RoomError):
    code = "empty"
    status = 422
    sentence = _("Write something first: an empty message is not sent.")


class MessageTooLong(RoomError):
    code = "too_long"
    status = 422
    sentence = _("A message has 10,000 characters at most. Please send it in parts.")


class BadMessage(RoomError):
    code = "bad_message"
    status = 422
    sentence = _("This message holds characters that cannot be stored. Please remove them and send it again.")


class BadClientId(RoomError):
    code = "bad_client_id"
    status = 422
    sentence = _("A message needs a client_id of 1 to 64 letters, digits, dots, dashes or underscores.")


class ClientIdReused(RoomError):
    """The same ``client_id`` with other words: answering the old row would lose the new words silently."""

    code = "client_id_reused"
    status = 409
    sentence = _("Another message was sent under this client_id. Use a new one for each message.")


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
        return str(self.sentence) % {"limit": filesizeformat(self.limit)}

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


class TryAgain(RoomError):
    """The site could not do it now (a database away, a queue full). Nothing was stored; the same call may succeed."""

    code = "try_again"
    status = 503
    sentence = _("The site cannot take that just now. Please try again in a moment.")


class ReadOnly(TryAgain):
    """The site's operator lets nobody write for a while (chatsite/readonly.py)."""

    code = "read_only"
    sentence = _("The site is read-only for a while: it is being looked after. Nothing was stored; try again later.")
    # Seconds after which it is worth asking again.
    RETRY_AFTER = 30

    @property
    def more(self) -> dict[str, Any]:
        return {"retry_after": self.RETRY_AFTER}


class PicturesBusy(TryAgain):
    """As many pictures wait to be decoded as may."""

    code = "pictures_busy"
    sentence = _("The site is busy with other pictures. Try again in some seconds.")

    @property
    def more(self) -> dict[str, Any]:
        return {"retry_after": pictures.RETRY_AFTER}


class Elsewhere(RoomError):
    """The person has entered another room since: ``room`` is its id and name."""

    code = "elsewhere"
    status = 409
    sentence = _("You are in another room now. Come back here to go on in this one.")

    def __init__(self, room: dict[str, Any]) -> None:
        super().__init__(room)
        self.room = room

    @property
    def more(self) -> dict[str, Any]:
        return {"room": self.room}


class TooFast(RoomError):
    """More than anybody does by hand; the same call may succeed after ``seconds``."""

    code = "too_fast"
    status = 429
    sentence = _("That was too much at once. Wait a moment and try again.")

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds

    @property
    def more(self) -> dict[str, Any]:
        # Whole seconds, as the Retry-After header has them.
        return {"retry_after": max(1, math.ceil(self.seconds))}


class TooManySockets(TooFast):
    code = "too_many_sockets"
    sentence = _("You are connected from many places at once. Close some of them, and this one can be live again.")
