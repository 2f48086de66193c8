import django.db.models.deletion
import nattbok.db.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('clients', '0001_initial'),
        ('trail', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(help_text='what is asked: bank.unknown_reference', max_length=60)),
                ('subject', models.CharField(help_text='what it is about: movement:12, document:7', max_length=100)),
                ('about', models.CharField(blank=True, help_text='what a person knows it by: a day and a payer', max_length=200)),
                ('reason', models.TextField(help_text='the sentence, English, with {names}')),
                ('values', models.JSONField(default=dict, help_text='what stands in the sentence')),
                ('candidates', models.JSONField(default=list, help_text='likely answers, the likeliest first')),
                ('amount', models.DecimalField(decimal_places=2, max_digits=16, null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('asked_at', models.DateTimeField()),
                ('night', models.BigIntegerField(null=True)),
                ('closed_at', models.DateTimeField(null=True)),
                ('answer', models.JSONField(null=True)),
                ('asked_by', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('closed_by', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='trail.act')),
            ],
            options={
                'indexes': [models.Index(condition=models.Q(('closed_at__isnull', True)), fields=['client', 'kind'], name='question_waiting'), models.Index(fields=['client', 'night'], name='question_by_night')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('closed_at__isnull', True)), fields=('client', 'kind', 'subject'), name='question_open_once'), models.UniqueConstraint(fields=('client', 'id'), name='question_of_client'), nattbok.db.fields.SameClient('asked_by', columns=(), is_deferred=False, name='question_act_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('closed_by', columns=(), is_deferred=False, name='question_closing_act_same_client', to='', to_columns=())],
            },
        ),
    ]
