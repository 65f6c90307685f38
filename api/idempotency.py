"""``Idempotency-Key``: a request that makes something, sent again, makes it once (draft-ietf-httpapi-idempotency-key).

The answer is kept for a day beside what it made, in the same transaction: either both are there or neither. A refusal
is not kept, and its key is as good as new.
"""

import hashlib
import re
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from ninja import Status

from api.auth import Request
from rooms import errors
from rooms.models import ANSWERS_KEPT, IDEMPOTENCY_KEY_MAX_LENGTH, IdempotentAnswer

# The draft has it in quotes, most clients send it without.
KEY = re.compile(rf'("?)([!#-~]{{1,{IDEMPOTENCY_KEY_MAX_LENGTH}}})\1')

Answer = Status[Any]


def idempotent(operation: Callable[..., Answer]) -> Callable[..., Answer]:
    @wraps(operation)
    def once(request: Request, **where: Any) -> Answer:
        header = request.headers.get("Idempotency-Key")
        if header is None:
            return operation(request, **where)
        found = KEY.fullmatch(header)
        if found is None:
            raise errors.BadIdempotencyKey
        return answer_once(
            request,
            key=found[2],
            digest=digest_of(request, operation.__name__),
            make=lambda: operation(request, **where),
        )

    once.is_idempotent = True  # type: ignore[attr-defined]
    return once


def digest_of(request: Request, name: str) -> str:
    # Not by its path, which has two forms.
    asked = f"{name} {request.resolver_match.kwargs if request.resolver_match else {}}\n"
    return hashlib.sha256(asked.encode() + request.body).hexdigest()


@transaction.atomic
def answer_once(request: Request, *, key: str, digest: str, make: Callable[[], Answer]) -> Answer:
    """Do the request, or return the answer that was stored when it was done before."""
    IdempotentAnswer.objects.filter(created_at__lt=timezone.now() - ANSWERS_KEPT).delete()
    try:
        with transaction.atomic():
            # The same request at the same time waits here for the end of the first.
            kept = IdempotentAnswer.objects.create(person=request.auth, key=key, request_digest=digest)
    except IntegrityError:
        kept = IdempotentAnswer.objects.get(person=request.auth, key=key)
        if kept.request_digest != digest:
            raise errors.IdempotencyKeyReused from None
        return Status(kept.status, kept.answer)
    made = make()
    kept.status, kept.answer = made.status_code, made.value
    kept.save(update_fields=["status", "answer"])
    return made
