"""Template filters of the admin: the report on a file, and what was found in it."""

from django import template

from reviews.documents.report_links import report_address
from reviews.documents.reported_findings import Findings
from reviews.models import DocumentFile

register = template.Library()
register.filter(report_address)


@register.filter
def findings(file: DocumentFile) -> Findings:
    """Return what was found in a file, by what is to be done about it."""
    return Findings(file)
