"""Links of the admin to the report of a file, and to the corrections of its pages."""

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mscp.editing.identifiers import with_settling_link
from reviews.models import OPEN_FINDINGS, OPEN_IDENTIFIERS, DocumentFile


def report_address(file: DocumentFile) -> str:
    return reverse("admin:reviews_documentfile_report", args=[file.uid])


def identifiers_address(file: DocumentFile) -> str:
    return reverse("admin:reviews_documentfile_identifiers", args=[file.uid])


def correction_address(file: DocumentFile, number: int) -> str:
    """Return where staff correct the words of a page."""
    return reverse("admin:reviews_documentfile_correct", args=[file.uid, number])


def take_over_address(file: DocumentFile) -> str:
    """Return where staff take over the corrections of the file before."""
    return reverse("admin:reviews_documentfile_take_over", args=[file.uid])


def with_link(sentence: str, file: DocumentFile) -> SafeString:
    """Append the link to the report to a sentence about open findings.

    It opens beside the form that the sentence stands in: that may hold what is not saved.
    """
    return format_html(
        '{} <a href="{}" target="_blank" rel="noopener">Open its report (in a new window)</a>.',
        sentence,
        report_address(file),
    )


def with_links(error: ValidationError, file: DocumentFile) -> ValidationError:
    """Return an error with its link in every sentence about what is to be settled in a file."""
    if hasattr(error, "error_dict"):
        by_field = {
            name: with_links(ValidationError(errors), file)
            for name, errors in error.error_dict.items()
        }
        return ValidationError(by_field)
    return ValidationError(
        [
            ValidationError(with_link(" ".join(one.messages), file), code=one.code)
            if one.code == OPEN_FINDINGS
            else ValidationError(
                with_settling_link(" ".join(one.messages), identifiers_address(file)), code=one.code
            )
            if one.code == OPEN_IDENTIFIERS
            else one
            for one in error.error_list
        ]
    )
