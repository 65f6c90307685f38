"""Rows, rooms and people as lines of text."""

from datetime import UTC, datetime

from chatsite_client import safe
from chatsite_client.shapes import Attachment, Member, Message, Person, Room

# A name of one's own choosing is no longer than 60 characters; a terminal is not much wider.
NAME = 40
# What happened, by the kind of the row: {who} did it, {whom} it is about, {body} is the new name or topic.
HAPPENED = {
    "opened": "{who} opened the room.",
    "joined": "{who} joined.",
    "left": "{who} left.",
    "added": "{who} added {whom}.",
    "removed": "{who} removed {whom}.",
    "admin_granted": "{who} made {whom} an admin.",
    "admin_revoked": "{who} took the admin role from {whom}.",
    "renamed": "{who} renamed the room to {body}.",
    "topic_changed": "{who} set the topic: {body}",
    "kind_changed": "{who} made the room {body}.",
    "redacted": "A site admin erased message {target}.",
    "pinned": "{who} pinned message {target}.",
    "unpinned": "{who} unpinned message {target}.",
}
UNITS = ("bytes", "kB", "MB", "GB", "TB")


def person(someone: Person | None) -> str:
    """Return how somebody is called; the username stands beside a name of their own choosing, which proves nothing."""
    if someone is None:
        return "Somebody"
    name, username = safe.line(someone["display_name"], NAME), safe.line(someone["username"], NAME)
    return name if name == username else f"{name} ({username})"


def size(count: int) -> str:
    number = float(count)
    for unit in UNITS:
        if number < 1000 or unit == UNITS[-1]:
            return f"{number:.0f} {unit}" if unit == "bytes" or number >= 10 else f"{number:.1f} {unit}"
        number /= 1000
    raise AssertionError


def attachment(file: Attachment) -> str:
    return f"[file: {safe.line(file['name'], 120)}, {size(file['size'])}, id {safe.line(file['id'], NAME)}]"


def at(row: Message) -> datetime:
    """Return when a row was written, in the time of this machine."""
    return datetime.fromisoformat(row["at"]).astimezone()


def in_utc(row: Message) -> datetime:
    return datetime.fromisoformat(row["at"]).astimezone(UTC)


def happened(row: Message) -> str:
    sentence = HAPPENED.get(row["kind"], "{who}: {kind} {body}")
    # A file's or person's name may hold braces; format() does not look into what it puts in.
    return sentence.format(
        who=person(row["author"]),
        whom=person(row["subject"]),
        body=safe.line(row["body"], 250),
        target=row["target_seq"] or safe.line(row["body"], 20),
        kind=safe.line(row["kind"], NAME),
    )


def message(row: Message, *, when: datetime | None = None) -> str:
    """Return a row as ``12:30 Ann: words``; what happened stands after a star, which no name can begin with here."""
    clock = f"{when or at(row):%H:%M}"
    if row["redacted"]:
        return f"{clock} {person(row['author'])}: [erased by a site admin]"
    if row["kind"] not in {"text", "file"}:
        return f"{clock} * {happened(row)}"
    parts = [safe.indented(row["body"], "        ")] if row["body"] else []
    if row["attachment"]:
        parts.append(attachment(row["attachment"]))
    return f"{clock} {person(row['author'])}: {' '.join(parts)}"


def saved(row: Message) -> str:
    """Return a row as a saved transcript has it: in UTC, wherever it was saved."""
    return message(row, when=in_utc(row))


def room_name(room: Room) -> str:
    partner = room.get("partner")
    return f"@{safe.line(partner['username'], NAME)}" if partner else safe.line(room["name"], 80)


def room(one: Room) -> str:
    about: list[str] = [one["kind"]] if one["kind"] != "public" else []
    if one["role"] == "admin":
        about.append("admin")
    if one["muted"]:
        about.append("muted")
    if one["unread"]:
        about.append(f"{one['unread']} unread")
    if one["mentions"]:
        about.append(f"{one['mentions']} mentions")
    topic = f"  {safe.line(one['topic'], 100)}" if one["topic"] else ""
    state = f"  [{', '.join(about)}]" if about else ""
    return f"{room_name(one)}{state}{topic}"


def member(one: Member) -> str:
    return person(one["person"]) + ("  [admin]" if one["role"] == "admin" else "")
