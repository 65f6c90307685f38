"""The API's document for programs: made once in a process, because that takes half a second of its time."""

import hashlib
import threading
from collections.abc import Callable
from typing import Any, NamedTuple

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import condition
from ninja import NinjaAPI
from ninja.operation import Operation
from ninja.responses import Response

from api.openapi import Schema, name_of


class Document(NamedTuple):
    schema: Schema
    body: bytes
    etag: str


class DocumentedAPI(NinjaAPI):
    """Ninja's, but that its document is made once, when first asked for: no operation is added after the start."""

    _document: Document | None = None
    _making = threading.Lock()

    @property
    def document(self) -> Document:
        # Of many who ask a new process at once, one makes it and the others wait.
        with self._making:
            if self._document is None:
                self.servers = [{"url": settings.SITE_URL or "/", "description": "This site"}]
                schema = Schema(self, self.get_root_path({}))
                body = Response(schema).content
                self._document = Document(schema, body, f'"{hashlib.sha256(body).hexdigest()[:32]}"')
        return self._document

    def get_openapi_schema(self, **options: Any) -> Schema:
        return self.document.schema

    def get_openapi_operation_id(self, operation: Operation) -> str:
        return name_of(operation)


def view_of(api: DocumentedAPI) -> Callable[[HttpRequest], HttpResponse]:
    """Return the view that stands in the place of ninja's, which would encode the document anew each time."""

    @condition(etag_func=lambda request: api.document.etag)
    def openapi_json(request: HttpRequest) -> HttpResponse:
        # The same for everybody; asked for again each time, so that a new version of the site is seen at once.
        headers = {"Cache-Control": "public, no-cache"}
        return HttpResponse(api.document.body, content_type="application/json", headers=headers)

    return openapi_json
