"""Mail waits here until the mail server has taken it: written in the transaction of what causes it, sent by a thread.

So nobody's answer waits for a mail server, and one that is away loses nothing. Ours, after a look at the libraries
(2026-11): django-mailer and django-post-office both want a timer or a process beside the site's, keep what was sent,
links to new passwords among it, and try again in even steps; the latter brings six tables and an HTML sanitiser.
"""

import atexit
import logging
import smtplib
import threading
from collections.abc import Callable, Sequence
from datetime import timedelta

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends import smtp
from django.core.mail.backends.base import BaseEmailBackend
from django.core.mail.message import sanitize_address
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from chatsite.models import OutgoingMail

logger = logging.getLogger(__name__)

# Links in mail are good for three days: whoever gets one late still has a day for it.
GIVE_UP_AFTER = timedelta(days=2)
# How long the row of a mail that was given up is kept, without its content.
KEEP_GIVEN_UP = timedelta(days=30)
# The pause before the next try doubles, from the first to the longest.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=15), timedelta(minutes=10)
# After which another process takes up a mail that a killed one was sending. Longer than sending one takes, each of
# whose steps ends after EMAIL_TIMEOUT.
LEASE = timedelta(minutes=5)
# Seconds between two searches for what is due: what other processes and commands have written, and what is tried again.
CHECK_EVERY = 15.0
# Seconds that a process which stops waits for the mail that it is sending.
FINISH_SECONDS = 3.0
# If mail waits for longer than this, the page that a user waits at says so.
LATE = timedelta(minutes=1)
NOT_NOW = 421


class EmailBackend(BaseEmailBackend):
    """Django's way to send mail, for a site with a mail server."""

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        rows = [packed(message) for message in email_messages if message.recipients()]
        OutgoingMail.objects.bulk_create(rows)
        transaction.on_commit(worker.wake)
        return len(rows)


def packed(message: EmailMessage) -> OutgoingMail:
    """Return the mail as bytes, made once: date and Message-ID stay the same however often it is tried."""
    encoding = message.encoding or settings.DEFAULT_CHARSET
    return OutgoingMail(
        sender=sanitize_address(message.from_email, encoding),
        recipients=[sanitize_address(address, encoding) for address in message.recipients()],
        content=message.message().as_bytes(linesep="\r\n"),  # type: ignore[call-arg]
    )


# --- Sending ---------------------------------------------------------------------------------------------------------


class Counts:
    """What this process has done, for Prometheus."""

    sent = 0
    given_up = 0


def server() -> smtp.EmailBackend:
    return smtp.EmailBackend(timeout=settings.EMAIL_TIMEOUT)


# The mail server has taken these; their rows are still to be deleted.
_sent: set[int] = set()


def send_due() -> None:
    """Send what is due, one after the other, until the mail server takes nothing more for now."""
    forget_sent()
    give_up_old()
    if not OutgoingMail.objects.due().exists():
        return
    line = server()
    try:
        while not worker.is_stopping and (mail := claim()) and send(mail, line):
            pass
    finally:
        hang_up(line)


@transaction.atomic
def claim() -> OutgoingMail | None:
    """Return the mail that has been due longest, taken so that no other process sends it; None: none is due."""
    mail: OutgoingMail | None = (
        OutgoingMail.objects.select_for_update(skip_locked=True).due().order_by("due_at").first()
    )
    if mail:
        mail.attempts += 1
        mail.state, mail.due_at = mail.State.SENDING, timezone.now() + LEASE
        mail.save(update_fields=["attempts", "state", "due_at"])
    return mail


def send(mail: OutgoingMail, line: smtp.EmailBackend) -> bool:
    """Send one mail; return false if the mail server would take no other mail either."""
    try:
        line.open()
        assert line.connection
        line.connection.sendmail(mail.sender, mail.recipients, bytes(mail.content))
    except Exception as error:
        hang_up(line)
        is_about_mail, is_for_good = judge(error)
        if is_for_good:
            give_up([mail], why=shown(error))
        else:
            put_off(mail, why=shown(error), state=mail.State.REFUSED if is_about_mail else mail.State.HELD_UP)
        return is_about_mail
    _sent.add(mail.pk)
    Counts.sent += 1
    forget_sent()
    return True


