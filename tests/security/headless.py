"""allauth's headless doors."""

from collections.abc import Iterator

from tests.security.doors import Door, page_doors


def headless_doors() -> Iterator[Door]:
    for route in sorted({door.route for door in page_doors() if door.route.startswith("_allauth/")}):
        for method in ("POST", "PUT", "PATCH", "DELETE"):
            yield Door(method, route)
