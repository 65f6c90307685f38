"""What is refused of messages."""

from django.utils.translation import gettext_lazy as _

from rooms.errors.requests import RoomError


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
