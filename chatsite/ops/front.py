"""Asks the site by the address that people type, through whatever stands in front of it. For the doctor."""

import http.client
from urllib.parse import urlsplit

from django.conf import settings
from django.core import signing
from django.db.models import Q

# Seconds that one answer may take, and for which a token opens a file.
PATIENCE = 5.0
TOKEN_SECONDS = 60
HEADER = "X-Chatsite-Doctor"
SALT = "chatsite.ops.front"
# As chatsite/urls.py has it.
PATH = "/doctor/file"


def some_files() -> list[tuple[str, int]]:
    """Return the names and sizes of the first and the newest object in storage that people see."""
    # Late, because the settings' checks may be asked before there are any apps.
    from rooms.models import Attachment

    posted = Attachment.objects.filter(~Q(stored=""), state=Attachment.State.POSTED, size__gt=0)
    found = [posted.order_by("created_at").first(), posted.order_by("-created_at").first()]
    return list({(file.stored, file.size) for file in found if file})


def ask_for_file(name: str) -> tuple[int, int]:
    """Return the status of an answer with the object's first byte, and the size that it says the whole has."""
    return ask(PATH, {HEADER: signing.dumps(name, salt=SALT), "Range": "bytes=0-0"})


def name_in(token: str) -> str | None:
    """Return the object that the doctor asks for; None for whoever is not the doctor, or was long ago."""
    try:
        name: str = signing.loads(token, salt=SALT, max_age=TOKEN_SECONDS)
    except signing.BadSignature:
        return None
    return name


def ask(path: str, headers: dict[str, str] | None = None) -> tuple[int, int]:
    """Return the status of an answer, and the size of the whole by its Content-Range (0: it has none).

    Waits ``PATIENCE`` seconds at most for each step; raises ``OSError`` or ``HTTPException``.
    """
    address = urlsplit(settings.SITE_URL)
    kind = http.client.HTTPSConnection if address.scheme == "https" else http.client.HTTPConnection
    line = kind(address.hostname or "", address.port, timeout=PATIENCE)
    try:
        line.request("GET", path, headers=headers or {})
        answer = line.getresponse()
        total = answer.headers.get("Content-Range", "").rpartition("/")[2]
        return answer.status, int(total) if total.isdecimal() else 0
    finally:
        line.close()
