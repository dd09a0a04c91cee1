import django.core.serializers.json
import django.db.models.deletion
import mscp.publishing.pending
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("mscp", "0019_change_notes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='page',
            options={'base_manager_name': 'objects', 'default_permissions': ('add', 'change', 'delete', 'view', 'publish'), 'ordering': ['position', 'title']},
        ),
        migrations.CreateModel(
            name='PendingChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('record_type', models.CharField(max_length=60)),
                ('record_id', models.BigIntegerField(null=True)),
                ('into_id', models.BigIntegerField(null=True)),
                ('name', models.CharField(max_length=300, verbose_name='what')),
                ('values', models.JSONField(default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder)),
                ('file', models.FileField(blank=True, default='', upload_to=mscp.publishing.pending.pending_path)),
                ('file_field', models.CharField(blank=True, default='', max_length=60)),
                ('base_hash', models.CharField(max_length=64)),
                ('made_at', models.DateTimeField(verbose_name='asked for')),
                ('made_by_key', models.BigIntegerField()),
                ('made_by_name', models.CharField(max_length=150, verbose_name='by')),
                ('decided_at', models.DateTimeField(null=True, verbose_name='decided')),
                ('decided_by_key', models.BigIntegerField(null=True)),
                ('decided_by_name', models.CharField(blank=True, default='', max_length=150, verbose_name='decided by')),
                ('outcome', models.CharField(blank=True, choices=[('confirmed', 'Confirmed'), ('discarded', 'Discarded')], default='', max_length=10)),
                ('note', models.TextField(blank=True, default='', max_length=1000)),
                ('made_by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='by')),
            ],
            options={
                'verbose_name': 'change that waits for a second person',
                'verbose_name_plural': 'changes that wait for a second person',
                'ordering': ['-made_at', '-pk'],
                'default_permissions': (),
                'constraints': [models.UniqueConstraint(condition=models.Q(('decided_at', None)), fields=('record_type', 'record_id'), name='mscp_pendingchange_one_open', violation_error_message='A change to this waits already. It is confirmed or discarded first.'), models.CheckConstraint(condition=models.Q(models.Q(('decided_at', None), ('decided_by_key', None), ('outcome', '')), models.Q(('decided_at__isnull', False), ('decided_by_key__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='mscp_pendingchange_decided_whole'), models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'confirmed'), _negated=True), models.Q(('decided_by_key', models.F('made_by_key')), _negated=True), _connector='OR'), name='mscp_pendingchange_two_people', violation_error_message='You asked for this yourself, so somebody else must confirm it.')],
            },
        ),
    ]
