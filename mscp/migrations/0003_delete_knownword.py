from django.db import migrations


class Migration(migrations.Migration):
    """Drop the words of every text ever saved, those of drafts and of deleted files among them.

    What a mistyped word may mean is read from what is published (mscp.search.spelling).
    """

    dependencies = [("mscp", "0002_longer_withdrawn_name")]

    operations = [migrations.DeleteModel("KnownWord")]
