import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0004_invitations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Report",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("reason", models.CharField(blank=True, max_length=1000, verbose_name="reason")),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False, verbose_name="reported"),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("open", "waiting"), ("redacted", "erased"), ("dismissed", "left as it is")],
                        default="open",
                        max_length=9,
                        verbose_name="outcome",
                    ),
                ),
                ("handled_at", models.DateTimeField(null=True, verbose_name="handled")),
            ],
            options={
                "verbose_name": "report",
                "verbose_name_plural": "reports",
            },
        ),
        migrations.AddField(
            model_name="message",
            name="redacted_at",
            field=models.DateTimeField(null=True, verbose_name="erased"),
        ),
        migrations.AlterField(
            model_name="message",
            name="kind",
            field=models.CharField(
                choices=[
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
                    ("deleted", "deleted the room"),
                    ("restored", "restored the room"),
                ],
                max_length=16,
                verbose_name="kind",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="handled_by",
            field=models.ForeignKey(
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="handled by",
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="message",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="reports", to="rooms.message"
            ),
        ),
        migrations.AddField(
            model_name="report",
            name="reporter",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="reporter",
            ),
        ),
        migrations.AddIndex(
            model_name="report",
            index=models.Index(fields=["outcome", "-created_at"], name="rooms_report_queue"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.UniqueConstraint(fields=("message", "reporter"), name="rooms_report_once"),
        ),
        migrations.AddConstraint(
            model_name="report",
            constraint=models.CheckConstraint(
                condition=models.Q(("outcome__in", ["open", "redacted", "dismissed"])),
                name="rooms_report_outcome_is_known",
            ),
        ),
    ]
