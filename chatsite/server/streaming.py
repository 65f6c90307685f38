"""Answers that are too long to be made at once."""

from collections.abc import AsyncIterator, Iterator
from typing import TypeVar

from asgiref.sync import sync_to_async
from django.http import HttpRequest

Piece = TypeVar("Piece", str, bytes)

# The extension of chatsite/server/http_backpressure.py, which knows Twisted; here it is only asked.
FLOW = "chatsite.http_backpressure"


async def as_asked_for(request: HttpRequest, pieces: Iterator[Piece]) -> AsyncIterator[Piece]:
    """Give the pieces as they are asked for: under ASGI, Django would read a plain iterator to its end first.

    Where the server tells when there is room for more (flow.py), no piece is made before; others wait by themselves.
    """
    flow = getattr(request, "scope", {}).get("extensions", {}).get(FLOW)
    next_piece = sync_to_async(lambda: next(pieces, None))
    if flow is None:
        while (piece := await next_piece()) is not None:
            yield piece
        return
    flow.begin()
    try:
        while (piece := await next_piece()) is not None:
            yield piece
            await flow.room()
    except Exception:
        # The reader has been told of more: only a broken connection says that it does not come.
        flow.cut()
        raise
    finally:
        flow.end()
