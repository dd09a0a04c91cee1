from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("training", "0009_sessions_of_changes"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='course',
            options={'base_manager_name': 'objects', 'default_permissions': ('add', 'change', 'delete', 'view', 'publish'), 'ordering': ['title']},
        ),
    ]
