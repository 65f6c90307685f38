"""What is refused of rooms, members and invitations."""

from django.utils.translation import gettext_lazy as _

from rooms.errors.requests import RoomError


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
