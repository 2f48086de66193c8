import django.db.models.deletion
import nattbok.db.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('clients', '0001_initial'),
        ('clients', '__first__'),
        ('trail', '0002_acts_by_rule'),
    ]

    operations = [
        migrations.CreateModel(
            name='Factor',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('method', models.CharField(help_text="totp, or the electronic id's name", max_length=30)),
                ('secret', models.BinaryField(default=b'', help_text="sealed with the installation's key")),
                ('subject', models.CharField(blank=True, help_text='whom the electronic id knows them as', max_length=200)),
                ('made_at', models.DateTimeField(auto_now_add=True)),
                ('confirmed_at', models.DateTimeField(null=True)),
                ('removed_at', models.DateTimeField(null=True)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('confirmed_at__isnull', False), ('removed_at__isnull', True)), fields=('person', 'method'), name='factor_live_once'), models.UniqueConstraint(condition=models.Q(('removed_at__isnull', True), models.Q(('subject', ''), _negated=True)), fields=('method', 'subject'), name='factor_of_one_person')],
            },
        ),
        migrations.CreateModel(
            name='Proof',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('method', models.CharField(max_length=30)),
                ('reference', models.CharField(help_text="the code's time step, or the signing's own id", max_length=200)),
                ('sha256', models.CharField(help_text='of what it was given for', max_length=64)),
                ('at', models.DateTimeField()),
                ('factor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.factor')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('factor', 'reference'), name='proof_once')],
            },
        ),
        migrations.CreateModel(
            name='RecoveryCode',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('digest', models.CharField(help_text='keyed hash of the code', max_length=64)),
                ('factor', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.factor')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('factor', 'digest'), name='recovery_code_once')],
            },
        ),
        migrations.CreateModel(
            name='Request',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=30)),
                ('subject', models.CharField(help_text='payment_batch:12, document:7', max_length=100)),
                ('content', models.TextField(help_text='canonical JSON of exactly what is approved')),
                ('sha256', models.CharField(help_text='of the content', max_length=64)),
                ('amount', nattbok.db.fields.MoneyField(decimal_places=2, max_digits=16)),
                ('currency', models.CharField(max_length=3)),
                ('people', models.PositiveSmallIntegerField(help_text='how many must say yes')),
                ('registrant_may', models.BooleanField()),
                ('registered_by', models.JSONField(default=list, help_text='ids of the people who registered or changed it')),
                ('asked_at', models.DateTimeField()),
                ('outcome', models.CharField(blank=True, help_text='approved, withdrawn; blank: waits', max_length=10)),
                ('ended_at', models.DateTimeField(null=True)),
                ('act', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='request_of_client'), models.UniqueConstraint(fields=('client', 'id', 'sha256'), name='request_with_content'), models.UniqueConstraint(condition=models.Q(('outcome', 'withdrawn'), _negated=True), fields=('client', 'subject'), name='request_live_once'), models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('outcome', '')), models.Q(('ended_at__isnull', False), ('outcome__in', ['approved', 'withdrawn'])), _connector='OR'), name='request_outcome'), nattbok.db.fields.SameClient('act', columns=(), is_deferred=False, name='request_act_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='Right',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(max_length=30)),
                ('limit', nattbok.db.fields.MoneyField(decimal_places=2, help_text='the largest amount; none: any', max_digits=16, null=True)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'person', 'kind'), name='right_once'), models.CheckConstraint(condition=models.Q(('limit__isnull', True), ('limit__gt', 0), _connector='OR'), name='right_limit_positive')],
            },
        ),
        migrations.CreateModel(
            name='Yes',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64)),
                ('said_at', models.DateTimeField()),
                ('act', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('proof', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.proof')),
                ('request', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='approvals.request')),
            ],
            options={
                'verbose_name_plural': 'yes',
                'constraints': [models.UniqueConstraint(fields=('client', 'request', 'person'), name='yes_once_each'), nattbok.db.fields.SameClient('act', columns=(), is_deferred=False, name='yes_act_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='Attempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('succeeded', models.BooleanField(default=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'indexes': [models.Index(fields=['person', 'at'], name='attempt_by_person')],
            },
        ),
        migrations.CreateModel(
            name='Demand',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(help_text='payments, salaries, documents', max_length=30)),
                ('people', models.PositiveSmallIntegerField(default=1, help_text='0: the approval is given elsewhere')),
                ('two_above', nattbok.db.fields.MoneyField(decimal_places=2, help_text='above this amount two must', max_digits=16, null=True)),
                ('registrant_may', models.BooleanField(default=True, help_text='who registered it may be among them')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'kind'), name='demand_once'), models.CheckConstraint(condition=models.Q(('people__lte', 2)), name='demand_at_most_two')],
            },
        ),
        migrations.AddConstraint(
            model_name='yes',
            constraint=nattbok.db.fields.SameClient('', columns=('client_id', 'request_id', 'sha256'), is_deferred=False, name='yes_of_this_content', to='approvals_request', to_columns=('client_id', 'id', 'sha256')),
        ),
    ]
