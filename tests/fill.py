"""Fill a site, in its own environment, without a browser. Both print a line of JSON, with session keys to come in by.

``python -m tests.fill people NAME…`` signs people up, and prints a session key for each name.
``python -m tests.fill talk MESSAGES ROOMS [UNREAD]`` lets two people talk, and prints the room's id and a session key
of each; ``ROOMS`` more are in their side bars. They have read all of it, but bob none of the last ``UNREAD`` messages.
"""

import json
import sys
from collections.abc import Sequence

import django

django.setup()

from django.test import Client  # noqa: E402 (after the set-up)

from accounts.models import User  # noqa: E402
from rooms.actions.memberships import join_room, mark_read  # noqa: E402
from rooms.actions.messages import post_messages  # noqa: E402
from rooms.actions.posts import clean_post  # noqa: E402
from rooms.actions.rooms import open_room  # noqa: E402
from rooms.management.demo_talk import SMALL_TALK, TALK  # noqa: E402

PASSWORD = "correct horse battery staple"
BATCH = 500
WORDS = [words for talk in TALK.values() for _, words in talk] + SMALL_TALK


def sign_up(names: Sequence[str]) -> dict[str, str]:
    """Through the form, so that everything is there that it leaves behind."""
    sessions = {}
    for name in names:
        client = Client(SERVER_NAME="127.0.0.1")
        fields = {"email": f"{name}@example.org", "username": name, "password1": PASSWORD}
        assert client.post("/accounts/signup/", fields).status_code == 302
        sessions[name] = client.cookies["sessionid"].value
    return sessions


def talk(messages: int, rooms: int, unread: int = 0) -> dict[str, object]:
    sessions = sign_up(["alice", "bob"])
    alice, bob = User.objects.order_by("username")
    room, *_ = (open_room(actor=alice, name=f"Room {number}") for number in range(rooms + 1))
    join_room(room, actor=bob)
    posts = [
        clean_post(
            room_id=room.pk,
            author=bob if number % 5 < 2 else alice,
            client_id=str(number),
            body=f"{WORDS[number % len(WORDS)]} ({number})",
        )
        for number in range(messages)
    ]
    for start in range(0, messages, BATCH):
        post_messages(posts[start : start + BATCH])
    # The two first rows tell of the room and of bob.
    for person, left in ((alice, 0), (bob, unread)):
        mark_read(room, actor=person, seq=messages + 2 - left)
    return {"room": str(room.pk), "sessions": sessions}


if __name__ == "__main__":
    match sys.argv[1:]:
        case ["people", *names]:
            print(json.dumps(sign_up(names)))
        case ["talk", *numbers]:
            print(json.dumps(talk(*map(int, numbers))))
        case _:
            sys.exit(__doc__)
