"""The API's document, which anybody may ask for as often as they like: what a process spends on it."""

import gzip
import time

import pytest
from django.test import Client
from ninja.openapi import schema

from api import api
from tests.rooms.races import at_once

pytestmark = [pytest.mark.security, pytest.mark.django_db]

ADDRESS = "/api/openapi.json"


@pytest.fixture
def builds(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Each time that a document is built, from a process in which nobody has asked for one."""
    built: list[object] = []
    build = schema.OpenAPISchema.get_paths

    def count(self: schema.OpenAPISchema) -> object:
        built.append(self)
        return build(self)

    monkeypatch.setattr(schema.OpenAPISchema, "get_paths", count)
    monkeypatch.setattr(api, "_document", None, raising=False)
    return built


def test_the_document_is_built_once_however_many_ask(client: Client, builds: list[object]) -> None:
    answers = [client.get(ADDRESS, headers={"Accept-Language": language}) for language in ("en", "de", "ar", "en")]
    assert len({answer.content for answer in answers}) == 1
    assert answers[0].json()["paths"]
    assert len(builds) == 1


def test_of_many_who_ask_at_once_one_builds_it(builds: list[object]) -> None:
    assert len({id(document) for document in at_once(20, lambda _: api.get_openapi_schema())}) == 1
    assert len(builds) == 1


def test_who_has_the_document_is_sent_nothing(client: Client) -> None:
    first = client.get(ADDRESS)
    assert first["Cache-Control"] == "public, no-cache"
    again = client.get(ADDRESS, headers={"If-None-Match": first["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    packed = client.get(ADDRESS, headers={"Accept-Encoding": "gzip"})
    assert gzip.decompress(packed.content) == first.content


@pytest.mark.parametrize("address", [ADDRESS, "/api/docs"])
def test_what_anybody_may_ask_for_costs_next_to_nothing(client: Client, address: str) -> None:
    client.get(address)
    began = time.process_time()
    for _ in range(10):
        assert client.get(address).status_code == 200
    assert (time.process_time() - began) / 10 < 0.05
