"""What schemathesis is set to, as its ``schemathesis.toml``."""

import json

from tests.security.fuzz.cast import Cast

# How often a parameter of an address is one that there is.
KNOWN = 0.6
# Every check of its own but object_level_authorization, for which it would sign people up by itself: who may see what
# is tried in tests/security/test_access.py.
CONFIG = """
continue-on-failure = true

[output.sanitization]
enabled = false

[warnings]
display = []

[generation]
database = "none"

[phases.coverage]
unexpected-methods = ["get", "put", "post", "delete", "options", "patch", "trace"]

# A state of things may come before a mistake in what was sent: a room that is gone, a file that is full.
[checks.negative_data_rejection]
expected-statuses = [400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 431]

[checks.missing_required_header]
expected-statuses = [400, 401, 403, 404, 409, 410, 415, 422]
"""


def config(cast: Cast) -> str:
    dictionaries = [f"[dictionaries.{name}]\nvalues = {json.dumps(values)}" for name, values in cast.known.items()]
    bound = [f'"path.{name}" = {{ dictionary = "{name}", probability = {KNOWN} }}' for name in cast.known]
    return "\n".join([CONFIG, *dictionaries, "[parameters]", *bound, ""])
