import django.db.models.deletion
import nattbok.db.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bank', '0001_initial'),
        ('clients', '0001_initial'),
        ('ledger', '0001_initial'),
        ('trail', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='movement',
            name='payment_info_id',
            field=models.CharField(blank=True, help_text='of our own batch, on its line', max_length=100),
        ),
        migrations.AlterField(
            model_name='movement',
            name='waits_for',
            field=models.CharField(blank=True, help_text='why it may not be posted yet: maybe_twice, undone', max_length=40),
        ),
        migrations.CreateModel(
            name='Pairing',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.bankaccount')),
                ('act', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('undone_by', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'act'], name='pairing_by_act')],
                'constraints': [models.UniqueConstraint(fields=('client', 'id'), name='pairing_of_client'), nattbok.db.fields.SameClient('account', columns=(), is_deferred=False, name='pairing_account_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('act', columns=(), is_deferred=False, name='pairing_act_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('undone_by', columns=(), is_deferred=False, name='pairing_undone_by_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='PairedMovement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_live', models.BooleanField(default=True)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('movement', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.movement')),
                ('pairing', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.pairing')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'pairing'], name='paired_movement_by_pairing')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_live', True)), fields=('client', 'movement'), name='movement_paired_once'), nattbok.db.fields.SameClient('pairing', columns=(), is_deferred=False, name='paired_movement_pairing_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('movement', columns=(), is_deferred=False, name='paired_movement_movement_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='PairedLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_live', models.BooleanField(default=True)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('line', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.line')),
                ('pairing', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.pairing')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'pairing'], name='paired_line_by_pairing')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_live', True)), fields=('client', 'line'), name='line_paired_once'), nattbok.db.fields.SameClient('pairing', columns=(), is_deferred=False, name='paired_line_pairing_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('line', columns=(), is_deferred=False, name='paired_line_line_same_client', to='', to_columns=())],
            },
        ),
    ]
