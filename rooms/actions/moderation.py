"""Reports of messages, and what site admins do about them: erase the message, or let it stand."""

from functools import partial

from django.db import transaction
from django.utils import timezone

from accounts.audit import record
from accounts.models import User
from chatsite.ops import erasure
from chatsite.text import TextTooLongError, one_line
from rooms import errors
from rooms.actions.files import erase
from rooms.actions.rooms import require_site_admin
from rooms.log import mentions, triggers
from rooms.log.append import announce
from rooms.models import REASON_MAX_LENGTH, Message, Report, Room


@transaction.atomic
def report_message(room: Room, *, actor: User, seq: int, reason: str = "") -> Report:
    """Tell the site's admins of a message that ``actor`` can read. Once: a second time changes the reason.

    The message is held: while it is being erased, no reason is written that may have its words.
    """
    room = Room.objects.find(room.pk)
    room.admit(actor)
    try:
        reason = one_line(reason)
    except TextTooLongError:
        raise errors.ReasonTooLong from None
    if len(reason) > REASON_MAX_LENGTH:
        raise errors.ReasonTooLong
    message = talk_at(room, seq)
    if message.is_redacted:
        raise errors.NoSuchMessage
    report, _made = Report.objects.update_or_create(message=message, reporter=actor, defaults={"reason": reason})
    return report


@transaction.atomic
def redact_message(room: Room, *, actor: User, seq: int) -> Message:
    """Erase a message's words and file for good. A tombstone stays, a row says who did it, and the chain holds.

    What was said of it in reports may have its words, and goes with them.
    """
    require_site_admin(actor)
    room = Room.objects.locked(room.pk)
    message = talk_at(room, seq)
    if not message.is_redacted:
        message.body, message.salt, message.redacted_at = "", b"", timezone.now()
        with triggers.lifted():
            message.save(update_fields=["body", "salt", "redacted_at"])
        if message.attachment:
            erase(message.attachment)
        mentions.withdraw(message)
        announce(room, actor=actor, kind=Message.Kind.REDACTED, subject=message.author, target_seq=seq)
        transaction.on_commit(partial(erasure.cut_log, patience=erasure.ERASING_PATIENCE))
    message.reports.update(reason="")
    _close_reports(message, actor=actor, outcome=Report.Outcome.REDACTED)
    return message


@transaction.atomic
def dismiss_report(report: Report, *, actor: User) -> None:
    """Let a message stand; all open reports of it are closed."""
    require_site_admin(actor)
    if _close_reports(report.message, actor=actor, outcome=Report.Outcome.DISMISSED):
        record("report_dismissed", actor=actor, target=report.message, subject=report.message.author)


def _close_reports(message: Message, *, actor: User, outcome: Report.Outcome) -> int:
    waiting = message.reports.filter(outcome=Report.Outcome.OPEN)
    return waiting.update(outcome=outcome, handled_by=actor, handled_at=timezone.now())


def talk_at(room: Room, seq: int) -> Message:
    """Return what was said at ``seq``, held until the transaction ends; raises ``NoSuchMessage``."""
    rows = room.messages.with_people().select_for_update(of=("self",), no_key=True)
    message = rows.filter(seq=seq, talk__isnull=False).first()
    if message is None:
        raise errors.NoSuchMessage
    return message
