import django.db.models.deletion
import simple_history.models
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("reviews", "0018_file_identifiers"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='HistoricalPageCorrection',
            fields=[
                ('id', models.BigIntegerField(auto_created=True, blank=True, db_index=True, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='page')),
                ('blocks', models.JSONField(blank=True, null=True, verbose_name='words of the page')),
                ('picture_alt', models.CharField(blank=True, db_default='', default='', max_length=500, verbose_name='what the picture of the page shows')),
                ('words_from', models.CharField(choices=[('pdf', 'Read from the PDF'), ('staff', 'Corrected by staff'), ('word', "From the author's Word document")], db_default='pdf', default='pdf', max_length=10, verbose_name='where the words are from')),
                ('history_id', models.AutoField(primary_key=True, serialize=False)),
                ('history_date', models.DateTimeField(db_index=True)),
                ('history_change_reason', models.CharField(max_length=100, null=True)),
                ('history_type', models.CharField(choices=[('+', 'Created'), ('~', 'Changed'), ('-', 'Deleted')], max_length=1)),
            ],
            options={
                'verbose_name': 'historical correction of a page',
                'verbose_name_plural': 'historical corrections of pages',
                'ordering': ('-history_date', '-history_id'),
                'get_latest_by': ('history_date', 'history_id'),
            },
            bases=(simple_history.models.HistoricalChanges, models.Model),
        ),
        migrations.CreateModel(
            name='PageCorrection',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created')),
                ('updated_at', models.DateTimeField(auto_now=True, verbose_name='last changed')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('number', models.PositiveIntegerField(verbose_name='page')),
                ('blocks', models.JSONField(blank=True, null=True, verbose_name='words of the page')),
                ('picture_alt', models.CharField(blank=True, db_default='', default='', max_length=500, verbose_name='what the picture of the page shows')),
                ('words_from', models.CharField(choices=[('pdf', 'Read from the PDF'), ('staff', 'Corrected by staff'), ('word', "From the author's Word document")], db_default='pdf', default='pdf', max_length=10, verbose_name='where the words are from')),
            ],
            options={
                'verbose_name': 'correction of a page',
                'verbose_name_plural': 'corrections of pages',
                'ordering': ['number'],
                'default_permissions': (),
            },
        ),
        migrations.AddField(
            model_name='document',
            name='corrections_hash',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=64),
        ),
        migrations.AddField(
            model_name='documentpage',
            name='as_read',
            field=models.JSONField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='documentpage',
            name='corrected_at',
            field=models.DateTimeField(blank=True, null=True),
        ),
        migrations.AddField(
            model_name='documentpage',
            name='picture_alt',
            field=models.CharField(blank=True, db_default='', default='', max_length=500),
        ),
        migrations.AddField(
            model_name='documentpage',
            name='words_from',
            field=models.CharField(choices=[('pdf', 'Read from the PDF'), ('staff', 'Corrected by staff'), ('word', "From the author's Word document")], db_default='pdf', default='pdf', max_length=10),
        ),
        migrations.AddField(
            model_name='historicaldocument',
            name='corrections_hash',
            field=models.CharField(blank=True, db_default='', default='', editable=False, max_length=64),
        ),
        migrations.AddConstraint(
            model_name='documentpage',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('corrected_at__isnull', True), ('words_from', 'pdf')), models.Q(('corrected_at__isnull', False), models.Q(('words_from', 'pdf'), _negated=True)), _connector='OR'), name='reviews_page_corrected_whole'),
        ),
        migrations.AddField(
            model_name='historicalpagecorrection',
            name='file',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='reviews.documentfile'),
        ),
        migrations.AddField(
            model_name='historicalpagecorrection',
            name='history_user',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='pagecorrection',
            name='created_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='created by'),
        ),
        migrations.AddField(
            model_name='pagecorrection',
            name='file',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='corrections', to='reviews.documentfile'),
        ),
        migrations.AddField(
            model_name='pagecorrection',
            name='updated_by',
            field=models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='last changed by'),
        ),
        migrations.AddConstraint(
            model_name='pagecorrection',
            constraint=models.UniqueConstraint(fields=('file', 'number'), name='reviews_correction_once', violation_error_message='A colleague corrected this page meanwhile.'),
        ),
        migrations.AddConstraint(
            model_name='pagecorrection',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('blocks__isnull', True), ('words_from', 'pdf')), models.Q(('blocks__isnull', False), models.Q(('words_from', 'pdf'), _negated=True)), _connector='OR'), name='reviews_correction_has_source'),
        ),
    ]
