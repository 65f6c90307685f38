"""Say of each username what it looks like. Nobody is renamed: of those alike, whoever came first has the number 0."""

from collections import Counter
from itertools import islice
from typing import Any

from django.db import migrations

from accounts.models import skeleton_of

BATCH = 500


def fill(apps: Any, schema_editor: Any) -> None:
    User = apps.get_model("accounts", "User")
    everybody = User._base_manager.order_by("date_joined", "pk").only("pk", "username")
    alike = Counter[str]()
    rest = everybody.iterator(chunk_size=BATCH)
    while people := list(islice(rest, BATCH)):
        for person in people:
            skeleton = skeleton_of(person.username)
            person.username_skeleton, person.skeleton_number = skeleton, alike[skeleton]
            alike[skeleton] += 1
        User._base_manager.bulk_update(people, ["username_skeleton", "skeleton_number"])


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_name_skeletons")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
