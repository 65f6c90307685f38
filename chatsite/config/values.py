"""What may stand in a setting. Each reader turns text into a value, or says what it takes, to go after the name."""

import re
from collections.abc import Callable
from email.utils import parseaddr
from ipaddress import ip_address
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import SplitResult, parse_qsl, urlsplit

import environ
from django.core.checks.security.base import SECRET_KEY_MIN_LENGTH, SECRET_KEY_MIN_UNIQUE_CHARACTERS
from django.core.exceptions import ValidationError
from django.core.validators import validate_email

Value = TypeVar("Value")

FLAGS = dict.fromkeys(("on", "true", "yes", "y", "1"), True) | dict.fromkeys(("off", "false", "no", "n", "0"), False)
# As Django takes it in the header Host: https://münchen.example is xn--mnchen-3ya.example there.
HOST = re.compile(r"[a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\]")
MAIL_SCHEMES = {"smtp", "smtps", "smtp+tls", "smtp+ssl", "consolemail", "filemail", "memorymail", "dummymail"}


def shown(text: str) -> str:
    """Return what was given, short enough for a line."""
    line = text if text.isprintable() else repr(text)[1:-1]
    return f"“{line}”" if len(line) <= 60 else f"“{line[:60]}…”"


def flag(text: str) -> bool:
    if text.lower() not in FLAGS:
        raise ValueError(f"is {shown(text)}: it takes on or off.")
    return FLAGS[text.lower()]


def whole(least: int = -(2**63), most: int = 2**63 - 1) -> Callable[[str], int]:
    """Return a reader of whole numbers, both ends included."""

    def read(text: str) -> int:
        # Not int() alone, which takes 8_000 and other scripts' digits; and not a thousand of them.
        if not re.fullmatch(r"[+-]?[0-9]{1,19}", text) or not least <= int(text) <= most:
            raise ValueError(f"is {shown(text)}: it takes a whole number from {least} to {most}.")
        return int(text)

    return read


def decimal(least: float = -1e15, most: float = 1e15) -> Callable[[str], float]:
    """Return a reader of decimal numbers, both ends included."""

    def read(text: str) -> float:
        if not re.fullmatch(r"[+-]?[0-9]{1,15}(\.[0-9]{1,15})?", text) or not least <= float(text) <= most:
            raise ValueError(f"is {shown(text)}: it takes a number from {least:g} to {most:g}, such as 12.5.")
        return float(text)

    return read


def one_of(*choices: str) -> Callable[[str], str]:
    """Return a reader of one of these words, in any case; it returns the word as it stands here."""
    by_name = {choice.lower(): choice for choice in choices}

    def read(text: str) -> str:
        if text.lower() not in by_name:
            raise ValueError(f"is {shown(text)}: it takes one of {', '.join(choices)}.")
        return by_name[text.lower()]

    return read


def listed(read_one: Callable[[str], Value]) -> Callable[[str], list[Value]]:
    """Read several, separated by commas."""
    return lambda text: [read_one(part.strip()) for part in text.split(",") if part.strip()]


def words(text: str) -> str:
    if len(text) > 60 or not text.isprintable():
        raise ValueError(f"is {shown(text)}: it takes up to 60 letters, in one line.")
    return text


def key(text: str) -> str:
    """Return a secret key that is long and mixed enough."""
    if len(text) < SECRET_KEY_MIN_LENGTH or len(set(text)) < SECRET_KEY_MIN_UNIQUE_CHARACTERS:
        raise ValueError(
            f"has {len(text)} characters, {len(set(text))} of them different: it takes {SECRET_KEY_MIN_LENGTH} or more "
            'random ones. This makes some: python3 -c "import secrets; print(secrets.token_urlsafe(64))"'
        )
    return text


def host(text: str) -> str:
    if not HOST.fullmatch(text.lower()):
        raise ValueError(f"is {shown(text)}: it takes the name or number of a machine, without https:// and port.")
    return text.lower()


def machine(text: str) -> str:
    """Read a host, or a number of the kind ``::1``, without the brackets that an address would have."""
    try:
        return str(ip_address(text))
    except ValueError:
        return host(text)


def host_pattern(text: str) -> str:
    """Read one of ALLOWED_HOSTS: ``.example.org`` means all names below it, too; checks.py refuses ``*``."""
    return text if text == "*" else text[: text.startswith(".")] + host(text.removeprefix("."))


def folder(text: str) -> Path:
    if not text.startswith("/") or not text.isprintable():
        raise ValueError(f"is {shown(text)}: it takes the whole path of a folder, such as /var/backups/chatsite.")
    return Path(text)


