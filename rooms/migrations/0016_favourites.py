"""Which rooms a user has above the others in their list. No table is copied."""

from django.db import migrations, models

from rooms.migrations._columns import AddColumn

ADD_IS_FAVOURITE = "ALTER TABLE rooms_membership ADD COLUMN is_favourite bool DEFAULT 0 NOT NULL"


class Migration(migrations.Migration):
    dependencies = [("rooms", "0015_mentions")]

    operations = [
        AddColumn(
            "membership",
            "is_favourite",
            models.BooleanField(db_default=False, default=False, editable=False, verbose_name="favourite"),
            sqlite=ADD_IS_FAVOURITE,
        ),
    ]
