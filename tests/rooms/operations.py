"""What can be done in and about rooms, and how each door is asked for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from accounts import actions as accounts
from accounts.models import User
from rooms.actions import directs, invitations, memberships, moderation, pins, rooms
from rooms.models import Message, Report
from tests.security.cast import Scene

Act = Callable[[Scene, User], object]
# What a door is sent: method, address (below /api/, a page's name, or the admin's), data.
Sent = tuple[str, str, dict[str, Any]]


@dataclass(frozen=True)
class Operation:
    act: Act
    api: Sent | None = None
    page: Sent | None = None
    admin: Sent | None = None
    # A line that is typed in the terminal's client, in the room.
    terminal: str | None = None


def erin(scene: Scene) -> User:
    return User.objects.get(username="erin")


def erase(message: Message, *, actor: User) -> object:
    return moderation.redact_message(message.room, actor=actor, seq=message.seq)


def pin(message: Message, *, actor: User) -> object:
    return pins.pin_message(message.room, actor=actor, seq=message.seq)


def unpin(message: Message, *, actor: User) -> object:
    return pins.unpin_message(message.room, actor=actor, seq=message.seq)


def charlie(scene: Scene) -> User:
    return scene.people["stranger"]


def form(**words: str) -> dict[str, Any]:
    """The room's form, as it was filled in."""
    return {"name": "Den", "topic": "Between us", **words}


def selected(action: str) -> Sent:
    return ("POST", "rooms/membership/", {"action": action, "_selected_action": "<membership>"})


def confirmed(action: str, selected: str) -> dict[str, Any]:
    return {"action": action, "_selected_action": selected, "confirmed": "yes"}


def kind_of_form(kind: str, **more: str) -> dict[str, Any]:
    return {**form(), "kind": kind, **more}


