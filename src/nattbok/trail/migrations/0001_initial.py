import django.db.models.deletion
import nattbok.db.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('clients', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Act',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(help_text='what was done: bank.matched, documents.posted', max_length=60)),
                ('at', models.DateTimeField()),
                ('by', models.CharField(help_text='robot:<routine>, person:<id>, command:<name>', max_length=60)),
                ('night', models.BigIntegerField(help_text='the night it was done in', null=True)),
                ('evidence', models.JSONField(help_text='why, as data; the sentences are made when it is shown')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('undoes', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='undone_by', to='trail.act')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'night', 'kind'], name='act_by_night'), models.Index(fields=['client', 'at'], name='act_by_time')],
                'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='act_of_client'), models.UniqueConstraint(condition=models.Q(('undoes__isnull', False)), fields=('undoes',), name='act_undone_once'), nattbok.db.fields.SameClient('undoes', columns=(), is_deferred=False, name='act_undoes_same_client', to='', to_columns=())],
            },
        ),
    ]
