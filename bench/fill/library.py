"""The publications of the three kinds, with their themes and documents."""

from random import Random
from typing import Any
from uuid import UUID

from bench.fill.bulk import BATCH, give_themes, insert_publications, seeded
from bench.fill.names import EVERYWHERE_WORD, RARE_WORD, learning_title, report_title, review_title
from bench.fill.prose import sentences
from mscp.records.partial_dates import PartialDate
from reviews.models import (
    TYPES_OF_KIND,
    Briefing,
    Document,
    DocumentKind,
    Kind,
    NationalReport,
    PracticeReview,
    PublicationType,
    Theme,
)

FIRST_YEAR, LAST_YEAR = 2006, 2025
REPORTS = 20
LEARNINGS = 40
# Of so many reviews one holds the rare word, the first among them.
ONE_RARE_IN = 2500


def make_reviews(number: int, themes: list[Theme], *, first: int = 1) -> list[PracticeReview]:
    """Make so many reviews, numbered from ``first``; more of them may be added to existing ones."""
    random = seeded("reviews" if first == 1 else f"reviews from {first}")
    reviews = [_review(n, random) for n in range(first, first + number)]
    _insert(reviews, themes, random)
    return reviews


def make_reports(themes: list[Theme]) -> None:
    random = seeded("reports")
    _insert([_report(n, random) for n in range(1, REPORTS + 1)], themes, random)


def make_learnings(reviews: list[PracticeReview], themes: list[Theme]) -> None:
    random = seeded("learnings")
    _insert([_learning(n, reviews, random) for n in range(1, LEARNINGS + 1)], themes, random)


def _insert(publications: list[Any], themes: list[Theme], random: Random) -> None:
    insert_publications(publications, random)
    give_themes(publications, themes, random)
    documents = [
        document for publication in publications for document in _documents(publication, random)
    ]
    Document.objects.bulk_create(documents, batch_size=BATCH)


def _review(number: int, random: Random) -> PracticeReview:
    # So that the word of every text is in these too, where there are no others.
    summary = f"{sentences(random, 3, 5)} The {EVERYWHERE_WORD} is made up."
    if number % ONE_RARE_IN == 1:
        summary += f" It was first told as the case of the {RARE_WORD}."
    return PracticeReview(
        type=random.choice(TYPES_OF_KIND[Kind.PRACTICE_REVIEW]),
        title=review_title(number),
        summary=summary,
        publisher="Sampleton Safeguarding Children Partnership",
        report_date=_some_date(random),
        child_reference=f"Child S{number}" if random.random() < 0.5 else "",
        completed=_some_date(random) if random.random() < 0.3 else None,
    )


def _report(number: int, random: Random) -> NationalReport:
    return NationalReport(
        type=random.choice(TYPES_OF_KIND[Kind.NATIONAL_REPORT]),
        title=report_title(number),
        summary=sentences(random, 3, 5),
        publisher="Sample national panel",
        report_date=_some_date(random),
        covers_from=random.randint(FIRST_YEAR, LAST_YEAR),
    )


def _learning(number: int, reviews: list[PracticeReview], random: Random) -> Briefing:
    return Briefing(
        type=PublicationType.SEVEN_MINUTE,
        title=learning_title(number),
        summary=sentences(random, 1, 2),
        report_date=_some_date(random),
        review=random.choice(reviews),
        **{part: sentences(random, 2, 4) for part in Briefing.PARTS},
    )


def _documents(publication: Any, random: Random) -> list[Document]:
    kinds = [DocumentKind.REPORT, DocumentKind.EXECUTIVE_SUMMARY][: random.randint(1, 2)]
    return [
        Document(
            uid=UUID(int=random.getrandbits(128), version=4),
            publication_id=publication.pk,
            kind=kind,
            title=f"{publication.title}: {kind.label.lower()}",
            url=f"https://documents.example.org/{publication.slug}/{kind.value}.pdf",
            leads_to_file=True,
            url_checked=True,
            pages=random.randint(4, 90),
            dated=publication.report_date,
            position=position,
            version=1,
        )
        for position, kind in enumerate(kinds, start=1)
    ]


def _some_date(random: Random) -> PartialDate:
    """Return a day, a month or a year of the twenty, as often as reports state them."""
    known = random.choices([3, 2, 1], weights=[5, 3, 2])[0]
    parts = [random.randint(FIRST_YEAR, LAST_YEAR), random.randint(1, 12), random.randint(1, 28)]
    return PartialDate(*parts[:known])
