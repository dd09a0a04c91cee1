from django.db import migrations

# The keys under which the first catalogue and the samples were loaded.
CATALOGUE, SAMPLES = ("reviews:", "reports:", "learning:"), ("sample:",)


def mark(apps, schema_editor):
    """Mark what was loaded at set-up, which is not new to readers."""
    seeded = apps.get_model("mscp", "SeededRecord").objects
    publications = apps.get_model("reviews", "Publication").objects
    for prefixes, field in ((CATALOGUE, "taken_over"), (SAMPLES, "is_sample")):
        for prefix in prefixes:
            keys = seeded.filter(key__startswith=prefix, object_id__isnull=False)
            loaded = list(keys.values_list("object_id", flat=True))
            publications.filter(pk__in=loaded).update(**{field: True})


class Migration(migrations.Migration):
    dependencies = [
        ("mscp", "0001_initial"),
        ("reviews", "0005_groups_news_and_links"),
    ]

    operations = [migrations.RunPython(mark, migrations.RunPython.noop)]
