from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('robot', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='night',
            name='covers_all',
            field=models.BooleanField(default=True, help_text='not only the clients that somebody chose'),
        ),
        migrations.AddField(
            model_name='night',
            name='round',
            field=models.PositiveIntegerField(default=1, help_text='how many times it is gone through: one more when it is started after its end'),
        ),
        migrations.AddField(
            model_name='run',
            name='round',
            field=models.PositiveIntegerField(default=1, help_text="the night's, when it last ran"),
        ),
        migrations.AlterField(
            model_name='run',
            name='skipped',
            field=models.CharField(blank=True, help_text='why it did not run: client, office, nobody, earlier, not_enrolled', max_length=40),
        ),
    ]
