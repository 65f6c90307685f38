"""Signing in, which allauth does (``/_allauth/app/v1/``), as the API's document tells it to programs."""

from typing import Any

from accounts.models import USERNAME_MAX_LENGTH
from api.schemas import NO_NUL

SIGN_IN_PATH = "/_allauth/app/v1/auth/login"

TEXT = {"type": "string"}
ANSWER: dict[str, Any] = {
    "type": "object",
    "required": ["status"],
    "properties": {
        "status": {"type": "integer"},
        "data": {"type": "object", "additionalProperties": True},
        "meta": {
            "type": "object",
            "properties": {
                "is_authenticated": {"type": "boolean"},
                "session_token": {
                    **TEXT,
                    "description": "For `Authorization: Bearer …`, two weeks after its last use.",
                },
            },
        },
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"message": TEXT, "code": TEXT, "param": TEXT},
            },
        },
    },
}


SIGNED_IN = {"$ref": "#/components/schemas/SignedIn"}
# What is refused before allauth sees it.
PROBLEM = {"$ref": "#/components/schemas/Problem"}


def answer(description: str, schema: dict[str, Any] = SIGNED_IN) -> dict[str, Any]:
    return {"description": description, "content": {"application/json": {"schema": schema}}}


SIGN_IN: dict[str, Any] = {
    "operationId": "signIn",
    "summary": "Sign in by name and password",
    "description": (
        "Allauth's app client, of whose operations this is the one that every program needs; the others are beside it. "
        "Keep the cookie `device` that comes with the answer for the next time."
    ),
    "tags": ["signing in"],
    "security": [],
    "requestBody": {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": "#/components/schemas/SignIn"}}},
    },
    "responses": {
        "200": answer("Signed in: `meta.session_token`."),
        "400": answer(
            "Wrong name or password, or too many attempts: `errors` says which. Or no JSON object.",
            {"anyOf": [SIGNED_IN, PROBLEM]},
        ),
        "401": answer("Something is to be done first: `data.flows` says what."),
        "403": answer("Not from a foreign page.", PROBLEM),
        "409": answer("Signed in already."),
        "413": answer("Too large.", PROBLEM),
        "415": answer("No JSON.", PROBLEM),
        "429": answer("Too many attempts."),
    },
}

SCHEMAS: dict[str, Any] = {
    "SignIn": {
        "type": "object",
        "required": ["username", "password"],
        "properties": {
            "username": {
                **TEXT,
                "minLength": 1,
                "maxLength": USERNAME_MAX_LENGTH,
                "pattern": NO_NUL,
                "examples": ["alice"],
            },
            "password": {**TEXT, "minLength": 1, "maxLength": 1_000, "pattern": NO_NUL, "format": "password"},
        },
    },
    "SignedIn": ANSWER,
}
