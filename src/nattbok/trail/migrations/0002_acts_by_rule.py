import django.db.models.fields.json
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('clients', '0001_initial'),
        ('trail', '0001_initial'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='act',
            index=models.Index(models.F('client'), django.db.models.fields.json.KeyTextTransform('rule', 'evidence'), django.db.models.fields.json.KeyTextTransform('version', 'evidence'), condition=models.Q(('evidence__has_key', 'rule')), name='act_by_rule'),
        ),
    ]
