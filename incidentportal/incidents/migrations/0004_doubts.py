"""Attempts are written down when they begin, and a submission knows since when an incident of it may be there."""

from typing import Any

import django.utils.timezone
from django.db import migrations, models
from django.db.models import F


def keep_doubts(apps: Any, schema_editor: Any) -> None:
    """What may have been heard before this version counts as heard now: it is looked for before it is sent again."""
    pending = apps.get_model("incidents", "Submission").objects.filter(state="pending", may_exist=True)
    pending.update(heard_at=django.utils.timezone.now())
    # Of these it was said that nobody was paged, although an attempt may have been heard.
    heard = apps.get_model("incidents", "Attempt").objects.filter(is_sent=True).values("submission")
    decided = apps.get_model("incidents", "Submission").objects.filter(state__in=["rejected", "expired", "cancelled"])
    decided.filter(pk__in=heard).update(heard_at=F("decided_at"))


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0003_load_index'),
    ]

    operations = [
        migrations.AddField(
            model_name='attempt',
            name='heard_before',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='corrected_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='heard_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='unseen_since',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='key_in_use_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='seen_before',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='submission',
            name='touched_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AlterField(
            model_name='attempt',
            name='ended_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AlterField(
            model_name='attempt',
            name='outcome',
            field=models.CharField(blank=True, choices=[('', 'Not finished'), ('created', 'Created'), ('rejected', 'Rejected'), ('expired', 'Expired'), ('cancelled', 'Cancelled'), ('unavailable', 'Unavailable')], default='', max_length=20),
        ),
        migrations.RunPython(keep_doubts, migrations.RunPython.noop, elidable=True),
        migrations.RemoveField(
            model_name='submission',
            name='may_exist',
        ),
    ]
