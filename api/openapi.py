"""The document as generators of clients need it: ninja's, with what each operation's contract says besides.

Ninja knows the types of JSON alone: not refusals, headers and bytes (contract.py), nor what HEAD answers.
"""

import re
from collections import defaultdict
from copy import deepcopy
from http import HTTPStatus
from typing import Any, cast

from ninja.openapi.schema import REF_TEMPLATE, OpenAPISchema
from ninja.operation import Operation
from ninja.params.models import BodyModel

from api.contract import Contract, contract_of
from api.problems import sentences_by_status
from api.schemas import Problem
from api.signin import SCHEMAS as SIGN_IN_SCHEMAS, SIGN_IN, SIGN_IN_PATH
from rooms import errors
from rooms.models import IDEMPOTENCY_KEY_MAX_LENGTH

Json = dict[str, Any]

BYTES: Json = {"type": "string", "format": "binary"}
PROBLEM: Json = {"application/json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
SAFE = {"GET", "HEAD"}
PLAIN = re.compile(r"{\w+}")
# What one line of a type's schema says that belongs to the one type that is not null beside it.
OF_THE_TYPE = ("maxLength", "minLength", "pattern", "enum", "minimum", "maximum")
TAGS = {
    "signing in": "How a program comes to a token.",
    "people": "Oneself and others: names, pictures, guests, whom one has blocked.",
    "invitations": "Links into a room.",
    "files": "Sending files in parts, and fetching them.",
    "private talks": "Rooms of two.",
    "rooms": "Finding, opening, joining and leaving rooms.",
    "members": "Who belongs to a room, and who is there.",
    "messages": "Reading and writing.",
}
SECONDS: Json = {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 0}}
LIMIT_HEADERS: Json = {
    "RateLimit-Limit": {"description": "How many at once.", "schema": {"type": "integer"}},
    "RateLimit-Remaining": {"description": "How many of them are left.", "schema": {"type": "integer"}},
    "RateLimit-Reset": {"description": "Seconds until all of them are.", "schema": {"type": "integer"}},
    "RateLimit-Policy": {"description": "How many in how many seconds.", "schema": {"type": "string"}},
}
IDEMPOTENCY_KEY: Json = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": False,
    "description": "New for each request. The same one again within a day is answered as at first, and makes nothing.",
    "schema": {"type": "string", "minLength": 1, "maxLength": IDEMPOTENCY_KEY_MAX_LENGTH, "pattern": "^[!#-~]+$"},
}


def name_of(operation: Operation) -> str:
    first, *rest = operation.view_func.__name__.split("_")
    return first + "".join(word.capitalize() for word in rest)


def codes_of(operation: Operation) -> dict[int, list[str]]:
    """Return the codes that an operation may refuse by, in the order of their status."""
    promised = contract_of(operation.view_func)
    takes_json = any(issubclass(model, BodyModel) for model in operation.models)
    refusals = [(error.status, error.code) for error in (*promised.refuses, errors.TryAgain)]
    if not SAFE.issuperset(operation.methods) and not promised.only_reads:
        refusals.append((errors.ReadOnly.status, errors.ReadOnly.code))
    refusals += promised.codes.items()
    if promised.limit is not None:
        refusals.append((errors.TooFast.status, errors.TooFast.code))
    if getattr(operation.view_func, "is_idempotent", False):
        refusals += [(error.status, error.code) for error in (errors.BadIdempotencyKey, errors.IdempotencyKeyReused)]
    # What a converter of the address lets through is as it should be.
    if PLAIN.search(operation.path) or any(model.__ninja_param_source__ != "path" for model in operation.models):
        refusals.append((HTTPStatus.UNPROCESSABLE_ENTITY, "invalid"))
    usual = {
        HTTPStatus.BAD_REQUEST: True,
        HTTPStatus.UNAUTHORIZED: bool(operation.auth_callbacks),
        HTTPStatus.FORBIDDEN: not SAFE.issuperset(operation.methods),
        HTTPStatus.NOT_FOUND: "{" in operation.path,
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE: takes_json,
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE: takes_json,
        HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE: any("maxLength" in schema for schema in promised.reads.values()),
    }
    sentences = sentences_by_status()
    refusals += [(status, sentences[status][0]) for status, may_be in usual.items() if may_be]
    codes = defaultdict(set)
    for status, code in refusals:
        codes[int(status)].add(code)
    return {status: sorted(codes[status]) for status in sorted(codes)}


