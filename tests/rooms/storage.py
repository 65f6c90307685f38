"""What lies in the storage of files."""

import pytest
from django.core.files.storage import default_storage


def objects() -> set[str]:
    """Every object in storage."""

    def below(folder: str) -> set[str]:
        folders, names = default_storage.listdir(folder)
        return {f"{folder}/{name}" for name in names}.union(*(below(f"{folder}/{inner}") for inner in folders))

    return set().union(*(below(top) for top in ("files", "uploads") if default_storage.exists(top)))


@pytest.fixture(autouse=True)
def empty_storage() -> None:
    for name in objects():
        default_storage.delete(name)
