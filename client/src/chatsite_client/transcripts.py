"""Whole transcripts: taken away with their hash chain verified on the way, and verified anywhere."""

import json
import os
import tempfile
from collections.abc import AsyncIterator, Iterable, Iterator
from html import escape
from pathlib import Path
from typing import IO, Literal, cast

from chatsite_client import drawing, safe
from chatsite_client.api import V1, Api
from chatsite_client.chain import faults_of_export, faults_of_files
from chatsite_client.errors import NotVerified, Refused
from chatsite_client.shapes import Json, Message, Room

Form = Literal["text", "markdown", "html", "jsonl"]
ENDS: dict[str, Form] = {".jsonl": "jsonl", ".md": "markdown", ".markdown": "markdown", ".html": "html", ".htm": "html"}
# Codes by which the site says that one may not take the chain along: that is for a room's admins.
NOT_ALLOWED = {"not_admin", "forbidden"}


def form_of(path: Path) -> Form:
    """Return the form that a file's name asks for; text where it asks for none."""
    return ENDS.get(path.suffix.lower(), "text")


def verify(path: Path, files: Path | None = None) -> None:
    """Verify an export (JSON Lines), and the files that came with it. Raises NotVerified and OSError."""
    try:
        with path.open(encoding="utf-8") as export:
            faults = faults_of_export(export)
            if files and not faults:
                export.seek(0)
                next(export)
                faults = faults_of_files(export, files)
    except UnicodeDecodeError:
        faults = ["The file is no text, and so no export."]
    if faults:
        raise NotVerified(faults)


async def save(api: Api, room: Room, path: Path, *, form: Form | None = None, overwrite: bool = False) -> bool:
    """Write a room's whole transcript to ``path``, which is there whole or not at all.

    Whether its hash chain was verified: who is no admin of the room gets no salts from the site, and so can save it to
    read (text, markdown, html), not to verify. Raises Refused, NotVerified, FileExistsError and OSError.
    """
    form = form or form_of(path)
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} is there already.")
    with tempfile.TemporaryDirectory(prefix=f".{path.name[:40]}.", dir=path.parent) as folder:
        export = Path(folder) / "export"
        is_verified = True
        try:
            await _fetch(api, room, export)
            verify(export)
        except Refused as refused:
            if form == "jsonl" or refused.code not in NOT_ALLOWED:
                raise
            is_verified = False
            await _write_lines(export, api, room)
        drawn = export if form == "jsonl" else Path(folder) / "drawn"
        if form != "jsonl":
            with drawn.open("w", encoding="utf-8") as file:
                draw(room, _rows(export), form, file)
        drawn.replace(path)
    return is_verified


async def _fetch(api: Api, room: Room, target: Path) -> None:
    with target.open("wb") as file:
        async with api.stream(f"{V1}/rooms/{room['id']}/export", form="jsonl") as answer:
            async for piece in api.pieces(answer):
                file.write(piece)
        file.flush()
        os.fsync(file.fileno())


async def _write_lines(target: Path, api: Api, room: Room) -> None:
    with target.open("w", encoding="utf-8") as file:
        file.write(json.dumps({"room": room}) + "\n")
        rows: AsyncIterator[Message] = api.history(room["id"])
        async for row in rows:
            file.write(json.dumps(row) + "\n")


def _rows(export: Path) -> Iterator[Message]:
    with export.open(encoding="utf-8") as lines:
        next(lines)
        for text in lines:
            yield cast(Message, json.loads(text))


def draw(room: Room, rows: Iterable[Message], form: Form, file: IO[str]) -> None:
    """Write rows to read."""
    name = drawing.room_name(room)
    if form == "html":
        file.write(f'<!doctype html>\n<meta charset="utf-8">\n<title>{escape(name)}</title>\n<h1>{escape(name)}</h1>\n')
    elif form == "markdown":
        file.write(f"# {_literal(name)}\n")
    day = ""
    for row in rows:
        if row["kind"] in {"pinned", "unpinned"}:
            continue
        if row["at"][:10] != day:
            day = row["at"][:10]
            file.write({"html": f"<h2>{day}</h2>\n", "markdown": f"\n## {day}\n\n"}.get(form, f"\n{day}\n\n"))
        text = drawing.saved(row)
        if form == "html":
            text = f'<p style="white-space: pre-wrap">{escape(text)}</p>'
        elif form == "markdown":
            text = _item(row, text)
        file.write(text + "\n")


def _item(row: Message, text: str) -> str:
    """What people wrote is Markdown already; it is set apart, so that it stays within its item."""
    author, body = row["author"], row["body"]
    if row["kind"] != "text" or row["redacted"] or not author:
        return f"- {_literal(text)}"
    said = "\n".join(f"  {part}" for part in safe.text(body).split("\n"))
    return f"- **{_literal(drawing.person(author))}** {row['at'][11:16]}\n\n{said}\n"


def _literal(text: str) -> str:
    return "".join(f"\\{sign}" if sign in "\\`*_{}[]<>()#+-.!|" else sign for sign in text)


def first_line(path: Path) -> Json:
    """Return what an export says of its room and where it ends."""
    with path.open(encoding="utf-8") as export:
        return cast(Json, json.loads(next(export))["room"])
