import django.db.models.deletion
import nattbok.db.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bank', '0005_payments'),
        ('clients', '0001_initial'),
        ('files', '0001_initial'),
        ('trail', '0002_acts_by_rule'),
    ]

    operations = [
        migrations.CreateModel(
            name='BankRuleProposal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(help_text='SHA-256 of what tells its payments from others', max_length=64)),
                ('name', models.CharField(max_length=100)),
                ('conditions', models.JSONField()),
                ('posting', models.JSONField()),
                ('evidence', models.JSONField(help_text='movements for it and against it')),
                ('state', models.CharField(choices=[('open', 'open'), ('accepted', 'accepted'), ('rejected', 'rejected')], default='open', max_length=10)),
                ('why', models.CharField(blank=True, help_text='why it was rejected', max_length=300)),
                ('act', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
                ('answered', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='bank_rule_proposal_of_client'), models.UniqueConstraint(fields=('client', 'key'), name='bank_rule_proposal_once'), nattbok.db.fields.SameClient('act', columns=(), is_deferred=False, name='bank_rule_proposal_act_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('answered', columns=(), is_deferred=False, name='bank_rule_proposal_answered_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='BankRule',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.PositiveIntegerField(help_text='the lowest is asked first')),
                ('is_on', models.BooleanField(default=True)),
                ('is_deleted', models.BooleanField(default=False)),
                ('act', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('proposal', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.bankruleproposal')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'place'], name='bank_rule_by_place')],
                'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='bank_rule_of_client'), nattbok.db.fields.SameClient('proposal', columns=(), is_deferred=False, name='bank_rule_proposal_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('act', columns=(), is_deferred=False, name='bank_rule_act_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='BankRuleVersion',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(help_text='from 1')),
                ('name', models.CharField(max_length=100)),
                ('conditions', models.JSONField()),
                ('posting', models.JSONField()),
                ('mode', models.CharField(choices=[('suggest', 'suggest'), ('post', 'post')], max_length=10)),
                ('largest', nattbok.db.fields.MoneyField(decimal_places=2, help_text='beyond it the rule suggests', max_digits=16, null=True)),
                ('valid_from', models.DateField(null=True)),
                ('valid_through', models.DateField(null=True)),
                ('despite_open_items', models.BooleanField(default=False, help_text='also when the payer has open items that this may pay')),
                ('author', models.CharField(help_text='person:7, robot:match_payments', max_length=100)),
                ('approved_by', models.CharField(blank=True, help_text='the person who let it post by itself', max_length=100)),
                ('after_movement', models.BigIntegerField(default=0, help_text='what came before it is the backlog, which it only suggests for')),
                ('written_at', models.DateTimeField()),
                ('act', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('rule', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.bankrule')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='bank_rule_version_of_client'), models.UniqueConstraint(fields=('client', 'rule', 'number'), name='bank_rule_version_once'), models.CheckConstraint(condition=models.Q(('mode', 'suggest'), ('approved_by__startswith', 'person:'), _connector='OR'), name='bank_rule_posts_when_approved'), nattbok.db.fields.SameClient('rule', columns=(), is_deferred=False, name='bank_rule_version_rule_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('act', columns=(), is_deferred=False, name='bank_rule_version_act_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='BankRuleHit',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('by_robot', models.BooleanField()),
                ('act', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('movement', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.movement')),
                ('version', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.bankruleversion')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'version'], name='bank_rule_hit_by_version')],
                'constraints': [models.UniqueConstraint(fields=('client', 'act'), name='bank_rule_hit_once'), nattbok.db.fields.SameClient('version', columns=(), is_deferred=False, name='bank_rule_hit_version_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('movement', columns=(), is_deferred=False, name='bank_rule_hit_movement_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('act', columns=(), is_deferred=False, name='bank_rule_hit_act_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='MatchingTerms',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('unique_may_post', models.BooleanField(default=False)),
                ('fx_may_post', models.BooleanField(default=False)),
                ('closed_reference_holds', models.BooleanField(default=False)),
                ('largest', nattbok.db.fields.MoneyField(decimal_places=2, help_text='of one payment', max_digits=16, null=True)),
                ('per_night', nattbok.db.fields.MoneyField(decimal_places=2, help_text='of all payments of a night together', max_digits=16, null=True)),
                ('is_first_open_day', models.BooleanField(default=False, help_text="a closed day's payment is posted on the first open day instead of held")),
                ('error_budget', models.DecimalField(decimal_places=2, default=2, help_text="percent of a rule's bookings that may be corrected", max_digits=5)),
                ('client', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
        ),
        migrations.CreateModel(
            name='PayoutFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('outcome', models.CharField(help_text='accept or refuse', max_length=10)),
                ('payouts', models.PositiveIntegerField(default=0)),
                ('read_at', models.DateTimeField()),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('file', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'file'), name='payout_file_once'), nattbok.db.fields.SameClient('file', columns=(), is_deferred=False, name='payout_file_file_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='PayoutReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(max_length=40)),
                ('payout_id', models.CharField(max_length=100)),
                ('reference', models.CharField(blank=True, help_text="what stands on the bank's line", max_length=100)),
                ('paid_on', models.DateField(null=True)),
                ('currency', models.CharField(max_length=3)),
                ('gross', nattbok.db.fields.MoneyField(decimal_places=2, max_digits=16)),
                ('fee', nattbok.db.fields.MoneyField(decimal_places=2, max_digits=16)),
                ('refund', nattbok.db.fields.MoneyField(decimal_places=2, max_digits=16)),
                ('reserve', nattbok.db.fields.MoneyField(decimal_places=2, help_text='held back; negative when paid out again', max_digits=16)),
                ('net', nattbok.db.fields.MoneyField(decimal_places=2, max_digits=16)),
                ('adds_up', models.BooleanField()),
                ('rows', models.JSONField(default=list)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('file', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='payout_report_of_client'), models.UniqueConstraint(fields=('client', 'source', 'payout_id'), name='payout_report_once'), nattbok.db.fields.SameClient('file', columns=(), is_deferred=False, name='payout_report_file_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='AcquirerAccounts',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(blank=True, help_text='vipps, stripe, klarna; blank: all others', max_length=40)),
                ('payer', models.CharField(blank=True, help_text="stands in the payer's name of its payouts: they wait for a report", max_length=200)),
                ('clearing', models.CharField(max_length=10)),
                ('fee', models.CharField(max_length=10)),
                ('fee_vat_code', models.CharField(blank=True, max_length=10)),
                ('refund', models.CharField(blank=True, max_length=10)),
                ('reserve', models.CharField(blank=True, max_length=10)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'source'), name='acquirer_accounts_once')],
            },
        ),
    ]
