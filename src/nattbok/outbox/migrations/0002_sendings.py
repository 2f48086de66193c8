import django.db.models.deletion
import nattbok.db.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0001_initial'),
        ('files', '0001_initial'),
        ('outbox', '0001_initial'),
        ('trail', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Sending',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='what it is: the same key is never sent twice', max_length=200)),
                ('connection', models.BigIntegerField(help_text='the bank connection; the departments know it')),
                ('name', models.CharField(help_text='what the file is called at the bank', max_length=200)),
                ('state', models.CharField(choices=[('waiting', 'waiting'), ('sending', 'sending'), ('uncertain', 'uncertain'), ('sent', 'sent'), ('failed', 'failed'), ('withdrawn', 'withdrawn')], default='waiting', max_length=10)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('tries', models.PositiveIntegerField(default=0)),
                ('tried_at', models.DateTimeField(null=True)),
                ('may_be_there_since', models.DateTimeField(help_text='from then on it may be at the bank, whatever we know; null: certainly not', null=True)),
                ('sent_at', models.DateTimeField(null=True)),
                ('sent_on', models.DateField(help_text="the day it was sent, as the robot's night counts days", null=True)),
                ('sent_by', models.CharField(blank=True, help_text='robot:<routine>, person:<id>', max_length=60)),
                ('receipt_at', models.DateTimeField(help_text="when the bank's first answer came", null=True)),
                ('trouble', models.TextField(blank=True, help_text='what went wrong the last time, English, with {names}')),
                ('trouble_values', models.JSONField(default=dict)),
                ('trouble_code', models.CharField(blank=True, max_length=60)),
                ('act', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('file', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('state__in', ['waiting', 'sending', 'uncertain'])), fields=['client', 'connection', 'id'], name='sending_waiting')],
                'constraints': [models.UniqueConstraint(fields=('client', 'key'), name='sending_once'), models.UniqueConstraint(fields=('client', 'connection', 'name'), name='sending_name_once'), models.UniqueConstraint(condition=models.Q(('state', 'withdrawn'), _negated=True), fields=('client', 'connection', 'file'), name='sending_content_once'), models.CheckConstraint(condition=models.Q(models.Q(('sent_at__isnull', False), ('state', 'sent')), models.Q(models.Q(('state', 'sent'), _negated=True), ('sent_at__isnull', True)), _connector='OR'), name='sending_sent_has_its_moment'), nattbok.db.fields.SameClient('file', columns=(), is_deferred=False, name='sending_file_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('act', columns=(), is_deferred=False, name='sending_act_same_client', to='', to_columns=())],
            },
        ),
    ]
