"""Files on their way to a room, in parts, and to one's own disk."""

import asyncio
import hashlib
import os
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

from chatsite_client.api import V1, Api
from chatsite_client.backoff import Backoff
from chatsite_client.errors import ChatsiteError, Refused, Unreachable
from chatsite_client.shapes import Attachment, Upload

# Bytes that have arrived, and bytes of all.
Progress = Callable[[int, int], None]
# Seconds for which an upload waits for a site that is away. (The site forgets it after an hour without a part.)
UPLOAD_PATIENCE = 15 * 60.0
SMALLEST_PART = 256 * 1024


class Damaged(ChatsiteError):
    """What arrived are not the bytes that were sent."""

    code = "damaged"


async def upload(  # noqa: PLR0913 (what, where to, and how)
    api: Api,
    room: str,
    path: Path,
    *,
    name: str | None = None,
    progress: Progress = lambda done, size: None,
    patience: float = UPLOAD_PATIENCE,
) -> Attachment:
    """Send a file in parts, over lost lines, and return what the site has made of it: post it by its ``id``.

    Raises Refused, Unreachable when nothing came of ``patience`` seconds, OSError for the file itself.
    """
    with path.open("rb") as file:
        size = os.fstat(file.fileno()).st_size
        base = f"{V1}/rooms/{room}/files"
        begun = cast(Upload, await api.call("POST", base, {"name": name or path.name, "size": size, "type": ""}))
        where = f"{base}/{begun['id']}"
        try:
            await _send_parts(api, where, begun, file, progress=progress, patience=patience)
            return cast(Attachment, await _finish(api, where, patience))
        except asyncio.CancelledError:
            # Whoever gives up does not keep one of twenty places for an hour.
            await asyncio.shield(_forget(api, where))
            raise


async def _send_parts(  # noqa: PLR0913
    api: Api, where: str, begun: Upload, file: BinaryIO, *, progress: Progress, patience: float
) -> None:
    offset, size, backoff, deadline = begun["offset"], begun["size"], Backoff(), time.monotonic() + patience
    while offset < size:
        progress(offset, size)
        file.seek(offset)
        part = file.read(min(begun["chunk"], size - offset))
        if not part:
            raise Refused("The file became shorter while it was sent. Send it again.", code="changed", status=409)
        headers = {"Upload-Offset": str(offset), "Content-Type": "application/offset+octet-stream"}
        try:
            answer = await api.request("PATCH", where, content=part, headers=headers)
            offset = int(answer.headers["Upload-Offset"])
            backoff.reset()
            deadline = time.monotonic() + patience
        except Refused as refused:
            if refused.code != "wrong_offset" and not refused.is_passing:
                raise
            if refused.code == "wrong_offset":
                # An answer was lost: the site says where to go on.
                offset = int(refused.problem["offset"])
                continue
            await _wait(refused, backoff, deadline)
        except Unreachable as error:
            await _wait(error, backoff, deadline)
    progress(size, size)


async def _finish(api: Api, where: str, patience: float) -> object:
    backoff, deadline = Backoff(), time.monotonic() + patience
    while True:
        try:
            return await api.call("POST", f"{where}/finish")
        except Refused as refused:
            if not refused.is_passing:
                raise
            await _wait(refused, backoff, deadline)
        except Unreachable as error:
            await _wait(error, backoff, deadline)


async def _wait(error: ChatsiteError, backoff: Backoff, deadline: float) -> None:
    wait = max(getattr(error, "retry_after", None) or 0, backoff.next())
    if time.monotonic() + wait > deadline:
        raise error
    await asyncio.sleep(wait)


async def _forget(api: Api, where: str) -> None:
    with suppress(ChatsiteError):  # the site forgets it by itself
        await api.request("DELETE", where, retry=False)


async def download(  # noqa: PLR0913 (what, where to, and how)
    api: Api,
    file_id: str,
    target: Path,
    *,
    sha256: str | None = None,
    overwrite: bool = False,
    progress: Progress = lambda done, size: None,
) -> None:
    """Save a posted file as ``target``, which is there whole or not at all. A lost line goes on where it broke off.

    With ``sha256`` the bytes are held against it (Damaged). Raises FileExistsError unless ``overwrite``.
    """
    if target.exists() and not overwrite:
        raise FileExistsError(f"{target} is there already.")
    handle, name = tempfile.mkstemp(prefix=f".{target.name[:60]}.", dir=target.parent)
    part = Path(name)
    try:
        with os.fdopen(handle, "wb") as file:
            seen = await _fetch(api, file_id, file, progress)
            file.flush()
            os.fsync(file.fileno())
        if sha256 and seen != sha256:
            raise Damaged("The bytes that arrived are not those that were sent. Nothing was saved.")
        part.chmod(0o666 & ~_umask())
        if overwrite:
            part.replace(target)
        else:
            _place(part, target)
    finally:
        part.unlink(missing_ok=True)


async def _fetch(api: Api, file_id: str, file: BinaryIO, progress: Progress) -> str:
    seen, done, backoff, deadline = hashlib.sha256(), 0, Backoff(), time.monotonic() + api.patience
    etag = ""
    while True:
        headers = {"Range": f"bytes={done}-", **({"If-Range": etag} if etag else {})} if done else {}
        try:
            async with api.stream(f"{V1}/files/{file_id}", headers) as answer:
                if done and answer.status_code != 206:
                    raise Damaged("The file is another one now. Nothing was saved.")
                etag = answer.headers.get("ETag", "")
                size = done + int(answer.headers.get("Content-Length", 0))
                async for piece in api.pieces(answer):
                    file.write(piece)
                    seen.update(piece)
                    done += len(piece)
                    progress(done, max(size, done))
                    deadline = time.monotonic() + api.patience
            return seen.hexdigest()
        except Unreachable as error:
            await _wait(error, backoff, deadline)
        except Refused as refused:
            if not refused.is_passing:
                raise
            await _wait(refused, backoff, deadline)


def _place(part: Path, target: Path) -> None:
    """Give the file its name, unless another file has come by it meanwhile."""
    try:
        os.link(part, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without links
        part.replace(target)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask
