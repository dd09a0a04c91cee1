from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reviews', '0021_corrections_of_pages'),
    ]

    operations = [
        migrations.AddField(
            model_name='documentfile',
            name='is_typed',
            field=models.BooleanField(db_default=False, default=False, editable=False),
        ),
        migrations.AlterField(
            model_name='documentpage',
            name='words_from',
            field=models.CharField(choices=[('pdf', 'Read from the PDF'), ('staff', 'Corrected by staff'), ('word', "From the author's Word document"), ('typed', 'Typed by staff from the picture of the page')], db_default='pdf', default='pdf', max_length=10),
        ),
        migrations.AlterField(
            model_name='historicalpagecorrection',
            name='words_from',
            field=models.CharField(choices=[('pdf', 'Read from the PDF'), ('staff', 'Corrected by staff'), ('word', "From the author's Word document"), ('typed', 'Typed by staff from the picture of the page')], db_default='pdf', default='pdf', max_length=10, verbose_name='where the words are from'),
        ),
        migrations.AlterField(
            model_name='pagecorrection',
            name='words_from',
            field=models.CharField(choices=[('pdf', 'Read from the PDF'), ('staff', 'Corrected by staff'), ('word', "From the author's Word document"), ('typed', 'Typed by staff from the picture of the page')], db_default='pdf', default='pdf', max_length=10, verbose_name='where the words are from'),
        ),
    ]
