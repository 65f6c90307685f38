"""schemathesis against the OpenAPI document: whatever is sent, no 5xx, and every refusal is {code, detail}."""

import http.client
import json
from collections.abc import Iterator
from uuid import uuid4

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings as hypothesis_settings, strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import response_schema_conformance, status_code_conformance

from api import api
from tests import servers
from tests.scripts import Script

DOCUMENT = json.loads(json.dumps(api.get_openapi_schema(), default=str))
SCHEMA = schemathesis.openapi.from_dict(DOCUMENT)
# Allauth's, which the document tells beside them, answers in its own way.
OWN = [path for path in DOCUMENT["paths"] if path.startswith("/api/")]
OPERATIONS = [(path, method) for path in OWN for method in DOCUMENT["paths"][path]]


@pytest.fixture(scope="module")
def live_site() -> Iterator[servers.Site]:
    with servers.site() as site:
        yield site


@pytest.fixture(scope="module")
def script(live_site: servers.Site) -> Script:
    return Script(live_site.url, "scripter")


@pytest.fixture(scope="module")
def shared_room(script: Script) -> str:
    return open_room(script)


def open_room(script: Script) -> str:
    opened: str = script.call("POST", "/api/rooms", {"name": f"Room {uuid4()}"})["id"]
    return opened


@pytest.mark.parametrize(("path", "method"), OPERATIONS, ids=lambda value: value)
def test_no_request_breaks_the_api(
    live_site: servers.Site, script: Script, shared_room: str, path: str, method: str
) -> None:
    me = script.call("GET", "/api/me")["id"]
    # Nobody opens as many rooms at once as there are operations: one serves all those that do not end it.
    room = open_room(script) if method == "delete" else shared_room

    @hypothesis_settings(
        max_examples=20,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=SCHEMA[path][method.upper()].as_strategy(), known=st.booleans(), signed_in=st.integers(0, 9))
    def send(case: schemathesis.Case, known: bool, signed_in: int) -> None:
        if known:
            real = {"room_id": room, "user_id": me}
            case.path_parameters = {name: real.get(name, value) for name, value in case.path_parameters.items()}
        headers = {"X-Session-Token": script.headers["X-Session-Token"]} if signed_in else {"X-Session-Token": "none"}
        try:
            response = case.call(base_url=live_site.url, headers=headers)
        except http.client.HTTPException:
            # A header that cannot travel.
            return
        checks = [not_a_server_error, response_schema_conformance, status_code_conformance]
        case.validate_response(response, checks=checks)
        # The answer to a HEAD has a status and headers alone.
        if response.status_code >= 400 and method != "head":
            problem = response.json()
            assert problem["code"] in DOCUMENT["paths"][path][method]["responses"][str(response.status_code)]["x-codes"]
            assert isinstance(problem["detail"], str)
            assert problem["detail"]

    send()
    assert "Traceback" not in live_site.log()
