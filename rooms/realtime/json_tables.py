"""SQL that takes a whole JSON object as one parameter, and joins it as a table of keys and values.

A list of parameters as long as there are open rooms or sockets costs more to compose and plan than the answer.
"""

from typing import NamedTuple

from django.db import connection


class Dialect(NamedTuple):
    # The table of a JSON object's keys and values.
    each: str
    # How an id, and bytes, compare with a text of the JSON.
    uuid: str
    hex: str


DIALECTS = {
    "sqlite": Dialect("json_each(%s)", "{0}", "lower(hex({0}))"),
    "postgresql": Dialect("json_each_text(%s::json)", "CAST({0} AS uuid)", "encode({0}, 'hex')"),
}


def dialect() -> Dialect:
    return DIALECTS[connection.vendor]
