import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import rooms.models.invitations


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0003_private_talks"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Invitation",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "code",
                    models.CharField(
                        default=rooms.models.invitations.new_code,
                        editable=False,
                        max_length=32,
                        unique=True,
                        verbose_name="code",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="made"),
                ),
                (
                    "expires_at",
                    models.DateTimeField(default=rooms.models.invitations.usual_end, verbose_name="good until"),
                ),
                ("uses_left", models.PositiveIntegerField(blank=True, null=True, verbose_name="uses left")),
                ("used", models.PositiveIntegerField(default=0, editable=False, verbose_name="used")),
                ("revoked_at", models.DateTimeField(editable=False, null=True, verbose_name="revoked")),
            ],
            options={
                "verbose_name": "room invitation",
                "verbose_name_plural": "room invitations",
            },
        ),
        migrations.AddField(
            model_name="invitation",
            name="created_by",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="made by",
            ),
        ),
        migrations.AddField(
            model_name="invitation",
            name="room",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="invitations", to="rooms.room"
            ),
        ),
    ]
