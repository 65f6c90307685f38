"""What an operation promises beyond its types: what it refuses, how often it may be called, what bytes it takes, gives.

The document tells it (openapi.py). Before the operation does anything, the limit is counted and headers are measured.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import wraps
from http import HTTPStatus
from typing import Any, TypeVar

from ninja.errors import HttpError

from accounts.errors import AccountError
from api.recognised import refusal_of
from rooms import errors
from rooms.limits import Limit

Operation = TypeVar("Operation", bound=Callable[..., Any])
Refusal = type[errors.RoomError] | type[AccountError]
Schema = Mapping[str, Any]

# The refusals of Room.admit and Room.require_admin.
ADMITTED: tuple[Refusal, ...] = (
    errors.NoSuchRoom,
    errors.JoinFirst,
    errors.Left,
    errors.Removed,
    errors.RoomDeleted,
)
MANAGED: tuple[Refusal, ...] = (*ADMITTED, errors.NotAdmin, errors.DirectRoom)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contract:
    refuses: tuple[Refusal, ...] = ()
    # Codes and statuses that have no error class.
    codes: Mapping[int, str] = field(default_factory=dict)
    limit: Limit | None = None
    # How often it is counted for one request, by what ninja has read of it.
    counts: Callable[[Mapping[str, Any]], int] = lambda where: 1
    # Whether it changes nothing, whatever its method: so that it is answered while the site is read-only.
    only_reads: bool = False
    # Media types of a body, and of a good answer, that are bytes.
    takes: tuple[str, ...] = ()
    gives: tuple[str, ...] = ()
    # Whether no bytes are a body, too: HTTP does not tell them from none.
    takes_none: bool = False
    # Headers that it reads: what each is, by name; and those that a good answer has.
    reads: Mapping[str, Schema] = field(default_factory=dict)
    sets: Mapping[str, Schema] = field(default_factory=dict)
    example: Any = None


NO_CONTRACT = Contract()


def contract(*refuses: Refusal, limit: Limit | None = None, **promises: Any) -> Callable[[Operation], Operation]:
    """Give an operation its contract; ``limit`` is counted for who calls."""
    made = Contract(refuses=refuses, limit=limit, **promises)

    def give(operation: Operation) -> Operation:
        @wraps(operation)
        def limited(request: Any, *args: Any, **where: Any) -> Any:
            if limit is not None and refusal_of(request):
                limit.note(request.auth.pk)
            elif limit is not None:
                limit.spend(request.auth.pk, made.counts(where))
            for name, schema in made.reads.items():
                if "maxLength" in schema and len(request.headers.get(name, "")) > schema["maxLength"]:
                    raise HttpError(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, name)
            return operation(request, *args, **where)

        limited.contract = made  # type: ignore[attr-defined]
        return limited  # type: ignore[return-value]

    return give


def contract_of(operation: Callable[..., Any]) -> Contract:
    found: Contract = getattr(operation, "contract", NO_CONTRACT)
    return found