def judge(error: Exception) -> tuple[bool, bool]:
    """Say whether it is about this one mail, and whether it will never be taken."""
    match error:
        case smtplib.SMTPRecipientsRefused():
            codes = {code for code, _words in error.recipients.values()}
            return NOT_NOW not in codes, min(codes) >= 500
        case smtplib.SMTPDataError():
            return error.smtp_code != NOT_NOW, error.smtp_code >= 500
        case smtplib.SMTPSenderRefused():
            # The operator can mend MAIL_FROM.
            return error.smtp_code != NOT_NOW, False
        case OSError():  # smtplib's other errors are of this kind
            return False, False
    logger.error("A mail could not be handed over.", exc_info=error)
    return True, False


def shown(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[: OutgoingMail.ERROR_MAX_LENGTH]


def hang_up(line: smtp.EmailBackend) -> None:
    try:
        line.close()
    except OSError:
        line.connection = None


def put_off(mail: OutgoingMail, *, why: str, state: OutgoingMail.State) -> None:
    mail.state, mail.error = state, why
    mail.due_at = timezone.now() + min(FIRST_PAUSE * 2 ** min(mail.attempts - 1, 20), LONGEST_PAUSE)
    mail.save(update_fields=["state", "error", "due_at"])
    if mail.attempts == 1:
        logger.warning("Mail waits for the mail server: %s", why)


def give_up(mails: list[OutgoingMail], *, why: str = "") -> None:
    for mail in mails:
        mail.state, mail.error = mail.State.GIVEN_UP, why or mail.error
        # It may hold a link that opens an account.
        mail.content = b""
        mail.save(update_fields=["state", "error", "content"])
        Counts.given_up += 1
        logger.warning("A mail was given up after %s attempts: %s", mail.attempts, mail.error)


def give_up_old() -> None:
    now = timezone.now()
    with transaction.atomic():
        old = OutgoingMail.objects.select_for_update(skip_locked=True).due().filter(queued_at__lt=now - GIVE_UP_AFTER)
        give_up(list(old))
    OutgoingMail.objects.filter(state=OutgoingMail.State.GIVEN_UP, queued_at__lt=now - KEEP_GIVEN_UP).delete()


def forget_sent() -> None:
    """Delete the rows of mails that were sent. If the database is away, this is tried again before the next mail."""
    if _sent:
        OutgoingMail.objects.filter(pk__in=_sent).delete()
        _sent.clear()


# --- How it stands ---------------------------------------------------------------------------------------------------


def is_held_up() -> bool:
    """Return whether mail waits for the mail server, or for a process that sends it."""
    mails = OutgoingMail.objects.waiting()
    return (
        mails.filter(state=OutgoingMail.State.HELD_UP).exists()
        or mails.exclude(state=OutgoingMail.State.REFUSED).filter(queued_at__lt=timezone.now() - LATE).exists()
    )


def age_of_oldest() -> timedelta:
    oldest = OutgoingMail.objects.waiting().order_by("queued_at").values_list("queued_at", flat=True).first()
    return timezone.now() - oldest if oldest else timedelta()


# --- The thread that sends -------------------------------------------------------------------------------------------


class Worker:
    """The thread that sends mail, one in each process that serves. The processes share the mails that are due."""

    def __init__(self, send: Callable[[], None] = send_due) -> None:
        self._send = send
        self._news = threading.Event()
        self.is_stopping = False
        self._thread: threading.Thread | None = None

    def start(self) -> None:
        self._thread = threading.Thread(target=self._run, name="chatsite-mail", daemon=True)
        self._thread.start()
        atexit.register(self.stop)

    def wake(self) -> None:
        self._news.set()

    def stop(self) -> None:
        """Begin no other mail, and wait for the one that is being sent: cut off, it might be sent twice."""
        self.is_stopping = True
        self.wake()
        if self._thread:
            self._thread.join(FINISH_SECONDS)

    def _run(self) -> None:
        while not self.is_stopping:
            self._news.clear()
            try:
                self._send()
            except DatabaseError as error:
                logger.info("Mail waits for the database: %s", error)
            except Exception:
                logger.exception("The outbox stumbled; it goes on.")
            finally:
                # The connection goes back to the pool, or is closed.
                connection.close()
            if not self.is_stopping:
                self._news.wait(CHECK_EVERY)


worker = Worker()


def start() -> None:
    """Begin to send, in a process that serves a site with a mail server."""
    if settings.HAS_MAIL_SERVER:
        worker.start()
