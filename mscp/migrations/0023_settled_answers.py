
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("mscp", "0022_two_people"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='previewanswer',
            name='settled_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='dealt with'),
        ),
        migrations.AddField(
            model_name='previewanswer',
            name='settled_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddIndex(
            model_name='previewanswer',
            index=models.Index(condition=models.Q(('settled_at', None)), fields=['link'], name='mscp_previewanswer_open'),
        ),
        migrations.AddConstraint(
            model_name='previewanswer',
            constraint=models.CheckConstraint(condition=models.Q(('settled_by', None), ('settled_at__isnull', False), _connector='OR'), name='mscp_previewanswer_settled_at_a_moment', violation_error_message='What somebody dealt with has a moment.'),
        ),
    ]
