"""What is known of getting in at a venue, said in lines of plain text."""

from typing import Any

from django.utils.dateformat import format as format_date

from training.models import Answer, Venue


def access_lines(venue: Venue) -> list[str]:
    """Say each fact, also where it is not known, and when somebody last looked.

    Nobody should set out because a line was missing.
    """
    lines = []
    for name in Venue.FACTS:
        field: Any = Venue._meta.get_field(name)
        answer = Answer(getattr(venue, name)).label.lower()
        lines.append(f"{field.verbose_name.capitalize()}: {answer}")
    checked = venue.access_checked_on
    lines.append(f"Last checked {format_date(checked, 'j F Y')}" if checked else "Not checked yet")
    return lines
