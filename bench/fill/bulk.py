"""Many records at once, with what their ``save`` would have set."""

from datetime import timedelta
from random import Random
from typing import Any

from django.utils import timezone
from django.utils.text import slugify

from mscp.publishing.approvals import shipped_content
from mscp.publishing.gate import Publishable, StoredState
from reviews.models import Publication, Theme

BATCH = 500
SEED = 2018
MINUTES_OF_PUBLISHING = 3 * 365 * 24 * 60


def seeded(section: str) -> Random:
    """Return the chance of one section, which no other section's numbers change."""
    return Random(f"{SEED} {section}")


def make_public(record: Publishable, random: Random) -> None:
    record.state = StoredState.PUBLISHED
    ago = timedelta(minutes=random.randint(1, MINUTES_OF_PUBLISHING))
    record.published_at = record.first_published_at = timezone.now() - ago


def insert_publications(publications: list[Any], random: Random) -> None:
    """Insert publications of one kind: first all rows of the common table, then their own.

    ``bulk_create`` refuses a model that inherits a table, and ``save`` asks for every slug.
    """
    for publication in publications:
        make_public(publication, random)
        publication.kind = publication.KIND
        publication.slug = slugify(publication.title)
        publication.set_words()
        publication.version = 1
    common = [_common_part(publication) for publication in publications]
    with shipped_content():
        Publication.objects.bulk_create(common, batch_size=BATCH)
    for publication, row in zip(publications, common, strict=True):
        publication.pk = row.pk
    for start in range(0, len(publications), BATCH):
        # What bulk_create calls itself, with the columns of one table.
        model = type(publications[start])
        model._base_manager._insert(
            publications[start : start + BATCH],
            fields=model._meta.local_concrete_fields,
            using="default",
            raw=True,
        )


def _common_part(publication: Any) -> Publication:
    fields = Publication._meta.local_concrete_fields
    return Publication(**{field.attname: getattr(publication, field.attname) for field in fields})


def give_themes(publications: list[Any], themes: list[Theme], random: Random) -> None:
    """Give the publications, one after the other, 1, 2, 3, 4 and no themes."""
    Joined = Publication.themes.through
    rows = [
        Joined(publication_id=publication.pk, theme_id=theme.pk)
        for number, publication in enumerate(publications, start=1)
        for theme in random.sample(themes, number % 5)
    ]
    Joined.objects.bulk_create(rows, batch_size=BATCH)
