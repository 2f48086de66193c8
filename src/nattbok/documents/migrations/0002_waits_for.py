from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('documents', '0001_initial'),
    ]

    operations = [
        migrations.AddField(
            model_name='document',
            name='waits_for',
            field=models.CharField(blank=True, db_default='', help_text='why the robot leaves it to a person: undone', max_length=40),
        ),
    ]
