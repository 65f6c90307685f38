"""What allauth's app client needs more of than allauth gives."""

from allauth.headless.account import inputs, views
from django.db import transaction
from django.utils.decorators import method_decorator

from accounts.signup import UntellingMixin


class SignupInput(UntellingMixin, inputs.SignupInput):
    """The rules are in ``SignupRules``, as for the page."""


# The account and the mail that it waits for are there, or neither.
@method_decorator(transaction.atomic, name="post")
class SignupView(views.SignupView):
    input_class = {"POST": SignupInput}
