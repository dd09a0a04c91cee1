"""Accessibility of venues, as lines of plain text."""

from typing import Any, NamedTuple

from django.db.models import Q, QuerySet
from django.utils.dateformat import format as format_date

from mscp.database import clock
from training.models import Answer, Session, Venue


class Fact(NamedTuple):
    """One accessibility question, and what is known about it at a venue."""

    label: str
    answer: Answer
    name: str


def _label(name: str) -> str:
    field: Any = Venue._meta.get_field(name)
    return str(field.verbose_name).capitalize()


# For each value of the URL parameter: the label, and the field of a venue that answers it.
ACCESS = {name.replace("_", "-"): (_label(name), name) for name in Venue.FACTS}


def access_facts(venue: Venue) -> list[Fact]:
    """Return each fact, also those that are not known."""
    return [Fact(_label(name), Answer(getattr(venue, name)), name) for name in Venue.FACTS]


def access_lines(venue: Venue) -> list[str]:
    """Return a line for each fact, known or not, and for the date of the last check.

    Nobody should set out because a line was missing.
    """
    lines = [f"{fact.label}: {fact.answer.label.lower()}" for fact in access_facts(venue)]
    checked = venue.access_checked_on
    lines.append(f"Last checked {format_date(checked, 'j F Y')}" if checked else "Not checked yet")
    return lines


def access_to_check(venues: QuerySet[Venue]) -> QuerySet[Venue]:
    """Filter by venues with sessions ahead that nobody has checked for twelve months."""
    stale = Q(access_checked_on=None) | Q(access_checked_on__lt=clock.a_year_ago())
    coming = Session.objects.own_records().upcoming().going_ahead()
    in_use = coming.exclude(venue=None).values("venue_id")
    return venues.filter(stale, pk__in=in_use)
