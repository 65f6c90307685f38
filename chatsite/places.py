"""What the settings about files mean: sizes, ends of names, and where files are kept."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from django.core.exceptions import ImproperlyConfigured

UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
SIZE = re.compile(r"(\d+)\s*([KMGT]?)i?B?", re.IGNORECASE)
# What may stand in the address of an S3 bucket after "?", and django-storages' own name for it.
S3_OPTIONS = {
    "endpoint": "endpoint_url",
    "region": "region_name",
    "addressing": "addressing_style",
    "access_key": "access_key",
    "secret_key": "secret_key",
}


def size_in_bytes(text: str) -> int:
    """``100MB`` is 100 × 1024 × 1024 bytes, as file managers count."""
    found = SIZE.fullmatch(text.strip())
    if not found:
        raise ImproperlyConfigured(f"“{text}” is no size: write 500MB, 2GB or a number of bytes")
    return int(found[1]) * UNITS[found[2].upper()]


def suffixes(text: str) -> list[str]:
    """``.txt, .PDF`` or ``txt pdf``: the ends of names that are meant."""
    return [part.strip(" .").lower() for part in text.replace(",", " ").split() if part.strip(" .")]


def storage_at(address: str) -> dict[str, Any]:
    """Return Django's entry for the storage at a folder's path or an ``s3://`` address."""
    if not address.startswith("s3://"):
        options = {"location": address, "file_permissions_mode": 0o640, "directory_permissions_mode": 0o750}
        return {"BACKEND": "chatsite.store.Folder", "OPTIONS": options}
    parts = urlsplit(address)
    given = dict(parse_qsl(parts.query))
    if not parts.netloc or set(given) - set(S3_OPTIONS):
        raise ImproperlyConfigured("FILES_STORAGE is s3://bucket/folder?endpoint=https://…&region=…")
    options = {S3_OPTIONS[name]: value for name, value in given.items()}
    return {
        "BACKEND": "chatsite.s3.Bucket",
        "OPTIONS": {"bucket_name": parts.netloc, "location": parts.path.strip("/"), **options},
    }
