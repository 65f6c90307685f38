"""Sends a long answer piece by piece, each made when it is needed."""

from collections.abc import AsyncIterator, Iterator
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.http import HttpRequest

Piece = TypeVar("Piece", str, bytes)

# The extension of chatsite/server/http_backpressure.py, which knows Twisted; here it is only asked.
EXTENSION = "chatsite.http_backpressure"


async def as_asked_for(request: HttpRequest, pieces: Iterator[Piece]) -> AsyncIterator[Piece]:
    """Yield the pieces as they are asked for: under ASGI, Django would read a plain iterator to its end first.

    Where the server tells when there is room for more (http_backpressure.py), no piece is made before. Elsewhere the
    server's own ``send`` waits.
    """
    backpressure = getattr(request, "scope", {}).get("extensions", {}).get(EXTENSION)
    next_piece = sync_to_async(lambda: next(pieces, None))
    if backpressure is None:
        while (piece := await next_piece()) is not None:
            yield piece
        return
    backpressure.begin()
    try:
        while (piece := await next_piece()) is not None:
            yield piece
            await backpressure.room()
    except Exception:
        # The reader expects more bytes: only a broken connection tells that they do not come.
        backpressure.cut()
        raise
    finally:
        backpressure.end()
