import django.db.models.deletion
import nattbok.db.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('clients', '0001_initial'),
        ('files', '0001_initial'),
        ('ledger', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='BankAccount',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(help_text='in the one form that BBAN and IBAN share', max_length=40)),
                ('other_numbers', models.JSONField(default=list, help_text='bankgiro, plusgiro: other names of the same account')),
                ('title', models.CharField(max_length=100)),
                ('currency', models.CharField(max_length=3)),
                ('reference_lengths', models.JSONField(default=list, help_text='agreed lengths; empty: any')),
                ('reference_methods', models.JSONField(default=list, help_text="agreed check digits; empty: any of the country's")),
                ('rounding_limit', nattbok.db.fields.MoneyField(decimal_places=2, default=0, help_text='a rest up to this is closed as rounding', max_digits=16)),
                ('is_active', models.BooleanField(default=True)),
                ('account', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'number'), name='bank_account_once'), models.UniqueConstraint(fields=('client', 'id'), name='bank_account_of_client'), nattbok.db.fields.SameClient('account', columns=(), is_deferred=False, name='bank_account_account_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='Movement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='our identity of it, from facts that all its reports share', max_length=200)),
                ('amount', nattbok.db.fields.MoneyField(decimal_places=2, max_digits=16)),
                ('booked_on', models.DateField()),
                ('value_on', models.DateField(null=True)),
                ('bank_reference', models.CharField(blank=True, max_length=100)),
                ('batch_reference', models.CharField(blank=True, max_length=100)),
                ('end_to_end_id', models.CharField(blank=True, max_length=100)),
                ('reference', models.CharField(blank=True, help_text='from a reference field only', max_length=100)),
                ('remittances', models.JSONField(default=list, help_text='structured references and invoice numbers')),
                ('text', models.TextField(blank=True)),
                ('payer_name', models.CharField(blank=True, max_length=200)),
                ('payer_account', models.CharField(blank=True, help_text='in normal form', max_length=40)),
                ('payer_org_number', models.CharField(blank=True, max_length=20)),
                ('bank_code', models.CharField(blank=True, max_length=40)),
                ('is_reversal', models.BooleanField(default=False)),
                ('return_reason', models.CharField(blank=True, max_length=40)),
                ('instructed_amount', nattbok.db.fields.MoneyField(decimal_places=2, max_digits=16, null=True)),
                ('instructed_currency', models.CharField(blank=True, max_length=3)),
                ('sums_up', models.PositiveIntegerField(default=0, help_text='how many payments it is the sum of; never posted')),
                ('waits_for', models.CharField(blank=True, help_text='why it may not be posted yet: maybe_twice', max_length=40)),
                ('first_reported_at', models.DateTimeField()),
                ('account', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.bankaccount')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'account', 'booked_on'], name='movement_by_day'), models.Index(fields=['client', 'account', 'amount', 'reference'], name='movement_by_amount')],
                'constraints': [models.UniqueConstraint(fields=('client', 'account', 'key'), name='movement_once'), models.UniqueConstraint(fields=('client', 'id'), name='movement_of_client'), nattbok.db.fields.SameClient('account', columns=(), is_deferred=False, name='movement_account_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='Statement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveSmallIntegerField(help_text='its place in the file, from 0')),
                ('kind', models.CharField(choices=[('statement', 'statement'), ('notice', 'notice'), ('intraday', 'intraday'), ('giro', 'giro')], max_length=10)),
                ('number', models.CharField(blank=True, help_text="the bank's id of it", max_length=100)),
                ('sequence', models.BigIntegerField(null=True)),
                ('starts_on', models.DateField(null=True)),
                ('ends_on', models.DateField(null=True)),
                ('opening', nattbok.db.fields.MoneyField(decimal_places=2, max_digits=16, null=True)),
                ('closing', nattbok.db.fields.MoneyField(decimal_places=2, max_digits=16, null=True)),
                ('is_held', models.BooleanField(help_text='kept, but nothing of it may be posted')),
                ('findings', models.JSONField(default=list)),
                ('account', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.bankaccount')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('file', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'account', 'ends_on'], name='statement_by_day')],
                'constraints': [models.UniqueConstraint(fields=('client', 'file', 'place'), name='statement_once'), models.UniqueConstraint(fields=('client', 'id'), name='statement_of_client'), nattbok.db.fields.SameClient('account', columns=(), is_deferred=False, name='statement_account_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('file', columns=(), is_deferred=False, name='statement_file_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='Report',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('statement', 'statement'), ('notice', 'notice'), ('intraday', 'intraday'), ('giro', 'giro')], max_length=10)),
                ('key', models.CharField(help_text='what that kind of file calls it', max_length=200)),
                ('place', models.PositiveIntegerField(help_text='its order in the statement')),
                ('account', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.bankaccount')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('movement', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.movement')),
                ('statement', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.statement')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'statement'], name='report_by_statement')],
                'constraints': [models.UniqueConstraint(fields=('client', 'account', 'kind', 'key'), name='report_once'), models.UniqueConstraint(fields=('client', 'movement', 'kind'), name='report_of_kind_once'), nattbok.db.fields.SameClient('account', columns=(), is_deferred=False, name='report_account_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('movement', columns=(), is_deferred=False, name='report_movement_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('statement', columns=(), is_deferred=False, name='report_statement_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='StatementFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message', models.CharField(blank=True, help_text='camt.053.001.02, ocr_giro, bgmax', max_length=40)),
                ('message_id', models.CharField(blank=True, max_length=100)),
                ('outcome', models.CharField(help_text='accept, hold or refuse', max_length=10)),
                ('findings', models.JSONField(default=list)),
                ('read_at', models.DateTimeField()),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('file', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'file'), name='statement_file_once'), nattbok.db.fields.SameClient('file', columns=(), is_deferred=False, name='statement_file_file_same_client', to='', to_columns=())],
            },
        ),
    ]
