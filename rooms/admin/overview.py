"""The first page of the Django admin: what waits, and how the site is doing."""

import platform
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import django
from django.conf import settings
from django.contrib import admin
from django.db import connection
from django.http import HttpRequest
from django.template.response import TemplateResponse
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from chatsite.version import VERSION
from rooms.models import Report
from rooms.queries.activity import Growth, activity

# Pixels of a plot.
BAR, GAP, HEIGHT = 10, 3, 40


@dataclass(frozen=True)
class Bar:
    x: int
    y: int
    height: int
    about: str


@dataclass(frozen=True)
class Plot:
    title: str
    total: int
    today: int
    bars: list[Bar]
    # For who does not see it.
    about: str
    width: int


plain_index = admin.site.index


def index(request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
    context: dict[str, Any] = {"waiting_reports": 0, "versions": versions()}
    if request.user.has_perm("rooms.view_report"):
        context["waiting_reports"] = Report.objects.filter(outcome=Report.Outcome.OPEN).count()
    if request.user.has_perms(("accounts.view_user", "rooms.view_room")):
        context |= {"plots": plots(), "disk": shutil.disk_usage(settings.DATA)}
    return plain_index(request, {**(extra_context or {}), **context})


def versions() -> str:
    database = ".".join(map(str, connection.get_database_version()))
    return (
        f"Chatsite {VERSION} · Django {django.get_version()} · Python {platform.python_version()}"
        f" · {connection.display_name} {database}"
    )


def plots() -> list[Plot]:
    found = activity()
    days = [found.last_day - timedelta(days=ago) for ago in reversed(range(len(found.messages.a_day)))]
    return [
        plot(_("People"), found.users, days),
        plot(_("Rooms"), found.rooms, days),
        plot(_("Messages"), found.messages, days),
    ]


def plot(title: str, growth: Growth, days: Sequence[date]) -> Plot:
    most = max(growth.a_day)
    bars = []
    for place, (day, count) in enumerate(zip(days, growth.a_day, strict=True)):
        # A day with anything is seen, and one with nothing is a line.
        height = max(1, round(HEIGHT * count / most)) if most else 1
        about = f"{date_format(day, 'SHORT_DATE_FORMAT')}: {count}"
        bars.append(Bar(x=place * (BAR + GAP), y=HEIGHT - height, height=height, about=about))
    about = _("New on each of the last %(days)s days: %(counts)s") % {
        "days": len(days), "counts": ", ".join(map(str, growth.a_day)),
    }  # fmt: skip
    return Plot(title, growth.total, growth.a_day[-1], bars, about, len(days) * (BAR + GAP) - GAP)


admin.site.index = index  # type: ignore[method-assign]
