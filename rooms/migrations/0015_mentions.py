"""Who is called by name, and how many unread messages call each member.

No table is copied: both databases add the column in an instant, and read the memberships once for its index.
"""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from rooms.migrations._columns import AddColumn

ADD_UNREAD_MENTIONS = """
ALTER TABLE rooms_membership ADD COLUMN unread_mentions integer unsigned DEFAULT 0 NOT NULL CHECK (unread_mentions >= 0)
"""


class Migration(migrations.Migration):
    dependencies = [("rooms", "0014_pins"), migrations.swappable_dependency(settings.AUTH_USER_MODEL)]

    operations = [
        migrations.CreateModel(
            name="Mention",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("talk", models.PositiveBigIntegerField()),
                (
                    "message",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="rooms.message"
                    ),
                ),
                (
                    "room",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="rooms.room",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL
                    ),
                ),
            ],
            options={"verbose_name": "mention", "verbose_name_plural": "mentions"},
        ),
        migrations.AddConstraint(
            "mention", models.UniqueConstraint(fields=["room", "user", "talk"], name="rooms_mention_once")
        ),
        AddColumn(
            "membership",
            "unread_mentions",
            models.PositiveIntegerField(db_default=0, default=0, editable=False),
            sqlite=ADD_UNREAD_MENTIONS,
        ),
        migrations.AddIndex(
            "membership",
            models.Index(fields=["user"], condition=models.Q(unread_mentions__gt=0), name="rooms_membership_called"),
        ),
    ]
