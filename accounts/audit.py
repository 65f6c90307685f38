"""Writing down who did what, in the transaction of the action: both are there, or neither."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

from django.db import models

from accounts.models import AuditEntry, User
from accounts.models.audit import DETAIL_MAX_LENGTH, TARGET_NAME_MAX_LENGTH

# What the audit log says instead of a name, after which it says what else there is to say.
COMMAND_LINE = "command line"
_at_command_line: ContextVar[bool] = ContextVar("at_command_line", default=False)


@contextmanager
def command_line() -> Iterator[None]:
    """Let actions take ``actor=None`` for whoever has the server's command line, and is allowed everything."""
    token = _at_command_line.set(True)
    try:
        yield
    finally:
        _at_command_line.reset(token)


def is_command_line(actor: User | None) -> bool:
    """Whether it is. Anywhere else, nobody is not allowed anything."""
    return actor is None and _at_command_line.get()


def record(
    action: str,
    *,
    actor: User | None,
    target: models.Model | None = None,
    subject: User | None = None,
    detail: str = "",
) -> AuditEntry:
    """Note that ``actor`` (None: the site by itself) did ``action`` to ``target``, or to the person ``subject``."""
    if is_command_line(actor):
        detail = f"{COMMAND_LINE}: {detail}" if detail else COMMAND_LINE
    return AuditEntry.objects.create(
        action=action,
        actor=actor,
        target_kind=target._meta.model_name or "" if target else "",
        target_id=str(target.pk) if target else "",
        target_name=str(target)[:TARGET_NAME_MAX_LENGTH] if target else "",
        subject=subject,
        detail=detail[:DETAIL_MAX_LENGTH],
    )
