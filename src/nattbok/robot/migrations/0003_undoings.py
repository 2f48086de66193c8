import django.db.models.deletion
import nattbok.db.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0001_initial'),
        ('robot', '0002_rounds'),
        ('trail', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Undoing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.JSONField(help_text='what is taken back, as robot.undoing.rules.What writes it')),
                ('along', models.BooleanField(help_text='what depends on it goes along')),
                ('by', models.CharField(max_length=60)),
                ('why', models.CharField(max_length=500)),
                ('asked_at', models.DateTimeField()),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.office')),
            ],
        ),
        migrations.CreateModel(
            name='UndoingPart',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('plan', models.CharField(blank=True, help_text='the hash of the plan that was shown', max_length=64)),
                ('ended_at', models.DateTimeField(null=True)),
                ('counts', models.JSONField(default=dict, help_text='what was taken back, in numbers')),
                ('trouble', models.TextField(blank=True, help_text='why it was refused, English, with {names}')),
                ('trouble_values', models.JSONField(default=dict)),
                ('act', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('undoing', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='robot.undoing')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'undoing'), name='undoing_part_once'), nattbok.db.fields.SameClient('act', columns=(), is_deferred=False, name='undoing_part_act_same_client', to='', to_columns=())],
            },
        ),
    ]
