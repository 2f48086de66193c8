import django.db.models.deletion
import nattbok.db.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bank', '0003_reconciled_days'),
        ('clients', '0001_initial'),
        ('files', '0001_initial'),
        ('trail', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Connection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('profile', models.CharField(help_text='the bank: a name in bank.rules.profiles.PROFILES', max_length=30)),
                ('form', models.CharField(choices=[('file', 'file'), ('sftp', 'sftp'), ('rest', 'rest')], max_length=10)),
                ('title', models.CharField(max_length=100)),
                ('agreement_id', models.CharField(blank=True, max_length=35)),
                ('division', models.CharField(blank=True, max_length=35)),
                ('address', models.CharField(blank=True, help_text='host or host:port; for rest a URL', max_length=200)),
                ('username', models.CharField(blank=True, max_length=100)),
                ('host_key', models.TextField(blank=True, help_text="the bank's, confirmed by a person and pinned")),
                ('state', models.CharField(choices=[('ordered', 'ordered'), ('registered', 'registered'), ('active', 'active'), ('suspended', 'suspended')], max_length=12)),
                ('settings', models.JSONField(default=dict, help_text='what the bank said otherwise than its profile')),
                ('is_test', models.BooleanField(default=False, help_text="the bank's test system: no real money")),
                ('ordered_at', models.DateTimeField(null=True)),
                ('registered_at', models.DateTimeField(null=True)),
                ('activated_at', models.DateTimeField(null=True)),
                ('active_from', models.DateField(help_text='from this bank day on its files are expected', null=True)),
                ('suspended_at', models.DateTimeField(null=True)),
                ('tested_at', models.DateTimeField(null=True)),
                ('test_steps', models.JSONField(default=list, help_text='each step of the last test and how it went')),
                ('is_tested_out', models.BooleanField(default=False, help_text='with the settings as they are now')),
                ('is_tested_in', models.BooleanField(default=False, help_text='with the settings as they are now')),
                ('last_fetched_at', models.DateTimeField(help_text='the last time the bank answered in full', null=True)),
                ('last_fetched_on', models.DateField(help_text='the day that was fetched for', null=True)),
                ('tried_at', models.DateTimeField(help_text='the last time that files were asked for', null=True)),
                ('trouble', models.TextField(blank=True, help_text='what went wrong the last time, English, with {names}')),
                ('trouble_values', models.JSONField(default=dict)),
                ('trouble_code', models.CharField(blank=True, max_length=60)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='connection_of_client'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'active'), _negated=True), ('form', 'file'), models.Q(('is_tested_in', True), ('is_tested_out', True)), _connector='OR'), name='connection_active_when_tested'), models.CheckConstraint(condition=models.Q(models.Q(('form', 'sftp'), ('state', 'active'), _negated=True), models.Q(('host_key', ''), _negated=True), _connector='OR'), name='connection_active_with_host_key')],
            },
        ),
        migrations.CreateModel(
            name='AccountConnection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('from_on', models.DateField(help_text='the first day; null: agreed, and not yet in use', null=True)),
                ('through_on', models.DateField(help_text='the last day; null: still', null=True)),
                ('account', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.bankaccount')),
                ('act', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('connection', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.connection')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'connection'], name='account_connection_by_conn')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('from_on__isnull', False), ('through_on__isnull', True)), fields=('client', 'account'), name='account_connection_live_once'), models.UniqueConstraint(condition=models.Q(('through_on__isnull', True)), fields=('client', 'account', 'connection'), name='account_connection_agreed_once'), models.CheckConstraint(condition=models.Q(('through_on__isnull', True), ('through_on__gte', models.F('from_on')), _connector='OR'), name='account_connection_days'), nattbok.db.fields.SameClient('account', columns=(), is_deferred=False, name='account_connection_account_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('connection', columns=(), is_deferred=False, name='account_connection_connection_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('act', columns=(), is_deferred=False, name='account_connection_act_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='ConnectionKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('next', 'next'), ('current', 'current'), ('retired', 'retired')], max_length=10)),
                ('public_key', models.TextField(blank=True, help_text='OpenSSH form; blank for a token')),
                ('fingerprint', models.CharField(blank=True, max_length=100)),
                ('secret', models.BinaryField(help_text='sealed by the vault for the purpose connection:<connection>:<key>; empty when retired')),
                ('made_at', models.DateTimeField()),
                ('tested_at', models.DateTimeField(null=True)),
                ('retired_at', models.DateTimeField(null=True)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('connection', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.connection')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('state', 'retired'), _negated=True), fields=('client', 'connection', 'state'), name='connection_key_of_state_once'), models.CheckConstraint(condition=models.Q(models.Q(('state', 'retired'), _negated=True), ('secret', b''), _connector='OR'), name='connection_key_retired_is_wiped'), nattbok.db.fields.SameClient('connection', columns=(), is_deferred=False, name='connection_key_connection_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='RemoteFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=255)),
                ('size', models.BigIntegerField(help_text='bytes')),
                ('sha256', models.CharField(max_length=64)),
                ('first_seen_at', models.DateTimeField()),
                ('last_seen_at', models.DateTimeField()),
                ('seen_on', models.DateField(help_text='the day it was first fetched for')),
                ('times', models.PositiveIntegerField(default=1, help_text='how often it was given')),
                ('archived_at', models.DateTimeField(help_text='when the bank was told that it is kept', null=True)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('connection', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.connection')),
                ('file', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'connection', 'seen_on'], name='remote_file_by_day')],
                'constraints': [models.UniqueConstraint(fields=('client', 'connection', 'name', 'sha256'), name='remote_file_once'), nattbok.db.fields.SameClient('connection', columns=(), is_deferred=False, name='remote_file_connection_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('file', columns=(), is_deferred=False, name='remote_file_file_same_client', to='', to_columns=())],
            },
        ),
    ]
