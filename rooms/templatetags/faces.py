"""People's faces on pages that the server writes; js/lib/face.js draws the same in the browser."""

import unicodedata
from typing import Any

from django import template

from accounts.models import User
from rooms.events import person_json

register = template.Library()

HUES = 8
# What belongs to the letter before it, though it is a character of its own: joined emoji and their variants.
JOINER = "\u200d"
VARIANTS = range(0xFE00, 0xFE10)


@register.inclusion_tag("_face.html")
def face(person: User | None, size: str = "") -> dict[str, Any]:
    """A person's picture, or the first letter of their name on a colour that is theirs."""
    if person is None:
        return {"hue": 0, "initial": "?", "size": size}
    return {
        "picture": person_json(person)["picture"],
        "hue": hue_of(str(person.pk)),
        "initial": initial_of(person.shown_name),
        "size": size,
    }


def hue_of(person_id: str) -> int:
    """Return one of eight colours: the one that js/lib/users.js has for this person too."""
    total = 0
    for character in person_id:
        total = (total * 31 + ord(character)) % 9973
    return total % HUES


def initial_of(name: str) -> str:
    """Return the first letter, whole: it may be several characters."""
    letter = name[:1]
    for character in name[1:]:
        belongs = unicodedata.combining(character) or ord(character) in VARIANTS
        if not (belongs or character == JOINER or letter.endswith(JOINER)):
            break
        letter += character
    return letter.upper() or "?"
