from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('mscp', '0018_redirect'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='page',
            options={'base_manager_name': 'objects', 'default_permissions': ('add', 'change', 'delete', 'view', 'publish'), 'ordering': ['position', 'title']},
        ),
    ]
