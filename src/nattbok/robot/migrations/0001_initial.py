import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('clients', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Night',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('date', models.DateField(help_text='the day whose morning it prepares')),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('starts', models.PositiveIntegerField(default=1, help_text='how many times it was started')),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.office')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('office', 'date'), name='night_once')],
            },
        ),
        migrations.CreateModel(
            name='Run',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('routine', models.CharField(max_length=60)),
                ('started_at', models.DateTimeField()),
                ('ended_at', models.DateTimeField(null=True)),
                ('starts', models.PositiveIntegerField(default=1)),
                ('counted', models.PositiveIntegerField(default=0)),
                ('skipped', models.CharField(blank=True, help_text='why it did not run: client, office, earlier', max_length=40)),
                ('trouble', models.TextField(blank=True, help_text='why it failed, English, with {names}')),
                ('trouble_values', models.JSONField(default=dict)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('night', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='robot.night')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'night', 'routine'), name='run_once')],
            },
        ),
    ]
