"""JSON-LD of a publication (schema.org)."""

from typing import Any

from django.http import HttpRequest

from mscp.database.compiled_query import related
from mscp.web.json_ld import Thing, organization, terms
from mscp.web.origins import absolute_url
from reviews.models import Kind, Publication


def publication(request: HttpRequest, record: Publication, *, licence: str = "") -> Thing:
    """Describe a publication; its documents must be read through the gate already.

    ``licence`` is what the partnership sets for its own work.
    """
    address = absolute_url(request, record.get_absolute_url())
    return {
        "@type": "Report",
        "@id": f"{address}#publication",
        "name": record.title,
        "alternateName": record.names,
        "url": address,
        "inLanguage": "en-GB",
        "genre": record.get_type_display(),
        # As much of the date as is known, which ISO 8601 allows.
        "datePublished": record.report_date.iso if record.report_date else "",
        "publisher": organization(record.publisher),
        # A person or a body: the record does not say, so no type is given.
        "creditText": record.authors[0] if len(record.authors) == 1 else record.authors,
        "abstract": record.summary,
        "about": terms(request, related(record, "themes")),
        "encoding": [_file(request, item) for item in related(record, "documents") if item.file],
        # A national report is not the partnership's to license.
        "license": "" if record.kind == Kind.NATIONAL_REPORT else licence,
    }


def _file(request: HttpRequest, document: Any) -> Thing:
    pages = document.page_count
    return {
        "@type": "MediaObject",
        "name": document.title,
        "contentUrl": absolute_url(request, document.get_absolute_url()),
        "encodingFormat": "application/pdf",
        "contentSize": f"{document.file.size} B",
        # schema.org has numberOfPages for books only.
        "materialExtent": f"{pages} page{'' if pages == 1 else 's'}",
        "datePublished": document.dated.iso if document.dated else "",
        "inLanguage": document.language_tag,
    }
