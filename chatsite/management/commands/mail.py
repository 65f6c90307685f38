"""``manage.py mail list | send | test ADDRESS``: what waits for the mail server, and whether it takes mail at all."""

import json
from argparse import ArgumentParser
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMessage
from django.core.management.base import BaseCommand, CommandError
from django.core.validators import validate_email
from django.utils import timezone

from accounts.models import SiteSettings
from chatsite import outbox
from chatsite.models import OutgoingMail


class Command(BaseCommand):
    help = "Look after the site's mail: what waits, send it now, or try the mail server."

    def add_arguments(self, parser: ArgumentParser) -> None:
        commands = parser.add_subparsers(dest="command", required=True)
        listed = commands.add_parser("list", help="What waits for the mail server, and what was given up of late.")
        listed.add_argument("--json", action="store_true", dest="as_json", help="One JSON object a line.")
        commands.add_parser("send", help="Send now all that waits. Ends with 1 where some of it stays.")
        trial = commands.add_parser("test", help="Send one mail and say what the mail server answered.")
        trial.add_argument("address")

    def handle(self, *args: Any, command: str, **options: Any) -> None:
        if not settings.HAS_MAIL_SERVER:
            raise CommandError("This site has no mail server: set EMAIL_URL.")
        run: dict[str, Callable[..., None]] = {"list": self.show, "send": self.send, "test": self.try_server}
        run[command](**options)

    def show(self, *, as_json: bool, **options: Any) -> None:
        # Not what is in it: a link there opens an account.
        for mail in OutgoingMail.objects.order_by("queued_at"):
            facts = {"to": str(mail), "state": mail.state, "attempts": mail.attempts, "error": mail.error}
            if as_json:
                self.stdout.write(json.dumps({"queued_at": mail.queued_at.isoformat(), **facts}, ensure_ascii=False))
            else:
                self.stdout.write(
                    f"{mail.queued_at:%Y-%m-%d %H:%M}  {mail.state}  {mail}  {mail.attempts}×  {mail.error}"
                )
        if not as_json:
            waiting, all_of_them = OutgoingMail.objects.waiting().count(), OutgoingMail.objects.count()
            self.stdout.write(f"{waiting} wait, {all_of_them - waiting} were given up.")

    def send(self, **options: Any) -> None:
        waiting = OutgoingMail.objects.waiting()
        # What another process is sending at the moment is its own.
        waiting.exclude(state=OutgoingMail.State.SENDING).update(due_at=timezone.now())
        outbox.send_due()
        self.stdout.write(f"{outbox.Counts.sent} sent by this command.")
        if left := list(waiting):
            why = next((mail.error for mail in left if mail.error), "they are being sent")
            raise CommandError(f"{len(left)} wait on: {why}")

    def try_server(self, *, address: str, **options: Any) -> None:
        try:
            validate_email(address)
        except ValidationError:
            raise CommandError(f"{address} is no address that mail can be sent to.") from None
        name = SiteSettings.current().shown_name
        message = EmailMessage(f"A test from {name}", f"The mail of {settings.SITE_URL} works.", to=[address])
        server = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
        try:
            # Past the outbox: whoever asks wants to see the answer.
            outbox.server().send_messages([message])
        except OSError as error:  # smtplib's errors are of this kind
            raise CommandError(f"The mail server at {server} did not take it: {outbox.shown(error)}") from error
        self.stdout.write(f"The mail server at {server} has taken a mail to {address}. Look whether it arrives.")
