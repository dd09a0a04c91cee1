from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reviews', '0003_checks_any_program_can_evaluate'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='document',
            index=models.Index(fields=['position', 'id'], name='reviews_document_order_idx'),
        ),
        migrations.AddIndex(
            model_name='document',
            index=models.Index(condition=models.Q(('url_checked', False)), fields=['url'], name='reviews_document_check_idx'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(fields=['kind', 'updated_at'], name='publication_changed_idx'),
        ),
        migrations.AddIndex(
            model_name='publication',
            index=models.Index(fields=['kind', 'published_at'], name='publication_live_since_idx'),
        ),
    ]
