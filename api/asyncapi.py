"""``asyncapi.json``: the sockets, for programs (AsyncAPI 3)."""

from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Schema
from ninja.responses import Response
from pydantic.json_schema import models_json_schema

from api.frames import FROM_CLIENTS, FROM_SITES
from api.openapi import tidy
from rooms.realtime import protocol

Json = dict[str, Any]

CLOSE_CODES = {name.lower(): code for name, code in vars(protocol.Close).items() if name.isupper()}
TEXT = {"type": "string"}
QUERY: Json = {
    "type": "object",
    "required": ["v"],
    "properties": {
        "v": {"type": "string", "const": protocol.VERSION},
        "enter": {"type": "string", "format": "uuid", "description": "A room to enter at once."},
        "after": {
            "type": "string",
            "pattern": "^[0-9]{1,18}$",
            "description": "seq of its last row that one has.",
        },
        "hash": {**TEXT, "description": "That row's hash; another one is answered by `reset`."},
        "attend": {"type": "string", "const": "1", "description": "To be present in that room."},
    },
}


def ref(*path: str) -> Json:
    return {"$ref": "#/" + "/".join(path)}


def of(events: tuple[type[Schema], ...]) -> list[Json]:
    return [ref("channels", "site", "messages", event.__name__) for event in events]


@cache
def document() -> Json:
    every = (*FROM_SITES, *FROM_CLIENTS)
    _, schemas = models_json_schema(
        [(event, "serialization") for event in every], ref_template="#/components/schemas/{model}"
    )
    shapes: Json = schemas["$defs"]
    tidy(shapes)
    site = urlsplit(settings.SITE_URL or "http://localhost")
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Chatsite's sockets",
            "version": protocol.VERSION,
            "description": (
                "A server's frame is a JSON array of events, in order; a client's frame is one event. docs/protocol.md "
                "says what each of them means, and when to come back after a close."
            ),
            "license": {"name": "BSD-3-Clause"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "site": {
                "host": site.netloc,
                "protocol": "wss" if site.scheme == "https" else "ws",
                "security": [ref("components", "securitySchemes", name) for name in ("bearer", "token", "cookie")],
            }
        },
        "channels": {
            "site": {
                "address": "/ws/",
                "messages": {event.__name__: ref("components", "messages", event.__name__) for event in every},
                "bindings": {"ws": {"method": "GET", "query": QUERY}},
            }
        },
        "operations": {
            "hear": {"action": "send", "channel": ref("channels", "site"), "messages": of(FROM_SITES)},
            "speak": {"action": "receive", "channel": ref("channels", "site"), "messages": of(FROM_CLIENTS)},
        },
        "components": {
            "messages": {
                event.__name__: {
                    "name": event.__name__,
                    "summary": event.__doc__,
                    "payload": ref("components", "schemas", event.__name__),
                }
                for event in every
            },
            "schemas": shapes,
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer"},
                "token": {"type": "httpApiKey", "name": "X-Session-Token", "in": "header"},
                "cookie": {"type": "httpApiKey", "name": settings.SESSION_COOKIE_NAME, "in": "cookie"},
            },
        },
        "x-close-codes": CLOSE_CODES,
    }


@cache
def body() -> bytes:
    return Response(document()).content


def asyncapi_json(request: HttpRequest) -> HttpResponse:
    headers = {"Cache-Control": "public, no-cache"}
    return HttpResponse(body(), content_type="application/json", headers=headers)
