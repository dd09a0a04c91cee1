from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('reviews', '0010_exempt_documents'),
    ]

    operations = [
        migrations.AlterField(
            model_name='historicalpracticereview',
            name='pseudonym',
            field=models.CharField(blank=True, help_text="The name the review itself uses, such as Robin. Never the child's own name.", max_length=80),
        ),
        migrations.AlterField(
            model_name='practicereview',
            name='pseudonym',
            field=models.CharField(blank=True, help_text="The name the review itself uses, such as Robin. Never the child's own name.", max_length=80),
        ),
        migrations.AlterField(
            model_name='historicalbriefing',
            name='taken_over',
            field=models.BooleanField(db_default=False, default=False, help_text='It was public before this site had it: the day on which it came here is no news, so neither its own page nor the page of what is new says it.', verbose_name='taken over from elsewhere'),
        ),
        migrations.AlterField(
            model_name='historicalnationalreport',
            name='taken_over',
            field=models.BooleanField(db_default=False, default=False, help_text='It was public before this site had it: the day on which it came here is no news, so neither its own page nor the page of what is new says it.', verbose_name='taken over from elsewhere'),
        ),
        migrations.AlterField(
            model_name='historicalpracticereview',
            name='taken_over',
            field=models.BooleanField(db_default=False, default=False, help_text='It was public before this site had it: the day on which it came here is no news, so neither its own page nor the page of what is new says it.', verbose_name='taken over from elsewhere'),
        ),
        migrations.AlterField(
            model_name='publication',
            name='taken_over',
            field=models.BooleanField(db_default=False, default=False, help_text='It was public before this site had it: the day on which it came here is no news, so neither its own page nor the page of what is new says it.', verbose_name='taken over from elsewhere'),
        ),
    ]
