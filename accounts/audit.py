"""Writing down who did what, in the transaction of the deed: both are there, or neither."""

from django.db import models

from accounts.models import AuditEntry, User
from accounts.models.audit import DETAIL_MAX_LENGTH, TARGET_NAME_MAX_LENGTH


def record(
    action: str,
    *,
    actor: User | None,
    target: models.Model | None = None,
    subject: User | None = None,
    detail: str = "",
) -> AuditEntry:
    """Note that ``actor`` (None: the site by itself) did ``action`` to ``target``, or to the person ``subject``."""
    return AuditEntry.objects.create(
        action=action,
        actor=actor,
        target_kind=target._meta.model_name or "" if target else "",
        target_id=str(target.pk) if target else "",
        target_name=str(target)[:TARGET_NAME_MAX_LENGTH] if target else "",
        subject=subject,
        detail=detail[:DETAIL_MAX_LENGTH],
    )
