"""What the settings about files mean: sizes, ends of names, and where files are kept."""

import re
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from chatsite.config.values import shown

UNITS = {"": 1, "K": 1024, "M": 1024**2, "G": 1024**3, "T": 1024**4}
SIZE = re.compile(r"([0-9]{1,19})\s*([KMGT]?)i?B?", re.IGNORECASE)
SUFFIX = re.compile(r"[\w.+-]+")
# What a column of the database can count.
MAX_BYTES = 2**63
# Not shown: it may hold a key.
WRONG_STORAGE = "cannot be read: it takes s3://bucket/folder?endpoint=https://…&region=…"
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
    found = SIZE.fullmatch(text)
    size = int(found[1]) * UNITS[found[2].upper()] if found else MAX_BYTES
    if size >= MAX_BYTES:
        raise ValueError(f"is {shown(text)}: it takes a size such as 500MB or 2GB, or a number of bytes.")
    return size


def size_of_something(text: str) -> int:
    if not (size := size_in_bytes(text)):
        raise ValueError("is 0, so there could be no file: it takes a size such as 500MB or 2GB.")
    return size


def suffixes(text: str) -> list[str]:
    """``.txt, .PDF`` or ``txt pdf``: the ends of names that are meant."""
    found = [part.strip(" .").lower() for part in text.replace(",", " ").split() if part.strip(" .")]
    if wrong := [part for part in found if not SUFFIX.fullmatch(part)]:
        raise ValueError(f"has {shown(wrong[0])} in it: it takes ends of names, such as .txt,.pdf.")
    return found


def folder_or_bucket(text: str) -> str:
    """Read an address that ``storage_at`` takes."""
    storage_at(text)
    return text


def storage_at(address: str) -> dict[str, Any]:
    """Return Django's entry for the storage at a folder's path or an ``s3://`` address."""
    if re.match(r"\w+:", address) and not address.startswith("s3://"):
        raise ValueError(f"{WRONG_STORAGE}, or the path of a folder.")
    if not address.startswith("s3://"):
        options = {"location": address, "file_permissions_mode": 0o640, "directory_permissions_mode": 0o750}
        return {"BACKEND": "chatsite.files.object_store.Folder", "OPTIONS": options}
    parts = urlsplit(address)
    given = dict(parse_qsl(parts.query, keep_blank_values=True))
    if not parts.netloc or set(given) - set(S3_OPTIONS) or re.search(r"\s", address):
        raise ValueError(f"{WRONG_STORAGE}.")
    if "endpoint" in given and not re.match(r"https?://[^/]", given["endpoint"]):
        raise ValueError(f"has an endpoint that does not begin with https://: {WRONG_STORAGE.partition(': ')[2]}.")
    options = {S3_OPTIONS[name]: value for name, value in given.items()}
    return {
        "BACKEND": "chatsite.files.s3.Bucket",
        "OPTIONS": {"bucket_name": parts.netloc, "location": parts.path.strip("/"), **options},
    }
