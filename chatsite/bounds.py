"""No form takes a text without a bound."""

from functools import wraps
from typing import Any

from django import forms

from chatsite.text import LONGEST


def bound_form_fields() -> None:
    """Give LONGEST to every text field that names no other ``max_length``: ours, Django's, the admin's and allauth's.

    To be called before any form is defined. Django has no setting for it, and allauth none for the inputs of its
    headless client, which are forms too.
    """
    plain = forms.CharField.__init__

    @wraps(plain)
    def bounded(self: forms.CharField, *, max_length: int | None = None, **more: Any) -> None:
        plain(self, max_length=LONGEST if max_length is None else max_length, **more)

    forms.CharField.__init__ = bounded  # type: ignore[method-assign]
