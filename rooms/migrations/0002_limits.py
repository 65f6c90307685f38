from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("rooms", "0001_rooms_and_log"),
    ]

    operations = [
        migrations.CreateModel(
            name="Spending",
            fields=[
                ("key", models.CharField(max_length=80, primary_key=True, serialize=False)),
                ("until", models.FloatField(db_index=True)),
            ],
            options={
                "verbose_name": "spending",
                "verbose_name_plural": "spendings",
            },
        ),
    ]
