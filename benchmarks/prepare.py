"""Fill a site for a load test: people in one room, each with a session. Run in the site's own environment.

``python -m benchmarks.prepare PEOPLE`` prints a line of JSON: the room's id and the people's session keys.
"""

import json
import sys
from importlib import import_module

import django

django.setup()

from django.conf import settings  # noqa: E402 (after the set-up)
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.utils import timezone  # noqa: E402

from accounts.models import User  # noqa: E402
from rooms.actions.rooms import open_room  # noqa: E402
from rooms.models import Membership, Room  # noqa: E402


def people(count: int) -> list[User]:
    # Made at once: one sign-up after the other would take minutes.
    return User.objects.bulk_create(
        User(username=f"person{n}", username_folded=f"person{n}", password="!", email=f"person{n}@example.org")
        for n in range(count)
    )


def sign_in(user: User) -> str:
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    assert session.session_key
    return str(session.session_key)


def main(count: int) -> None:
    everybody = people(count)
    room = open_room(actor=everybody[0], name=f"Load {timezone.now():%H%M%S%f}")
    Membership.objects.bulk_create(Membership(room=room, user=user) for user in everybody[1:])
    Room.objects.filter(pk=room.pk).update(member_count=count)
    print(json.dumps({"room": str(room.pk), "sessions": [sign_in(user) for user in everybody]}))


if __name__ == "__main__":
    main(int(sys.argv[1]))