def path_of_address(text: str) -> str:
    if not re.fullmatch(r"/[\w./-]*", text) or not text.endswith("/"):
        raise ValueError(f"is {shown(text)}: it takes the path of an address, with a slash at both ends: /protected/.")
    return text


def mail_address(text: str) -> str:
    try:
        validate_email(parseaddr(text)[1])
    except ValidationError:
        raise ValueError(f"is {shown(text)}: it takes an address such as chat@example.org.") from None
    return text


# --- Addresses. Those with passwords are not shown. ------------------------------------------------------------------


def split(text: str, takes: str) -> SplitResult:
    """Take an address apart, whose port is a number and which holds nothing that must be quoted."""
    try:
        parts = urlsplit(text)
        _ = parts.port
    except ValueError as error:
        raise ValueError(f"is no address ({error}): {takes}") from None
    if re.search(r"\s", text):
        raise ValueError(f"has a space in it, which is %20 in an address: {takes}")
    if not parts.scheme or "://" not in text:
        raise ValueError(f"does not say what it is an address of, before ://: {takes}")
    return parts


def site(text: str) -> str:
    """Return an address of http or https without a path, in small letters."""
    takes = "it takes the whole address that people type, such as https://chat.example.org."
    try:
        parts = split(text, takes)
    except ValueError as error:
        raise ValueError(f"is {shown(text)}, which {error}") from None
    if parts.scheme not in {"http", "https"}:
        raise ValueError(f"is {shown(text)}, which does not begin with https:// or http://: {takes}")
    if parts.path.strip("/") or parts.query or parts.fragment:
        raise ValueError(
            f"is {shown(text)}, which goes on after the host; the site has a name of its own, not a path: {takes}"
        )
    if "@" in parts.netloc or not HOST.fullmatch(re.sub(r":\d*$", "", parts.netloc.lower())):
        raise ValueError(f"is {shown(text)}, which has no host, or one that cannot be: {takes}")
    return f"{parts.scheme}://{parts.netloc.lower()}"


def database(text: str) -> dict[str, Any]:
    """Return Django's settings of the database at an address."""
    takes = "it takes postgresql://user:password@host:5432/name, or sqlite:////path/of/a.db."
    parts = split(text, takes)
    if parts.scheme not in {"postgresql", "postgres", "sqlite"}:
        raise ValueError(
            f"names a database of the kind {parts.scheme}; Chatsite works on PostgreSQL and SQLite: {takes}"
        )
    if parts.scheme == "sqlite" and (parts.netloc or not parts.path.strip("/")):
        raise ValueError(f"names no file, for which there are four slashes: {takes}")
    if parts.scheme != "sqlite" and not parts.path.strip("/"):
        raise ValueError(f"does not say which database, after the host: {takes}")
    if parts.scheme != "sqlite" and (unknown := unknown_options(parts.query)):
        raise ValueError(f"ends in an option that PostgreSQL does not know ({unknown}): {takes}")
    return dict(environ.Env.db_url_config(text))


def unknown_options(query: str) -> str:
    # Late, because a site on SQLite does without.
    from psycopg.pq import Conninfo

    known = {option.keyword.decode() for option in Conninfo.get_defaults()} | {"conn_max_age", "conn_health_checks"}
    return ", ".join(name for name, _value in parse_qsl(query, keep_blank_values=True) if name.lower() not in known)


def redis(text: str) -> str:
    """Return the address of a Redis as it is."""
    takes = "it takes redis://host:6379/0, or rediss://… with TLS, and commas between several."
    parts = split(text, takes)
    if parts.scheme not in {"redis", "rediss", "unix"}:
        raise ValueError(f"is an address of the kind {parts.scheme}: {takes}")
    if not (parts.path.strip("/") if parts.scheme == "unix" else parts.hostname):
        raise ValueError(f"has no host: {takes}")
    return text


def mail_server(text: str) -> dict[str, Any]:
    """Return Django's settings of the mail server at an address."""
    takes = "it takes smtp+tls://user:password@mail.example.org:587, or smtp+ssl://…:465."
    parts = split(text, takes)
    if parts.scheme not in MAIL_SCHEMES:
        raise ValueError(f"is an address of the kind {parts.scheme}: {takes}")
    if parts.scheme.startswith("smtp") and not parts.hostname:
        raise ValueError(f"has no host: {takes}")
    return dict(environ.Env.email_url_config(text))
