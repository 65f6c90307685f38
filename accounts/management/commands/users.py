"""``manage.py users [WORDS]``: who has an account here."""

from argparse import ArgumentParser
from typing import Any

from django.db.models import Q

from accounts.commands import ListCommand
from accounts.models import User
from chatsite.text import fold


class Command(ListCommand):
    help = "List the people of this site, those with WORDS in their username, display name or address."

    def add_arguments(self, parser: ArgumentParser) -> None:
        super().add_arguments(parser)
        only = parser.add_mutually_exclusive_group()
        only.add_argument("--admins", action="store_true", help="Only who comes into the Django admin.")
        only.add_argument("--suspended", action="store_true", help="Only who was turned off.")
        only.add_argument("--guests", action="store_true", help="Only guests, who are left out otherwise.")

    def handle(
        self, *args: Any, words: str, as_json: bool, admins: bool, suspended: bool, guests: bool, **options: Any
    ) -> None:
        people = User.objects.filter(deleted_at=None, is_guest=guests).order_by("username_folded")
        if words:
            named = Q(username_folded__contains=fold(words)) | Q(display_name__icontains=words)
            people = people.filter(named | Q(email__icontains=words))
        if admins:
            people = people.filter(is_staff=True)
        if suspended:
            people = people.filter(is_active=False)
        self.show([facts(person) for person in people], as_json=as_json, line=line)


def facts(person: User) -> dict[str, Any]:
    return {
        "id": person.pk,
        "username": person.username,
        "display_name": person.display_name,
        "email": person.email,
        "is_active": person.is_active,
        "is_staff": person.is_staff,
        "is_superuser": person.is_superuser,
        "is_guest": person.is_guest,
        "joined": person.date_joined.isoformat(),
        "last_login": person.last_login and person.last_login.isoformat(),
    }


def line(person: dict[str, Any]) -> str:
    rank = "admin" if person["is_superuser"] else "staff" if person["is_staff"] else ""
    state = "" if person["is_active"] else "suspended"
    return "  ".join(str(part) for part in (person["id"], person["username"], person["email"], rank, state) if part)
