"""What the commands of manage.py that look after people and rooms have in common."""

import json
from argparse import ArgumentParser
from collections.abc import Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import models

from accounts import audit
from accounts.errors import AccountError

M = TypeVar("M", bound=models.Model)

# What scripts tell the refusals apart by; 1 is any other.
NOBODY, SEVERAL = 3, 4
EXIT_CODES = f"Ends with {NOBODY} where there is none of that name, {SEVERAL} where there are several, else 1."


class LookingAfter(BaseCommand):
    """Does one thing to one person or room; nobody asks for an account of whoever has the command line."""

    refusals: tuple[type[Exception], ...] = (AccountError,)

    def execute(self, *args: Any, **options: Any) -> Any:
        try:
            with audit.command_line():
                return super().execute(*args, **options)
        except self.refusals as error:
            raise CommandError(str(error)) from error
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error


class ListCommand(BaseCommand):
    """Prints rows, for people or as one JSON object a line."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("words", nargs="?", default="", help="Only those with this in their name.")
        parser.add_argument("--json", action="store_true", dest="as_json", help="One JSON object a line.")

    def show(self, rows: Sequence[dict[str, Any]], *, as_json: bool, line: Callable[[dict[str, Any]], str]) -> None:
        for row in rows:
            self.stdout.write(json.dumps(row, ensure_ascii=False, default=str) if as_json else line(row))


def only_one(found: Sequence[M], *, kind: str, text: str) -> M:
    """Return the one that was found; raise ``CommandError``, with its own exit code, where there is none or several."""
    if not found:
        raise CommandError(f"There is no {kind} “{text}”: manage.py {kind}s lists them.", returncode=NOBODY)
    if found[1:]:
        ids = ", ".join(str(one.pk) for one in found)
        raise CommandError(f"There are several {kind}s “{text}”: say which by its id, {ids}.", returncode=SEVERAL)
    return found[0]


def as_id(text: str) -> UUID | None:
    """Return the id that a text is, or None."""
    try:
        return UUID(text)
    except ValueError:
        return None
