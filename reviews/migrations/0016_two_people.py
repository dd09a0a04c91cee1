from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("reviews", "0015_published_by"),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='publication',
            options={'base_manager_name': 'objects', 'default_permissions': ('add', 'change', 'delete', 'view', 'publish')},
        ),
    ]
