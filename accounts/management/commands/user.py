"""``manage.py user create | suspend | reactivate | reset | admin``: look after one person."""

from argparse import ArgumentParser
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.management.base import CommandError
from django.db import transaction
from django.utils import translation

from accounts import actions
from accounts.admin.users import UserAddForm
from accounts.audit import record
from accounts.commands import EXIT_CODES, LookingAfter, as_id, only_one
from accounts.models import User
from accounts.reset_tokens import reset_link


class Command(LookingAfter):
    help = f"Look after one person, by username, id or email address. {EXIT_CODES}"

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        create = commands.add_parser("create", help="Make an account, and print the link to its first password.")
        create.add_argument("username")
        create.add_argument("address", help="It is taken as theirs.")
        create.add_argument("--admin", action="store_true", help="With all rights.")
        for name, about in (
            ("suspend", "Turn the account off: signed out everywhere at once."),
            ("reactivate", "Let in again."),
            ("reset", "Print a link to a new password, good for three days."),
            ("admin", "Give all rights in the Django admin."),
        ):
            one = commands.add_parser(name, help=about)
            one.add_argument("person")
            if name == "reset":
                one.add_argument("--mail", action="store_true", help="Send it to the person's address instead.")
            if name == "admin":
                one.add_argument("--off", action="store_true", help="Take them away.")

    def handle(self, *args: Any, command: str, **options: Any) -> None:
        if command == "create":
            self.create(**options)
        else:
            getattr(self, command)(find(options.pop("person")), **options)

    @transaction.atomic
    def create(self, *, username: str, address: str, admin: bool, **options: Any) -> None:
        form = UserAddForm({"username": username, "email": address, "usable_password": "false"})
        if not address or not form.is_valid():
            wrong = [str(error) for errors in form.errors.values() for error in errors]
            raise CommandError(" ".join(wrong) or "Say their address, by which they choose a password.")
        person: User = form.save()
        actions.vouch_for_email(person)
        record("person_made", actor=None, subject=person)
        if admin:
            actions.set_access(person, actor=None, is_staff=True, is_superuser=True)
        self.stdout.write(f"{person.username} has an account, and chooses a password here, within three days:")
        self.stdout.write(reset_link(person, address=EmailAddress.objects.get(user=person)))

    def suspend(self, person: User, **options: Any) -> None:
        was = person.is_active
        actions.suspend(person, actor=None)
        self.say(person, "is suspended" if was else "was suspended already")

    def reactivate(self, person: User, **options: Any) -> None:
        was = person.is_active
        actions.reactivate(person, actor=None)
        self.say(person, "was not suspended" if was else "may log in again")

    def reset(self, person: User, *, mail: bool, **options: Any) -> None:
        if person.is_guest or not person.is_active:
            raise CommandError(
                f"{person.username} is {'a guest' if person.is_guest else 'suspended'}: no password helps."
            )
        if mail and not settings.HAS_MAIL_SERVER:
            raise CommandError("This site has no mail server: without --mail the link is printed.")
        address = EmailAddress.objects.get_primary(person) or address_of_row(person)
        if address is None:
            raise CommandError(f"{person.username} has no email address: manage.py changepassword {person.username}")
        with transaction.atomic():
            record("password_link", actor=None, subject=person)
            link = reset_link(person, address=address)
            if mail:
                # Past the limits of what strangers can ask for.
                facts = {"password_reset_url": link, "username": person.username}
                with translation.override(person.language or translation.get_language()):
                    get_adapter().render_mail("account/email/password_reset_key", address.email, facts).send()
                self.say(person, f"is sent a link to a new password, to {address.email}")
            else:
                self.say(person, "chooses a new password here, within three days:")
                self.stdout.write(link)

    def admin(self, person: User, *, off: bool, **options: Any) -> None:
        if person.is_guest:
            raise CommandError(f"{person.username} is a guest, who has no way to log in.")
        was = (person.is_staff, person.is_superuser) == (not off, not off)
        actions.set_access(person, actor=None, is_staff=not off, is_superuser=not off)
        self.say(person, f"{'was' if was else 'is'} {'no' if off else 'a'} site admin{' already' if was else ' now'}")

    def say(self, person: User, what: str) -> None:
        self.stdout.write(f"{person.username} {what}{'' if what.endswith(':') else '.'}")


def find(text: str) -> User:
    """Return the person with this username or id, or else with this address."""
    people = User.objects.filter(deleted_at=None)
    if number := as_id(text):
        return only_one(list(people.filter(pk=number)), kind="user", text=text)
    found = list(User.objects.named(text).filter(deleted_at=None))
    if not found and "@" in text:
        having = EmailAddress.objects.filter(email__iexact=text).values("user")
        found = list(people.filter(pk__in=having) | people.filter(email__iexact=text))
    return only_one(found, kind="user", text=text)


def address_of_row(person: User) -> EmailAddress | None:
    """Return that of a site admin from the command line, of which there is no row yet."""
    if not person.email:
        return None
    address: EmailAddress = EmailAddress.objects.get_or_create(user=person, email=person.email)[0]
    return address
