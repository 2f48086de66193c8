import django.db.models.deletion
import nattbok.db.fields
from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('clients', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='Source',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(help_text='folder', max_length=20)),
                ('address', models.CharField(help_text='for a folder its path', max_length=500)),
                ('title', models.CharField(max_length=100)),
                ('is_active', models.BooleanField(default=True)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('kind', 'address'), name='source_once'), models.UniqueConstraint(fields=('client', 'id'), name='source_of_client')],
            },
        ),
        migrations.CreateModel(
            name='File',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sha256', models.CharField(max_length=64)),
                ('size', models.BigIntegerField(help_text='bytes')),
                ('name', models.CharField(help_text='as the sender called it', max_length=255)),
                ('format', models.CharField(blank=True, help_text='what its content says it is; blank: unknown', max_length=30)),
                ('came_by', models.CharField(help_text='folder, upload, mail, sftp, peppol, api', max_length=20)),
                ('received_at', models.DateTimeField()),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('source', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.source')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'received_at'], name='file_by_time')],
                'constraints': [models.UniqueConstraint(fields=('client', 'sha256'), name='file_once'), models.UniqueConstraint(fields=('client', 'id'), name='file_of_client'), nattbok.db.fields.SameClient('source', columns=(), is_deferred=False, name='file_source_same_client', to='', to_columns=())],
            },
        ),
        migrations.CreateModel(
            name='Arrival',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=255)),
                ('is_repeat', models.BooleanField()),
                ('at', models.DateTimeField()),
                ('night', models.BigIntegerField(null=True)),
                ('client', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='clients.client')),
                ('file', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.file')),
                ('source', nattbok.db.fields.ClientKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='files.source')),
            ],
            options={
                'indexes': [models.Index(fields=['client', 'night'], name='arrival_by_night')],
                'constraints': [nattbok.db.fields.SameClient('file', columns=(), is_deferred=False, name='arrival_file_same_client', to='', to_columns=()), nattbok.db.fields.SameClient('source', columns=(), is_deferred=False, name='arrival_source_same_client', to='', to_columns=())],
            },
        ),
    ]
