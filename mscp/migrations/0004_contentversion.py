from django.db import migrations


class Migration(migrations.Migration):
    """A name in Python only: the table stays mscp_stamp, and no statement is run.

    As operations on the state alone, so that the rows of content types and permissions stay too.
    """

    dependencies = [("mscp", "0003_delete_knownword")]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.AlterModelTable("stamp", "mscp_stamp"),
                migrations.RenameModel("Stamp", "ContentVersion"),
                migrations.AlterModelOptions("contentversion", {"default_permissions": ()}),
            ]
        )
    ]
