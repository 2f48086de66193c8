import django.db.models.deletion
import nattbok.db.fields
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bank', '0004_connections'),
        ('clients', '0001_initial'),
        ('clients', '__first__'),
        ('files', '0001_initial'),
        ('ledger', '0001_initial'),
        ('trail', '0002_acts_by_rule'),
    ]

    operations = [
        migrations.CreateModel(
            name='PaymentBatch',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('supplier', 'supplier'), ('salary', 'salary'), ('tax', 'tax')], max_length=10)),
                ('message_id', models.CharField(help_text='MsgId: from the content, never from the clock', max_length=35)),
                ('sha256', models.CharField(help_text='of the content that is approved', max_length=64)),
                ('count', models.PositiveIntegerField()),
                ('amount', nattbok.db.fields.MoneyField(decimal_places=2, max_digits=16)),
                ('currency', models.CharField(max_length=3)),
                ('in_bank', models.BooleanField(default=False, help_text='approved in the bank and not here')),
                ('frozen_at', models.DateTimeField()),
                ('withdrawn_at', models.DateTimeField(null=True)),
                ('made_on', models.DateField(help_text='the day the file was made: nothing in it is paid before', null=True)),
                ('account', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.bankaccount')),
                ('act', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('file', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
            ],
            options={
                'verbose_name_plural': 'payment batches',
                'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='payment_batch_of_client'), models.UniqueConstraint(fields=('message_id',), name='payment_batch_message_once'), models.UniqueConstraint(condition=models.Q(('file__isnull', False)), fields=('client', 'file'), name='payment_batch_file_once'), models.CheckConstraint(condition=models.Q(('amount__gt', 0), ('count__gt', 0)), name='payment_batch_not_empty'), models.CheckConstraint(condition=models.Q(('file__isnull', True), ('withdrawn_at__isnull', True), _connector='OR'), name='payment_batch_file_or_withdrawn'), nattbok.db.fields.SameClient('account', columns=(), is_deferred=False, name='payment_batch_account_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('file', columns=(), is_deferred=False, name='payment_batch_file_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('act', columns=(), is_deferred=False, name='payment_batch_act_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='Payment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('supplier', 'supplier'), ('salary', 'salary'), ('tax', 'tax')], max_length=10)),
                ('payee', models.CharField(help_text='who it is paid to, lastingly: party:12, employee:7', max_length=60)),
                ('payee_name', models.CharField(max_length=140)),
                ('payee_account', models.CharField(blank=True, help_text='in normal form', max_length=40)),
                ('payee_account_kind', models.CharField(blank=True, choices=[('BBAN', 'BBAN'), ('IBAN', 'IBAN'), ('BGNR', 'BGNR'), ('PGNR', 'PGNR')], max_length=4)),
                ('payee_country', models.CharField(blank=True, max_length=2)),
                ('payee_bic', models.CharField(blank=True, max_length=11)),
                ('amount', nattbok.db.fields.MoneyField(decimal_places=2, max_digits=16)),
                ('currency', models.CharField(max_length=3)),
                ('discount', nattbok.db.fields.MoneyField(decimal_places=2, default=0, help_text='what the payee takes off when it is paid so early', max_digits=16)),
                ('reference', models.CharField(blank=True, help_text='KID, OCR', max_length=35)),
                ('message', models.CharField(blank=True, max_length=140)),
                ('invoices', models.JSONField(default=list, help_text='number, amount and whether it is a credit note')),
                ('due_on', models.DateField(null=True)),
                ('pay_on', models.DateField(help_text='a bank day; it is not paid before')),
                ('end_to_end_id', models.CharField(help_text='all that comes back is known by it', max_length=35)),
                ('state', models.CharField(choices=[('drafted', 'drafted'), ('approved', 'approved'), ('sent', 'sent'), ('received', 'received'), ('accepted', 'accepted'), ('rejected', 'rejected'), ('cancelled', 'cancelled'), ('returned', 'returned'), ('settled', 'settled'), ('reconciled', 'reconciled')], default='drafted', max_length=10)),
                ('is_held', models.BooleanField(default=False)),
                ('note', models.CharField(blank=True, help_text='why it is held or was postponed', max_length=300)),
                ('account_check', models.CharField(blank=True, help_text="new, changed: a second person must confirm the payee's account", max_length=10)),
                ('entered_by', models.JSONField(default=list, help_text='ids of the people who entered or changed it')),
                ('payment_info_id', models.CharField(blank=True, help_text='of its part of the file', max_length=35)),
                ('created_at', models.DateTimeField()),
                ('account', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, help_text='it is paid from', on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.bankaccount')),
                ('act', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
                ('against', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, help_text='what it is posted on, when it pays no open item', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.account')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('confirmed_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('party', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.party')),
                ('batch', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.paymentbatch')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'state'], name='payment_by_state'), models.Index(fields=['client', 'batch'], name='payment_by_batch'), models.Index(fields=['client', 'payee'], name='payment_by_payee')],
                'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='payment_of_client'), models.UniqueConstraint(fields=('end_to_end_id',), name='payment_end_to_end_id_once'), models.CheckConstraint(condition=models.Q(('amount__gt', 0)), name='payment_amount_positive'), models.CheckConstraint(condition=models.Q(('batch__isnull', False), ('state__in', ['drafted', 'cancelled']), _connector='OR'), name='payment_leaves_in_a_batch'), nattbok.db.fields.SameClient('account', columns=(), is_deferred=False, name='payment_account_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('party', columns=(), is_deferred=False, name='payment_party_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('against', columns=(), is_deferred=False, name='payment_against_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('batch', columns=(), is_deferred=False, name='payment_batch_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('act', columns=(), is_deferred=False, name='payment_act_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='PaymentExecution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('act', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('movement', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.movement')),
                ('payment', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.payment')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'movement'], name='payment_execution_by_movement')],
                'constraints': [models.UniqueConstraint(fields=('client', 'payment', 'movement'), name='payment_execution_once'), nattbok.db.fields.SameClient('payment', columns=(), is_deferred=False, name='payment_execution_payment_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('movement', columns=(), is_deferred=False, name='payment_execution_movement_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('act', columns=(), is_deferred=False, name='payment_execution_act_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='PaymentItem',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('amount', nattbok.db.fields.MoneyField(decimal_places=2, max_digits=16)),
                ('is_live', models.BooleanField(default=True)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('item', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.openitem')),
                ('payment', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.payment')),
            ],
            options={
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_live', True)), fields=('client', 'item'), name='item_in_one_live_payment'), models.UniqueConstraint(fields=('client', 'payment', 'item'), name='payment_item_once'), models.CheckConstraint(condition=models.Q(('amount', 0), _negated=True), name='payment_item_not_zero'), nattbok.db.fields.SameClient('payment', columns=(), is_deferred=False, name='payment_item_payment_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('item', columns=(), is_deferred=False, name='payment_item_item_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='PaymentStatus',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(help_text="the bank's (ACCP, RJCT), or ours in lower case", max_length=40)),
                ('state', models.CharField(blank=True, help_text='the state it led to; blank: none', max_length=10)),
                ('is_contrary', models.BooleanField(default=False, help_text='it contradicts what was known')),
                ('reasons', models.JSONField(default=list, help_text="code and the bank's own text")),
                ('executes_on', models.DateField(null=True)),
                ('by', models.CharField(max_length=60)),
                ('at', models.DateTimeField()),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('file', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
                ('payment', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.payment')),
            ],
            options={
                'verbose_name_plural': 'payment statuses',
                'indexes': [models.Index(fields=['client', 'payment'], name='payment_status_by_payment')],
                'constraints': [nattbok.db.fields.SameClient('payment', columns=(), is_deferred=False, name='payment_status_payment_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('file', columns=(), is_deferred=False, name='payment_status_file_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='ReceiptFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('message_id', models.CharField(blank=True, max_length=100)),
                ('read_at', models.DateTimeField()),
                ('batch', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.paymentbatch')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('file', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'file'), name='receipt_file_once'), nattbok.db.fields.SameClient('file', columns=(), is_deferred=False, name='receipt_file_file_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('batch', columns=(), is_deferred=False, name='receipt_file_batch_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='SupplierTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('percent', models.DecimalField(decimal_places=2, max_digits=5)),
                ('days', models.PositiveSmallIntegerField(help_text='from the date of the bill')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('party', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.party')),
            ],
            options={
                'verbose_name_plural': 'supplier terms',
                'constraints': [models.UniqueConstraint(fields=('client', 'party'), name='supplier_terms_once'), models.CheckConstraint(condition=models.Q(('percent__gt', 0), ('percent__lt', 100)), name='supplier_terms_percent'), nattbok.db.fields.SameClient('party', columns=(), is_deferred=False, name='supplier_terms_party_same_client', to='', to_columns=())],
            },
        ),
    ]
