"""Times and sizes on pages that the server writes, as the scripts say them; and links to the pages of lists."""

from datetime import UTC, datetime

from django import template
from django.http import QueryDict
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString

from chatsite.files.sizes import size_in_words

register = template.Library()

register.filter("file_size", size_in_words)


@register.simple_tag
def local_time(when: datetime) -> SafeString:
    """A time that says its zone, and that js/lib/local_times.js tells in the zone of who reads it."""
    when = when.astimezone(UTC)
    return format_html(
        '<time datetime="{}" data-local>{} UTC</time>', when.isoformat(), date_format(when, "DATETIME_FORMAT")
    )


@register.simple_tag(takes_context=True)
def page_link(context: template.RequestContext, name: str, number: int, title: str) -> str:
    """The address of this page with one of its lists at another page of its own, where that list's title stands."""
    query: QueryDict = context["request"].GET.copy()
    query[name] = str(number)
    return f"?{query.urlencode()}#{title}"
