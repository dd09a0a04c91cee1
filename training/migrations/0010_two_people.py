from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('training', '0007_proposed_changes'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='course',
            options={'base_manager_name': 'objects', 'default_permissions': ('add', 'change', 'delete', 'view', 'publish'), 'ordering': ['title']},
        ),
    ]
