"""Answers that are too long to be made at once."""

from collections.abc import AsyncIterator, Iterator

from asgiref.sync import sync_to_async


async def as_asked_for(pieces: Iterator[str]) -> AsyncIterator[str]:
    """Give the pieces as they are asked for: under ASGI, Django would read a plain iterator to its end first."""
    next_piece = sync_to_async(lambda: next(pieces, ""))
    while piece := await next_piece():
        yield piece
