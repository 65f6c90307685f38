"""What the tests of the Django admin do at a site admin's staff."""

from typing import Any

from django.db.models import Model
from django.test import Client


def address_of(model: type[Model]) -> str:
    return f"/admin/{model._meta.app_label}/{model._meta.model_name}/"


def do(staff: Client, action: str, *rows: Model, **more: Any) -> str:
    """Do an admin action to these rows of one list, and return the page that follows."""
    form = {"action": action, "_selected_action": [str(row.pk) for row in rows], **more}
    response = staff.post(address_of(type(rows[0])), form, follow=True)
    assert response.status_code == 200
    return response.text


def listed(staff: Client, model: type[Model], query: str = "") -> list[Any]:
    response = staff.get(f"{address_of(model)}?{query}")
    assert response.status_code == 200
    return list(response.context["cl"].result_list)
