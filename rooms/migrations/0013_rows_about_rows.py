"""A row may be about an earlier row of its room; rows that are not drawn are told from the others.

Neither database rewrites the table for it, which may have millions of rows: each adds columns with a constant default
in an instant. Django would copy the table on SQLite. Two indexes are made, the second one empty.
"""

from django.db import migrations, models

from rooms.migrations._columns import AddColumn, AddItsConstraint

KINDS = [
    ("text", "message"),
    ("file", "file"),
    ("opened", "opened the room"),
    ("joined", "joined"),
    ("left", "left"),
    ("added", "added"),
    ("removed", "removed"),
    ("admin_granted", "made admin"),
    ("admin_revoked", "no longer admin"),
    ("renamed", "renamed the room"),
    ("topic_changed", "changed the topic"),
    ("kind_changed", "changed who can read"),
    ("redacted", "erased a message"),
    ("pinned", "pinned a message"),
    ("unpinned", "unpinned a message"),
    ("deleted", "deleted the room"),
    ("restored", "restored the room"),
]
IS_BEFORE = models.CheckConstraint(
    condition=models.Q(target_seq=None)
    | models.Q(target_seq__gte=1, target_seq__lt=models.F("seq"), hash_format__gte=2),
    name="rooms_message_target_is_before",
)
ADD_TARGET = f"""
ALTER TABLE rooms_message ADD COLUMN target_seq bigint unsigned NULL CHECK (target_seq >= 0)
CONSTRAINT {IS_BEFORE.name} CHECK (
    target_seq IS NULL OR (hash_format >= 2 AND target_seq >= 1 AND target_seq < seq)
)
"""
ADD_DRAWN = "ALTER TABLE rooms_message ADD COLUMN is_drawn bool DEFAULT 1 NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("rooms", "0012_reasons_of_erased_messages")]

    operations = [
        migrations.AlterField("message", "kind", models.CharField(choices=KINDS, max_length=16, verbose_name="kind")),
        AddColumn(
            "message", "target_seq", models.PositiveBigIntegerField(null=True, verbose_name="about"), sqlite=ADD_TARGET
        ),
        AddItsConstraint("message", IS_BEFORE),
        AddColumn("message", "is_drawn", models.BooleanField(db_default=True), sqlite=ADD_DRAWN),
        migrations.AddIndex(
            "message",
            models.Index(fields=["room", "seq"], condition=models.Q(is_drawn=True), name="rooms_message_drawn"),
        ),
        migrations.AddIndex(
            "message",
            models.Index(
                fields=["room", "target_seq"],
                condition=models.Q(target_seq__isnull=False),
                name="rooms_message_target",
            ),
        ),
    ]
