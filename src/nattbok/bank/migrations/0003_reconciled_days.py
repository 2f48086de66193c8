import django.db.models.deletion
import nattbok.db.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('bank', '0002_pairings'),
        ('clients', '0001_initial'),
        ('trail', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='BankDay',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField()),
                ('bank_balance', nattbok.db.fields.MoneyField(decimal_places=2, help_text='none: no statement proves it', max_digits=16, null=True)),
                ('book_balance', nattbok.db.fields.MoneyField(decimal_places=2, max_digits=16)),
                ('print', models.CharField(help_text="SHA-256 of the day's lines, the bank's and the books'", max_length=64)),
                ('waiting', models.PositiveIntegerField(default=0, help_text='lines up to this day that nothing answers')),
                ('trouble', models.CharField(blank=True, help_text='gap, lines or several', max_length=20)),
                ('sealed_at', models.DateTimeField(null=True)),
                ('broken_at', models.DateTimeField(help_text='when the last seal was found broken', null=True)),
            ],
        ),
        migrations.CreateModel(
            name='Postponement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('note', models.CharField(max_length=500)),
                ('until', models.DateField(help_text='none: until somebody takes it up again', null=True)),
                ('is_asked', models.BooleanField(default=False, help_text='the client has been asked')),
            ],
        ),
        migrations.AddField(
            model_name='movement',
            name='part_of',
            field=nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, help_text='the sum line of the statement that it is a part of', null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.movement'),
        ),
        migrations.AddField(
            model_name='report',
            name='booked_on',
            field=models.DateField(help_text='the day that this file says', null=True),
        ),
        migrations.AddIndex(
            model_name='movement',
            index=models.Index(condition=models.Q(('part_of__isnull', False)), fields=['client', 'part_of'], name='movement_by_sum'),
        ),
        migrations.AddField(
            model_name='bankday',
            name='account',
            field=nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.bankaccount'),
        ),
        migrations.AddField(
            model_name='bankday',
            name='broken_by',
            field=nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act'),
        ),
        migrations.AddField(
            model_name='bankday',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client'),
        ),
        migrations.AddField(
            model_name='bankday',
            name='sealed_by',
            field=nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act'),
        ),
        migrations.AddField(
            model_name='postponement',
            name='act',
            field=nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act'),
        ),
        migrations.AddField(
            model_name='postponement',
            name='client',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client'),
        ),
        migrations.AddField(
            model_name='postponement',
            name='ended_by',
            field=nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act'),
        ),
        migrations.AddField(
            model_name='postponement',
            name='movement',
            field=nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='bank.movement'),
        ),
        migrations.AddConstraint(
            model_name='bankday',
            constraint=models.UniqueConstraint(fields=('client', 'account', 'day'), name='bank_day_once'),
        ),
        migrations.AddConstraint(
            model_name='bankday',
            constraint=models.CheckConstraint(condition=models.Q(('sealed_at__isnull', True), models.Q(('bank_balance', models.F('book_balance')), ('bank_balance__isnull', False), ('sealed_by__isnull', False), ('trouble', ''), ('waiting', 0)), _connector='OR'), name='bank_day_sealed_at_zero'),
        ),
        migrations.AddIndex(
            model_name='postponement',
            index=models.Index(fields=['client', 'act'], name='postponement_by_act'),
        ),
        migrations.AddConstraint(
            model_name='postponement',
            constraint=models.UniqueConstraint(condition=models.Q(('ended_by__isnull', True)), fields=('client', 'movement'), name='movement_postponed_once'),
        ),
        migrations.AddConstraint(
            model_name='movement',
            constraint=nattbok.db.fields.SameClient('part_of', columns=(), is_deferred=False, name='movement_part_of_same_client', to='', to_columns=()),
        ),
        migrations.AddConstraint(
            model_name='bankday',
            constraint=nattbok.db.fields.SameClient('account', columns=(), is_deferred=False, name='bank_day_account_same_client', to='', to_columns=()),
        ),
        migrations.AddConstraint(
            model_name='bankday',
            constraint=nattbok.db.fields.SameClient('sealed_by', columns=(), is_deferred=False, name='bank_day_sealing_act_same_client', to='', to_columns=()),
        ),
        migrations.AddConstraint(
            model_name='bankday',
            constraint=nattbok.db.fields.SameClient('broken_by', columns=(), is_deferred=False, name='bank_day_breaking_act_same_client', to='', to_columns=()),
        ),
        migrations.AddConstraint(
            model_name='postponement',
            constraint=nattbok.db.fields.SameClient('movement', columns=(), is_deferred=False, name='postponement_movement_same_client', to='', to_columns=()),
        ),
        migrations.AddConstraint(
            model_name='postponement',
            constraint=nattbok.db.fields.SameClient('act', columns=(), is_deferred=False, name='postponement_act_same_client', to='', to_columns=()),
        ),
        migrations.AddConstraint(
            model_name='postponement',
            constraint=nattbok.db.fields.SameClient('ended_by', columns=(), is_deferred=False, name='postponement_ending_act_same_client', to='', to_columns=()),
        ),
    ]
