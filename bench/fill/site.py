"""The partnership, the numbers to call, and the terms that connect everything."""

from bench.fill.names import AUDIENCES, THEMES
from mscp.models import ConcernContact, SiteIdentity
from reviews.models import Theme
from training.models import Audience

CONTACTS = [
    ("Sample children's desk", "020 7946 0001", "Monday to Friday, 9am to 5pm"),
    ("Sample out-of-hours team", "020 7946 0002", "Evenings, weekends and bank holidays"),
    ("Sample police line", "020 7946 0003", "At any time"),
]


def make_identity() -> None:
    SiteIdentity.objects.create(
        name="Sampleton Safeguarding Children Partnership",
        abbreviation="SSCP",
        website="https://partnership.example.org/",
        email="questions@example.org",
        intro=(
            "Here is what was learnt from **fictional** reviews: local reviews, national reports, "
            "short learnings to read with a team, and training."
        ),
    )
    for position, (label, phone, hours) in enumerate(CONTACTS, start=1):
        ConcernContact.objects.create(label=label, phone=phone, hours=hours, position=position)


def make_themes() -> list[Theme]:
    return [
        Theme.objects.create(
            name=name,
            position=position,
            description=f"Sample publications and courses about {name.lower()}, all fictional.",
        )
        for position, name in enumerate(THEMES, start=1)
    ]


def make_audiences() -> list[Audience]:
    return [
        Audience.objects.create(name=name, position=position)
        for position, name in enumerate(AUDIENCES, start=1)
    ]
