"""What a request passes on its way to a view and back."""

from unittest.mock import patch

import pytest
from asgiref.sync import SyncToAsync
from django.test import AsyncClient

# To the thread of the request and back: the middleware and the view at once, and what Django does before and after.
HOPS = 6


@pytest.mark.django_db(transaction=True)
async def test_a_request_does_not_hop_between_threads_for_each_middleware() -> None:
    hops = []

    original = SyncToAsync.__call__

    async def count(self: SyncToAsync[..., object], *args: object, **kwargs: object) -> object:
        hops.append(self.func)
        return await original(self, *args, **kwargs)

    with patch.object(SyncToAsync, "__call__", count):
        response = await AsyncClient().get("/api/me")
    assert response.status_code == 401
    assert 0 < len(hops) <= HOPS, hops
