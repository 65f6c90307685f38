"""What schemathesis is told besides the document: which refusals depend on more than what was sent, what is to stay.

schemathesis imports this by itself; the environment says whom it asks as.
"""

import atexit
import json
import os
import urllib.error
import urllib.request
from collections import deque
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import uuid4

import schemathesis
from schemathesis.core.failures import AcceptedNegativeData, Failure
from schemathesis.openapi.checks import RejectedPositiveData

SITE = json.loads(os.environ["CHATSITE_FUZZED"])
# Refusals of requests that are as the document says: by what the site knows, by what bytes are, by a password.
BY_STATE = {
    "bad_cursor", "bad_invitation", "chunk_too_small", "file_too_large", "idempotency_key_reused", "no_picture",
    "picture_too_large", "quota_exceeded", "room_deleted", "too_many_login_attempts", "type_not_allowed",
    "username_password_mismatch", "yourself",
}  # fmt: skip
# Refusals of names, of which a pattern says less than Unicode's tables do (chatsite/text.py).
BY_UNICODE = {"bad_display_name", "bad_name", "bad_topic", "empty_name"}
NAMES = ("name", "display_name", "topic")
# After these there would be less and less in the cast's rooms to ask for; in others they are tried.
ENDS = {"deleteRoom", "leaveRoom", "removeMember", "changeRole"}
# Files on their way, of which nobody may have more than 20.
UPLOADS = 8
uploads: deque[str] = deque()
# How often each operation has succeeded.
counts: dict[str, int] = {}


def code_of(response: Any) -> str:
    try:
        body = json.loads(response.content)
        return str(body["code"] if "code" in body else body["errors"][0]["code"])
    except (ValueError, LookupError, TypeError):
        return ""


@schemathesis.hook
def filter_failure(context: Any, failure: Failure, case: schemathesis.Case, response: Any) -> bool:
    # Who asks too often is told so before what they sent is looked at.
    if isinstance(failure, AcceptedNegativeData):
        return response.status_code != HTTPStatus.TOO_MANY_REQUESTS
    if not isinstance(failure, RejectedPositiveData):
        return True
    # A part that the file does not have. (An answer to HEAD has no code.)
    if response.status_code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE:
        return False
    code = code_of(response)
    return code not in BY_STATE and not (code in BY_UNICODE and is_beyond_patterns(case.body))


def is_beyond_patterns(body: Any) -> bool:
    names = [str(body.get(name, "x")) for name in NAMES] if isinstance(body, dict) else []
    may_not_be_empty = SITE["role"] == "guest"
    return any(not (name.isascii() and name.isprintable()) or (may_not_be_empty and not name.strip()) for name in names)


@schemathesis.hook
def before_call(context: Any, case: schemathesis.Case, kwargs: Any) -> None:
    if name_of(case) in ENDS and case.path_parameters.get("room_id") in SITE["rooms"]:
        case.path_parameters["room_id"] = str(uuid4())


@schemathesis.hook
def after_call(context: Any, case: schemathesis.Case, response: Any) -> None:
    counts[name_of(case)] = counts.get(name_of(case), 0) + (response.status_code < 300)
    if name_of(case) == "startUpload" and response.status_code == 201:
        uploads.append(f"{SITE['url']}{case.formatted_path}/{json.loads(response.content)['id']}")
    while len(uploads) > UPLOADS:
        headers = {"X-Session-Token": SITE["token"]}
        cancel = urllib.request.Request(uploads.popleft(), headers=headers, method="DELETE")
        try:
            urllib.request.urlopen(cancel).close()
        except urllib.error.HTTPError as gone:
            gone.close()


@atexit.register
def tell_counts() -> None:
    Path(SITE["counts"]).write_text(json.dumps(counts))


def name_of(case: schemathesis.Case) -> str:
    return str(case.operation.definition.raw.get("operationId", ""))
