import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
    ]

    operations = [
        migrations.CreateModel(
            name='Person',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('password', models.CharField(max_length=128, verbose_name='password')),
                ('last_login', models.DateTimeField(blank=True, null=True, verbose_name='last login')),
                ('email', models.EmailField(max_length=254, unique=True)),
                ('name', models.CharField(max_length=200)),
                ('language', models.CharField(default='nb', max_length=2)),
                ('is_active', models.BooleanField(default=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LoginAttempt',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.CharField(max_length=254)),
                ('address', models.CharField(max_length=45)),
                ('at', models.DateTimeField(auto_now_add=True)),
                ('succeeded', models.BooleanField()),
            ],
            options={
                'indexes': [models.Index(fields=['email', 'at'], name='clients_log_email_bdee42_idx'), models.Index(fields=['address', 'at'], name='clients_log_address_5ecca7_idx')],
            },
        ),
        migrations.CreateModel(
            name='Office',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=200)),
                ('org_number', models.CharField(blank=True, max_length=20)),
                ('country', models.CharField(max_length=2)),
                ('language', models.CharField(max_length=2)),
                ('night_at', models.TimeField(help_text='local time at which the night begins')),
                ('time_zone', models.CharField(max_length=50)),
                ('report_to', models.JSONField(default=list, help_text="e-mail addresses that get the night's report")),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('country', 'org_number'), name='office_once')],
            },
        ),
        migrations.CreateModel(
            name='Client',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20)),
                ('name', models.CharField(max_length=200)),
                ('org_number', models.CharField(max_length=20)),
                ('country', models.CharField(max_length=2)),
                ('currency', models.CharField(max_length=3)),
                ('year_starts', models.PositiveSmallIntegerField(default=1, help_text='first month of the fiscal year')),
                ('profile', models.CharField(choices=[('full', 'full'), ('self', 'self'), ('mixed', 'mixed')], max_length=10)),
                ('is_enrolled', models.BooleanField(default=True, help_text='the robot runs for it')),
                ('may_post_documents', models.BooleanField(default=False, help_text='documents that are certain are posted without an approval')),
                ('document_limit', models.DecimalField(decimal_places=2, help_text='above this a person posts', max_digits=16, null=True)),
                ('created_at', models.DateTimeField(auto_now_add=True)),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.office')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('office', 'number'), name='client_number_once'), models.UniqueConstraint(fields=('office', 'country', 'org_number'), name='client_once'), models.CheckConstraint(condition=models.Q(('year_starts__range', (1, 12))), name='client_year_starts')],
            },
        ),
        migrations.CreateModel(
            name='Access',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('accountant', 'accountant'), ('owner', 'owner'), ('approver', 'approver'), ('reader', 'reader')], max_length=20)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'person'), name='access_once')],
            },
        ),
        migrations.CreateModel(
            name='ClientService',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('service', models.CharField(choices=[('collect', 'collect'), ('bank', 'bank'), ('documents', 'documents'), ('invoicing', 'invoicing'), ('payments', 'payments'), ('payroll', 'payroll'), ('vat', 'vat')], max_length=20)),
                ('done_by', models.CharField(choices=[('robot', 'robot'), ('office', 'office'), ('client', 'client'), ('nobody', 'nobody')], max_length=10)),
                ('client', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('client', 'service'), name='client_service_once')],
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sees_all_clients', models.BooleanField(default=False)),
                ('is_manager', models.BooleanField(default=False)),
                ('person', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to=settings.AUTH_USER_MODEL)),
                ('office', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='memberships', to='clients.office')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('office', 'person'), name='membership_once')],
            },
        ),
    ]
