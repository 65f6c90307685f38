"""What can be refused to somebody who sets up the site."""

from typing import Any, ClassVar

from django.utils.translation import gettext_lazy as _


class SetupError(Exception):
    """The link to make the first site admin does not work. ``str(error)`` is a whole sentence for people."""

    sentence: ClassVar[Any]

    def __str__(self) -> str:
        return str(self.sentence)


class LinkExpired(SetupError):
    sentence = _("This link is older than a day, or a part of it got lost on the way.")


class LinkUsed(SetupError):
    sentence = _("This site has an admin already, and a link like this one makes only the first.")
