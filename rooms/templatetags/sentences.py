"""What the scripts of a page say, in the page's language."""

from functools import cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from chatsite.assets.plurals import plural_samples

register = template.Library()


@register.simple_tag
def sentences(*, has_window: bool = False) -> SafeString:
    """Return them as a JSON script; ``has_window`` adds those of a transcript that opens elsewhere than at its end."""
    # Whoever works on the template wants to see it.
    write = _written.__wrapped__ if settings.DEBUG else _written
    return write(get_language(), has_window)


# Once for each language: two hundred sentences were a third of the time of a room's page.
@cache
def _written(language: str | None, has_window: bool) -> SafeString:
    return render_to_string("rooms/_strings.html", {"plurals": plural_samples(), "has_window": has_window})
