"""What a publication's page says to machines and to those who cite it."""

from collections.abc import Iterable
from typing import Any

from django import template
from django.utils.safestring import SafeString

from mscp.database import clock
from mscp.web import json_ld
from reviews.citations import Citation
from reviews.items import written_item, written_themes
from reviews.models import Document, Theme
from reviews.structured_data import publication

register = template.Library()


@register.simple_tag(takes_context=True)
def publication_data(context: Any, record: Any) -> SafeString:
    """Describe a publication in the words of schema.org."""
    licence = context["partnership"].licence_address
    return json_ld.as_script(publication(context.request, record, licence=licence))


@register.simple_tag
def publication_item(
    publication: Any, level: int = 2, brief: bool = False, mark: str = ""
) -> SafeString:
    return written_item(publication, level=level, brief=brief, mark=mark)


@register.simple_tag
def theme_links(themes: Iterable[Theme]) -> SafeString:
    return written_themes(themes)


@register.simple_tag(takes_context=True)
def large_cover(context: Any, documents: Iterable[Document]) -> str:
    """Return the absolute address of the first large cover there is, or nothing."""
    for document in documents:
        if document.large_cover:
            return context.request.build_absolute_uri(document.large_cover)
    return ""


@register.simple_tag(takes_context=True)
def citation(context: Any, record: Any) -> Citation:
    address = context.request.build_absolute_uri(record.get_absolute_url())
    return Citation.of(record, address=address, accessed=clock.today())
