"""Give the index of what is due a name of its own, and name the outcomes of attempts and notes. No row changes."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('incidents', '0001_initial'),
    ]

    operations = [
        migrations.RenameIndex(
            model_name='submission',
            new_name='submissions_due',
            old_name='incidents_s_state_dcdc07_idx',
        ),
        migrations.AlterField(
            model_name='attempt',
            name='outcome',
            field=models.CharField(choices=[('created', 'Created'), ('rejected', 'Rejected'), ('expired', 'Expired'), ('cancelled', 'Cancelled'), ('unavailable', 'Unavailable')], max_length=20),
        ),
        migrations.AlterField(
            model_name='note',
            name='outcome',
            field=models.CharField(blank=True, choices=[('', 'Not yet known'), ('added', 'Added'), ('rejected', 'Rejected'), ('unknown', 'Unknown')], default='', max_length=20),
        ),
    ]
