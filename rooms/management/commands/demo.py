"""``manage.py demo``: fill a fresh site with people, rooms and talk; ``--talk`` makes them go on (``make demo``)."""

import random
import time
from argparse import ArgumentParser
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from rooms.actions.memberships import join_room
from rooms.actions.messages import post_message
from rooms.actions.rooms import open_room
from rooms.management.demo_talk import PASSWORD, PEOPLE, ROOMS, SMALL_TALK, TALK
from rooms.models import Room

# Seconds between two things said.
PAUSE = (3.0, 9.0)


class Command(BaseCommand):
    help = "Fill a fresh site with people, rooms and talk, for trying out."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--talk", action="store_true", help="Go on talking, until stopped.")
        parser.add_argument("--lines", type=int, help="With --talk: stop after so many messages.")

    def handle(self, *args: Any, talk: bool, lines: int | None, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("This fills a site with made-up people. It does so only on a site for trying out.")
        if talk:
            self.go_on_talking(lines)
        elif User.objects.filter(username__in=PEOPLE).count() < len(PEOPLE):
            self.fill()
        names = ", ".join(PEOPLE)
        self.stdout.write(f"Log in as one of {names}; everybody's password is “{PASSWORD}”.")

    def fill(self) -> None:
        if User.objects.exists():
            raise CommandError("This site is in use already. The demonstration needs a fresh one: set CHATSITE_DATA.")
        for username, display_name in PEOPLE.items():
            address = f"{username}@example.org"
            User.objects.create_user(username, address, PASSWORD, display_name=display_name)
        for name, topic, opener, others in ROOMS:
            room = open_room(actor=person(opener), name=name, topic=topic)
            for username in others:
                join_room(room, actor=person(username))
            for username, words in TALK[name]:
                say(room, person(username), words)

    def go_on_talking(self, lines: int | None) -> None:
        said = 0
        while lines is None or said < lines:
            if lines is None:
                time.sleep(random.uniform(*PAUSE))  # noqa: S311 (small talk is no secret)
            room = random.choice(Room.objects.open().filter(name__in=TALK))  # noqa: S311
            member = random.choice(room.memberships.active().select_related("user"))  # noqa: S311
            say(room, member.user, random.choice(SMALL_TALK))  # noqa: S311
            said += 1


def person(username: str) -> User:
    return User.objects.named(username).get()


def say(room: Room, author: User, words: str) -> None:
    post_message(room, actor=author, client_id=uuid4().hex, body=words)
