"""Django's ASGI handler, with one hop to a thread of a fixed pool for each request.

Django's own makes a thread for each request, and with it a new connection to the database with its pragmas, and hops to
that thread and back six times. Here all that is synchronous, middleware and signals included, runs in one go.
"""

import asyncio
import io
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from typing import Any, TypeVar

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from django.conf import settings
from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, get_script_prefix
from django.core.handlers.base import BaseHandler
from django.db import connections
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.urls import set_script_prefix

Result = TypeVar("Result")


class Handler(ASGIHandler):
    def __init__(self) -> None:
        BaseHandler.__init__(self)
        self.load_middleware(is_async=False)
        # A request that finds no thread free waits in turn.
        self._threads = ThreadPoolExecutor(settings.HTTP_THREADS, thread_name_prefix="chatsite-http")

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        try:
            body = await self.read_body(receive)
        except RequestAborted:
            return
        response = await self.in_thread(self.respond, scope, body)
        if response.streaming:
            await self.stream(response, receive, send)
        else:
            await self.send_response(response, send)

    async def in_thread(self, function: Callable[..., Result], *args: Any) -> Result:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, copy_context().run, function, *args)

    async def read_body(self, receive: Any) -> io.BytesIO:
        """Return the request's body, whose length the server bounds (http_backpressure.py)."""
        body = io.BytesIO()
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise RequestAborted
            body.write(message.get("body", b""))
            if not message.get("more_body"):
                body.seek(0)
                return body

    def respond(self, scope: Any, body: io.BytesIO) -> HttpResponseBase:
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=type(self), scope=scope)
        request, refusal = self.create_request(scope, body)
        if request is None:
            assert isinstance(refusal, HttpResponse)
            response: HttpResponseBase = refusal
        else:
            response = self.get_response(request)
        response._handler_class = type(self)  # type: ignore[attr-defined]  # with which it signals that it is finished
        if not response.streaming:
            response.close()
        return response

    async def stream(self, response: HttpResponseBase, receive: Any, send: Any) -> None:
        """Send a long answer piece by piece, from a thread of its own: it may take as long as its reader likes."""
        async with ThreadSensitiveContext():
            sending = asyncio.ensure_future(self.send_response(response, send))
            leaving = asyncio.ensure_future(self.listen_for_disconnect(receive))
            try:
                await asyncio.wait({sending, leaving}, return_when=asyncio.FIRST_COMPLETED)
            finally:
                for task in (sending, leaving):
                    task.cancel()
                await asyncio.gather(sending, leaving, return_exceptions=True)
                await sync_to_async(finish)(response)


def finish(response: HttpResponseBase) -> None:
    response.close()
    connections.close_all()