OPERATIONS: dict[str, Operation] = {
    "join": Operation(
        lambda scene, actor: memberships.join_room(scene.room, actor=actor),
        api=("POST", "rooms/<room_id>/join", {}),
        page=("POST", "room_join", {}),
        terminal="/join <room_id>",
    ),
    "leave": Operation(
        lambda scene, actor: memberships.leave_room(scene.room, actor=actor),
        api=("POST", "rooms/<room_id>/leave", {}),
        page=("POST", "room_leave", {}),
        terminal="/leave",
    ),
    "rename": Operation(
        lambda scene, actor: rooms.rename_room(scene.room, actor=actor, name="Hall"),
        api=("PATCH", "rooms/<room_id>", {"name": "Hall"}),
        page=("POST", "room_settings", form(name="Hall")),
        admin=("POST", "rooms/room/<room_id>/change/", kind_of_form("<kind>", name="Hall")),
        terminal="/rename Hall",
    ),
    "rename to nothing": Operation(
        lambda scene, actor: rooms.rename_room(scene.room, actor=actor, name="\u200b"),
        api=("PATCH", "rooms/<room_id>", {"name": "\u200b"}),
        terminal="/rename \u200b",
    ),
    "rename to a name in use": Operation(
        lambda scene, actor: rooms.rename_room(scene.room, actor=actor, name="TEA"),
        api=("PATCH", "rooms/<room_id>", {"name": "TEA"}),
        page=("POST", "room_settings", form(name="TEA")),
        terminal="/rename TEA",
    ),
    "set the topic": Operation(
        lambda scene, actor: rooms.set_topic(scene.room, actor=actor, topic="All"),
        api=("PATCH", "rooms/<room_id>", {"topic": "All"}),
        page=("POST", "room_settings", form(topic="All")),
        admin=("POST", "rooms/room/<room_id>/change/", kind_of_form("<kind>", topic="All")),
        terminal="/topic All",
    ),
    "make private": Operation(
        lambda scene, actor: rooms.set_kind(scene.room, actor=actor, kind="private"),
        api=("PATCH", "rooms/<room_id>", {"kind": "private"}),
        page=("POST", "room_kind", {"kind": "private"}),
        admin=("POST", "rooms/room/<room_id>/change/", kind_of_form("private")),
        terminal="/kind private",
    ),
    "make public": Operation(
        lambda scene, actor: rooms.set_kind(scene.room, actor=actor, kind="public"),
        api=("PATCH", "rooms/<room_id>", {"kind": "public"}),
        page=("POST", "room_kind", {"kind": "public"}),
        admin=("POST", "rooms/room/<room_id>/change/", kind_of_form("public")),
        terminal="/kind public",
    ),
    "make public, surely": Operation(
        lambda scene, actor: rooms.set_kind(scene.room, actor=actor, kind="public", confirm=True),
        api=("PATCH", "rooms/<room_id>", {"kind": "public", "confirm": True}),
        page=("POST", "room_kind", {"kind": "public", "confirm": "yes"}),
        admin=("POST", "rooms/room/<room_id>/change/", kind_of_form("public", confirm="on")),
        terminal="/kind public confirm",
    ),
    "make direct": Operation(
        lambda scene, actor: rooms.set_kind(scene.room, actor=actor, kind="direct", confirm=True),
        api=("PATCH", "rooms/<room_id>", {"kind": "direct", "confirm": True}),
        page=("POST", "room_kind", {"kind": "direct", "confirm": "yes"}),
        terminal="/kind direct confirm",
    ),
    "delete": Operation(
        lambda scene, actor: rooms.delete_room(scene.room, actor=actor),
        api=("DELETE", "rooms/<room_id>", {}),
        page=("POST", "room_delete", {}),
        admin=("POST", "rooms/room/", {"action": "delete_rooms", "_selected_action": "<room_id>", "confirmed": "yes"}),
        terminal="/delete <name>",
    ),
    "restore": Operation(
        lambda scene, actor: rooms.restore_room(scene.room, actor=actor),
        admin=("POST", "rooms/room/", {"action": "restore_rooms", "_selected_action": "<room_id>"}),
    ),
    "add": Operation(
        lambda scene, actor: memberships.add_member(scene.room, actor=actor, user=charlie(scene)),
        api=("POST", "rooms/<room_id>/members", {"username": "Charlie"}),
        page=("POST", "member_add", {"username": "Charlie"}),
        admin=("POST", "rooms/room/<room_id>/add-member/", {"username": "Charlie"}),
        terminal="/add @Charlie",
    ),
    "add nobody": Operation(
        lambda scene, actor: memberships.add_member(scene.room, actor=actor, user=None),
        api=("POST", "rooms/<room_id>/members", {"username": "nobody-at-all"}),
        page=("POST", "member_add", {"username": "nobody-at-all"}),
        admin=("POST", "rooms/room/<room_id>/add-member/", {"username": "nobody-at-all"}),
        terminal="/add nobody-at-all",
    ),
    "remove": Operation(
        lambda scene, actor: memberships.remove_member(scene.room, actor=actor, user=erin(scene)),
        api=("DELETE", "rooms/<room_id>/members/<user_id>", {}),
        page=("POST", "member_remove", {}),
        admin=selected("remove_members"),
        terminal="/remove erin",
    ),
    "make an admin": Operation(
        lambda scene, actor: memberships.grant_admin(scene.room, actor=actor, user=erin(scene)),
        api=("PATCH", "rooms/<room_id>/members/<user_id>", {"role": "admin"}),
        page=("POST", "member_role", {"role": "admin"}),
        admin=selected("grant_admins"),
        terminal="/admin @erin",
    ),
    "revoke": Operation(
        lambda scene, actor: memberships.revoke_admin(scene.room, actor=actor, user=erin(scene)),
        api=("PATCH", "rooms/<room_id>/members/<user_id>", {"role": "member"}),
        page=("POST", "member_role", {"role": "member"}),
        admin=selected("revoke_admins"),
        terminal="/unadmin erin",
    ),
    "mute": Operation(
        lambda scene, actor: memberships.mute_room(scene.room, actor=actor, muted=True),
        api=("PATCH", "rooms/<room_id>/mine", {"muted": True}),
        page=("POST", "room_mute", {"muted": "yes"}),
        terminal="/mute",
    ),
    "favour": Operation(
        lambda scene, actor: memberships.favour_room(scene.room, actor=actor, favourite=True),
        api=("PATCH", "rooms/<room_id>/mine", {"favourite": True}),
        page=("POST", "room_favour", {"favourite": "yes"}),
    ),
    "invite": Operation(
        lambda scene, actor: invitations.invite(scene.room, actor=actor, uses=3),
        api=("POST", "rooms/<room_id>/invitations", {"uses": 3}),
        page=("POST", "invitation_new", {"days": 7, "uses": 3}),
    ),
    "revoke the invitation": Operation(
        lambda scene, actor: invitations.revoke_invitation(
            scene.room, actor=actor, invitation_id=scene.values["invitation_id"]
        ),
        api=("DELETE", "rooms/<room_id>/invitations/<invitation_id>", {}),
        page=("POST", "invitation_revoke", {}),
    ),
    "follow the invitation": Operation(
        lambda scene, actor: invitations.accept_invitation(scene.values["code"], actor=actor),
        api=("POST", "invitations/<code>/accept", {}),
        page=("POST", "invitation", {}),
        terminal="/accept http://testserver/rooms/invitations/<code>/",
    ),
    "write privately": Operation(
        lambda scene, actor: directs.open_direct(actor=actor, user=erin(scene)),
        api=("POST", "directs", {"username": "erin"}),
        page=("POST", "direct_open", {"username": "erin"}),
    ),
    "report": Operation(
        lambda scene, actor: moderation.report_message(scene.room, actor=actor, seq=scene.values["seq"], reason="Rude"),
        api=("POST", "rooms/<room_id>/messages/<seq>/report", {"reason": "Rude"}),
        terminal="/report <seq> Rude",
    ),
    "pin": Operation(
        lambda scene, actor: pins.pin_message(scene.room, actor=actor, seq=scene.values["seq"]),
        api=("PUT", "rooms/<room_id>/pins/<seq>", {}),
        terminal="/pin <seq>",
    ),
    "pin in the list of messages": Operation(
        lambda scene, actor: pin(Message.objects.get(pk=scene.values["message"]), actor=actor),
        admin=("POST", "rooms/message/", {"action": "pin_messages", "_selected_action": "<message>"}),
    ),
    "unpin": Operation(
        lambda scene, actor: pins.unpin_message(scene.room, actor=actor, seq=scene.values["pinned_seq"]),
        api=("DELETE", "rooms/<room_id>/pins/<pinned_seq>", {}),
        terminal="/unpin <pinned_seq>",
    ),
    "unpin in the list of messages": Operation(
        lambda scene, actor: unpin(Message.objects.get(pk=scene.values["pinned"]), actor=actor),
        admin=("POST", "rooms/message/", {"action": "unpin_messages", "_selected_action": "<pinned>"}),
    ),
    "pin nothing": Operation(
        lambda scene, actor: pins.pin_message(scene.room, actor=actor, seq=1),
        api=("PUT", "rooms/<room_id>/pins/1", {}),
        terminal="/pin 1",
    ),
    "erase": Operation(
        lambda scene, actor: erase(Message.objects.get(pk=scene.values["message"]), actor=actor),
        admin=("POST", "rooms/message/", confirmed("erase_messages", "<message>")),
    ),
    "erase what was reported": Operation(
        lambda scene, actor: erase(Message.objects.get(pk=scene.values["message"]), actor=actor),
        admin=("POST", "rooms/report/", confirmed("erase_messages", "<report>")),
    ),
    "let stand": Operation(
        lambda scene, actor: moderation.dismiss_report(Report.objects.get(), actor=actor),
        admin=("POST", "rooms/report/", confirmed("leave_messages", "<report>")),
    ),
    "block": Operation(
        lambda scene, actor: accounts.block_user(erin(scene), actor=actor),
        api=("PUT", "blocks/<user_id>", {}),
        page=("POST", "account_blocks", {"block": "<user_id>"}),
    ),
    "block oneself": Operation(
        lambda scene, actor: accounts.block_user(actor, actor=actor),
        api=("PUT", "blocks/<own_id>", {}),
    ),
    "unblock": Operation(
        lambda scene, actor: accounts.unblock_user(scene.people["blocked"], actor=actor),
        api=("DELETE", "blocks/<blocked_id>", {}),
        page=("POST", "account_blocks", {"unblock": "<blocked_id>"}),
    ),
    "suspend": Operation(
        lambda scene, actor: accounts.suspend(erin(scene), actor=actor),
        admin=("POST", "accounts/user/", confirmed("suspend_users", "<user_id>")),
    ),
    "let in again": Operation(
        lambda scene, actor: accounts.reactivate(scene.people["suspended"], actor=actor),
        admin=("POST", "accounts/user/", confirmed("reactivate_users", "<suspended_id>")),
    ),
}
