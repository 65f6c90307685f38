"""What allauth's app client needs more of than allauth gives."""

from allauth.headless.account import inputs, views

from accounts.signup import UntellingMixin


class SignupInput(UntellingMixin, inputs.SignupInput):
    """The rules are in ``SignupRules``, as for the page."""


class SignupView(views.SignupView):
    input_class = {"POST": SignupInput}
