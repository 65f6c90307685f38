import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chatsite", "0001_leftovers"),
    ]

    operations = [
        migrations.CreateModel(
            name="OutgoingMail",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("new", "New"),
                            ("sending", "Sending"),
                            ("held_up", "Held Up"),
                            ("refused", "Refused"),
                            ("given_up", "Given Up"),
                        ],
                        default="new",
                        max_length=8,
                    ),
                ),
                ("sender", models.CharField(max_length=320)),
                ("recipients", models.JSONField(default=list)),
                ("content", models.BinaryField()),
                ("queued_at", models.DateTimeField(default=django.utils.timezone.now)),
                ("due_at", models.DateTimeField(db_index=True, default=django.utils.timezone.now)),
                ("attempts", models.PositiveIntegerField(default=0)),
                ("error", models.CharField(blank=True, max_length=300)),
            ],
            options={
                "verbose_name": "outgoing mail",
                "verbose_name_plural": "outgoing mail",
            },
        ),
    ]
