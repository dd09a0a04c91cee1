"""Page for developers: how to read the lists, generated from the lists themselves."""

from collections.abc import Iterable
from typing import Any, ClassVar, NamedTuple

from django.urls import path, reverse
from django.views.generic import TemplateView

from mscp.exports import atom as export_atom
from mscp.exports import json as export_json
from mscp.exports.base import VERSION, Exporter
from mscp.exports.json import ENVELOPE, SchemaView, schema_address, schema_file
from mscp.listing.facets import Facet, FixedChoices, Switch
from mscp.listing.filterset import ListFilterSet
from mscp.listing.params import RELEVANCE
from reviews.exports import PublicationExporter
from reviews.filters import (
    BriefingFilterSet,
    LibraryFilterSet,
    NationalReportFilterSet,
    PracticeReviewFilterSet,
)
from training.calendar import entries as calendar
from training.exports import SessionExporter
from training.filters import SessionFilterSet

PUBLICATIONS, SESSIONS = PublicationExporter(), SessionExporter()

# The lists that have every format: heading, route, filters.
LISTS: list[tuple[str, str, type[ListFilterSet]]] = [
    ("Practice reviews", "reviews:practice_reviews", PracticeReviewFilterSet),
    ("National reports", "reviews:national_reports", NationalReportFilterSet),
    ("7-minute learnings", "reviews:briefings", BriefingFilterSet),
    ("All publications", "search", LibraryFilterSet),
    ("Training sessions", "training:sessions", SessionFilterSet),
]

# The lists of one kind of publication each.
KINDS = (PracticeReviewFilterSet, NationalReportFilterSet, BriefingFilterSet)

# Only lists of events have a calendar.
CALENDARS = {"training:sessions": "calendar.ics"}

# Parameters without a list of values; a test checks that every other parameter has one.
EXPLAINED = {
    "q": "Words, each of which must occur in the record or, for a publication, in its PDFs, in "
    "any of its forms: child finds children. “Words in quotes” must be consecutive, -word must "
    "not occur, and word* is the beginning of a word.",
    "year": "Of the report, with four digits: 2021.",
    "publisher": "The name of the body that published it, as on the page.",
    "month": "Any in which it takes place: 2027-01.",
    "theme": "The last part of the address of a theme: “neglect” of /themes/neglect/.",
    "course": "The last part of the address of a course.",
    "venue": "The last part of the address of a venue.",
    "audience": "Whom the course is for, as the page of the list names it in its own address.",
}


class Parameter(NamedTuple):
    name: str
    explained: str
    values: list[tuple[str, str]]
    """Each with its meaning; empty if there is no fixed list."""
    repeats: bool


def parameters(filterset: type[ListFilterSet], *others: type[ListFilterSet]) -> list[Parameter]:
    """Describe the parameters of a list, then those that only ``others`` of its kind have."""
    filters = dict(filterset.base_filters)
    for other in others:
        filters = {**other.base_filters, **filters}
    own = [name for name in filters if name not in filterset.base_filters]
    found = []
    for name in [*filterset.base_filters, *own]:
        spec = filters[name]
        values: Iterable[tuple[str, str]] = []
        if isinstance(spec, Switch):
            values = spec.choices.items()
        elif isinstance(spec, Facet) and isinstance(spec.known, FixedChoices):
            values = spec.known.labels.items()
        explained = EXPLAINED.get(name, f"{spec.label}:")
        if name in own:
            having = [h for h, _, each in LISTS if each in others and name in each.base_filters]
            explained = f"Only of {' and '.join(having)}. {explained}"
        found.append(Parameter(name, explained, list(values), isinstance(spec, Facet)))
    sorts = [(value, label) for value, (label, _) in filterset.sorts.items() if value]
    if filterset.ranks:
        sorts.append((RELEVANCE, "Best match first, the order of a list with words"))
    page = "The number of a page, from 1; of Atom and JSON."
    return [
        *found,
        Parameter("sort", "The order:", sorts, False),
        Parameter("page", page, [], False),
    ]


def _fields(fields: dict[str, Any]) -> list[tuple[str, str]]:
    return [(name, schema["description"]) for name, schema in fields.items()]


class DevelopersView(TemplateView):
    query_parameters: ClassVar[tuple[str, ...]] = ()
    template_name = "pages/developers.html"

    def get_context_data(self, **kwargs: object) -> dict[str, Any]:
        return super().get_context_data(
            version=VERSION,
            lists=[
                {"heading": heading, "address": reverse(route), "calendar": CALENDARS.get(route)}
                for heading, route, _ in LISTS
            ],
            filters=[
                ("Publications", parameters(LibraryFilterSet, *KINDS)),
                ("Training sessions", parameters(SessionFilterSet)),
            ],
            kinds=[self._kind("Publications", PUBLICATIONS), self._kind("Sessions", SESSIONS)],
            envelope=[
                *_fields(ENVELOPE),
                ("results", "The publications or sessions of this page, as below."),
            ],
            atom_page=export_atom.PER_PAGE,
            tombstone_age=export_atom.TOMBSTONE_AGE.days,
            json_page=export_json.PER_PAGE,
            past_listed_for=calendar.PAST_LISTED_FOR.days,
            cancelled_listed_for=calendar.CANCELLED_LISTED_FOR.days,
            **kwargs,
        )

    def _kind(self, heading: str, exporter: "Exporter[Any]") -> dict[str, Any]:
        return {
            "heading": heading,
            "name": exporter.schema_name,
            "columns": exporter.columns.items(),
            "fields": _fields({"id": export_json.ID, **exporter.fields}),
            "schema": schema_address(exporter),
        }


urlpatterns = [
    path("", DevelopersView.as_view(), name="developers"),
    *(
        path(
            schema_file(exporter),
            SchemaView.as_view(exporter=exporter),
            name=f"{exporter.schema_name}_schema",
        )
        for exporter in (PUBLICATIONS, SESSIONS)
    ),
]