class Schema(OpenAPISchema):
    def __init__(self, *args: Any) -> None:
        self.codes: set[str] = set()
        super().__init__(*args)
        self.paths[SIGN_IN_PATH] = {"post": deepcopy(SIGN_IN)}
        self["tags"] = [{"name": name, "description": text} for name, text in TAGS.items()]
        tidy(self)

    def get_paths(self) -> Json:
        self.paths: Json = super().get_paths()
        return self.paths

    def methods(self, operations: list[Operation]) -> Json:
        """Return each method's entry; HEAD's is that of GET, but for its name and what it carries."""
        entries = cast(dict[str, Json], super().methods(operations))
        if "get" in entries and entries.get("head") is entries["get"]:
            entries["head"] = head = deepcopy(entries["get"])
            name = head["operationId"].removeprefix("get")
            head["operationId"] = f"head{name[0].upper()}{name[1:]}"
        for answer in entries.get("head", {}).get("responses", {}).values():
            answer.pop("content", None)
        return entries

    def operation_details(self, operation: Operation) -> Json:
        details = super().operation_details(operation)
        promised = contract_of(operation.view_func)
        details.setdefault("security", [])
        details["description"] = operation.description or f"{operation.summary}."
        if promised.takes:
            kinds = {kind: {"schema": BYTES} for kind in promised.takes}
            details["requestBody"] = {"required": not promised.takes_none, "content": kinds}
        return details

    def operation_parameters(self, operation: Operation) -> list[Json]:
        parameters: list[Json] = super().operation_parameters(operation)
        for parameter in parameters:
            parameter["schema"] = not_null(parameter["schema"])
        for name, schema in contract_of(operation.view_func).reads.items():
            told = {key: value for key, value in schema.items() if key != "description"}
            about = {"description": schema["description"]} if "description" in schema else {}
            # A part of a file is worth nothing without its place.
            required = name == "Upload-Offset"
            parameters.append({"in": "header", "name": name, "required": required, "schema": told, **about})
        if getattr(operation.view_func, "is_idempotent", False):
            parameters.append(deepcopy(IDEMPOTENCY_KEY))
        return parameters

    def responses(self, operation: Operation) -> Json:  # type: ignore[override]
        promised = contract_of(operation.view_func)
        answers = {str(status): answer for status, answer in super().responses(operation).items()}
        for answer in answers.values():
            if promised.gives and "content" in answer:
                answer["content"] = {kind: {"schema": BYTES} for kind in promised.gives}
            if headers := good_headers(promised):
                answer["headers"] = headers
        for status, codes in codes_of(operation).items():
            self.codes.update(codes)
            answers[str(status)] = refusal(status, codes, promised)
        return answers

    def get_components(self) -> Json:
        self.schemas["Problem"] = Problem.model_json_schema(ref_template=REF_TEMPLATE)
        components: Json = super().get_components()
        # Each code that any operation may refuse by, and what a mistake of the site's is answered with.
        codes = sorted({*self.codes, "internal", "method_not_allowed"})
        components["schemas"]["ProblemCode"] = {"type": "string", "enum": codes}
        components["schemas"]["Problem"]["properties"]["code"] = {"$ref": "#/components/schemas/ProblemCode"}
        components["schemas"] |= deepcopy(SIGN_IN_SCHEMAS)
        # What is taken apart into the parameters of an address.
        del components["schemas"]["Where"]
        return components


def good_headers(promised: Contract) -> Json:
    told = {name: {"schema": dict(schema)} for name, schema in promised.sets.items()}
    return {**told, **(LIMIT_HEADERS if promised.limit is not None else {})}


def refusal(status: int, codes: list[str], promised: Contract) -> Json:
    headers: Json = {}
    if status == HTTPStatus.UNAUTHORIZED:
        headers["WWW-Authenticate"] = {"schema": {"type": "string"}}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        headers["Retry-After"] = SECONDS
    told = ", ".join(f"`{code}`" for code in codes)
    return {
        "description": f"{HTTPStatus(status).phrase}: {told}.",
        "content": PROBLEM,
        "x-codes": codes,
        **({"headers": headers} if headers else {}),
    }


def not_null(schema: Json) -> Json:
    """Return what can stand in an address, where nothing is null."""
    kinds = [kind for kind in schema.get("anyOf", []) if kind != {"type": "null"}]
    if len(kinds) != 1:
        return schema
    return {**kinds[0], **{key: value for key, value in schema.items() if key not in ("anyOf", "default")}}


def tidy(part: Any) -> None:
    """Leave out titles, by which generators name the same thing twice, and keep bounds beside the type they are of."""
    if isinstance(part, list):
        for item in part:
            tidy(item)
    elif isinstance(part, dict):
        if isinstance(part.get("title"), str) and ("type" in part or "anyOf" in part or "$ref" in part):
            del part["title"]
        for kind in part.get("anyOf", []):
            if isinstance(kind, dict) and kind.get("type") not in ("null", None):
                kind |= {key: part.pop(key) for key in OF_THE_TYPE if key in part}
        for item in part.values():
            tidy(item)
