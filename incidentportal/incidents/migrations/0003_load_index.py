"""An index on what was created on a service, the latest first: the form counts how often it woke somebody tonight."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0002_named_index_and_outcomes'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='submission',
            index=models.Index(condition=models.Q(('state', 'created')), fields=['service_id', '-decided_at'], name='created_on_service'),
        ),
    ]
