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
            name='Document',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(help_text='invoice, credit_note, unreadable, not_ours', max_length=20)),
                ('format', models.CharField(blank=True, help_text='how it was read: peppol_bis3', max_length=30)),
                ('supplier_name', models.CharField(blank=True, max_length=200)),
                ('supplier_org_number', models.CharField(blank=True, max_length=20)),
                ('number', models.CharField(blank=True, max_length=100)),
                ('issued_on', models.DateField(null=True)),
                ('due_on', models.DateField(null=True)),
                ('currency', models.CharField(blank=True, max_length=3)),
                ('net', nattbok.db.fields.MoneyField(decimal_places=2, max_digits=16, null=True)),
                ('vat', nattbok.db.fields.MoneyField(decimal_places=2, max_digits=16, null=True)),
                ('owed', nattbok.db.fields.MoneyField(decimal_places=2, help_text='what the client owes; negative for a credit note', max_digits=16, null=True)),
                ('reference', models.CharField(blank=True, max_length=100)),
                ('account', models.CharField(blank=True, help_text='where it asks to be paid', max_length=40)),
                ('reading', models.JSONField(default=dict, help_text='all that was read, by business term')),
                ('findings', models.JSONField(default=list)),
                ('coding', models.JSONField(default=list, help_text='proposed lines, each with its reason')),
                ('is_held', models.BooleanField(default=False, help_text='something in it forbids posting')),
                ('is_declined', models.BooleanField(default=False, help_text='a person said it is not to be posted')),
                ('received_at', models.DateTimeField()),
                ('night', models.BigIntegerField(help_text='the night it was received in', null=True)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('file', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
                ('supplier', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.party')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'supplier', 'number'], name='document_by_number'), models.Index(fields=['client', 'received_at'], name='document_by_time')],
                'constraints': [models.UniqueConstraint(fields=('client', 'file'), name='document_once'), models.UniqueConstraint(fields=('client', 'id'), name='document_of_client'), nattbok.db.fields.SameClient('file', columns=(), is_deferred=False, name='document_file_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('supplier', columns=(), is_deferred=False, name='document_supplier_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='SupplierSetting',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('account', models.CharField(blank=True, help_text="the cost account's number", max_length=10)),
                ('vat_code', models.CharField(blank=True, help_text='instead of the one the document gives', max_length=10)),
                ('limit', nattbok.db.fields.MoneyField(decimal_places=2, help_text='above this, including VAT, a person posts', max_digits=16, null=True)),
                ('may_post', models.BooleanField(default=True)),
                ('dimensions', models.JSONField(help_text='department, project, own ones, on each cost line', null=True)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('supplier', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='ledger.party')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'supplier'), name='supplier_setting_once'), nattbok.db.fields.SameClient('supplier', columns=(), is_deferred=False, name='supplier_setting_same_client', to='', to_columns=()), models.CheckConstraint(condition=models.Q(('limit__isnull', True), ('limit__gte', 0), _connector='OR'), name='supplier_limit_sign')],
            },
        ),
    ]
