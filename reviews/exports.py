"""Exporters of publications, for feeds and exports."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, ClassVar, NamedTuple

from django.db.models.functions import Coalesce

from mscp.database.pks import pk_subquery
from mscp.exports.base import Cell, Entry, ExportContext, Exporter, Json, moment
from mscp.exports.json import (
    ADDRESS,
    DAY,
    DAY_OR_NULL,
    MOMENT,
    NUMBER,
    TEXT,
    TEXT_OR_NULL,
    described,
    list_of,
    record_of,
)
from mscp.publishing.notes import ShownNote, shown_notes_of
from mscp.records.partial_dates import PartialDate
from reviews.models import (
    Document,
    DocumentKind,
    Kind,
    Publication,
    PublicationChangeNote,
    PublicationType,
    Theme,
    document_address,
    names_beside,
    publication_address,
    themes_of,
)

PARTIAL_DATE = {
    "type": ["string", "null"],
    "pattern": "^[0-9]{4}(-[0-9]{2}(-[0-9]{2})?)?$",
}
KINDS, TYPES = dict(Kind.choices), dict(PublicationType.choices)
THEMES = list_of(record_of({"slug": TEXT, "name": TEXT, "address": ADDRESS}))
CHANGES = list_of(record_of({"day": DAY, "note": TEXT}))


def theme_result(theme: Theme, context: ExportContext) -> Json:
    return {
        "slug": theme.slug,
        "name": theme.name,
        "address": context.absolute(theme.get_absolute_url()),
    }


def changes_result(notes: Iterable[ShownNote]) -> list[Json]:
    """Return what readers were told of changes."""
    return [{"day": note.day.isoformat(), "note": note.text} for note in notes]


class _Listed(NamedTuple):
    """A document as an export lists it."""

    address: str
    kind: str
    title: str
    dated: PartialDate | None
    pages: int | None
    updated_at: datetime

    def result(self, context: ExportContext) -> Json:
        return {
            "kind": self.kind,
            "kind_label": DocumentKind(self.kind).label,
            "title": self.title,
            "date": self.dated.iso if self.dated else None,
            "pages": self.pages,
            "address": context.absolute(self.address),
        }


class _Exported(NamedTuple):
    """The exported columns of a publication; others, such as the staff note, are not read."""

    pk: int
    kind: str
    type: str
    slug: str
    title: str
    summary: str
    publisher: str
    report_date: PartialDate | None
    published_at: datetime
    updated_at: datetime
    first_published_at: datetime
    pseudonym: str | None
    child_reference: str | None
    aliases: str | None
    themes: list[Theme]
    documents: list[_Listed]
    notes: list[ShownNote]

    @property
    def names(self) -> list[str]:
        # Only a practice review has any.
        own = (self.pseudonym, self.child_reference, self.aliases)
        return names_beside(self.title, *(name or "" for name in own))

    @property
    def address(self) -> str:
        return publication_address(self.kind, self.slug)

    @property
    def changed_at(self) -> datetime:
        """Return when its page last changed: by a save of its own or of a document's."""
        return max([self.updated_at, *(document.updated_at for document in self.documents)])

    @property
    def note(self) -> ShownNote | None:
        """Return what staff told readers last of a change."""
        return self.notes[0] if self.notes else None

    @property
    def type_label(self) -> str:
        return TYPES[self.type]


# Read as plain rows: an export of all publications writes ten thousand, and more documents.
def _publications(keys: Sequence[int]) -> Any:
    return (
        Publication.objects.published()
        .filter(pk__in=pk_subquery(keys))
        .values_list(
            *("pk", "kind", "type", "slug", "title", "summary", "publisher"),
            *("report_date", "published_at", "updated_at", "first_published_at"),
            *(f"practicereview__{name}" for name in ("pseudonym", "child_reference", "aliases")),
        )
    )


def _documents(keys: Sequence[int]) -> dict[int, list[_Listed]]:
    """Return the documents of each publication that visitors may have."""
    rows: Any = (
        Document.objects.published()
        .filter(publication__in=pk_subquery(keys))
        .values_list(
            *("publication_id", "uid", "url", "kind", "title", "dated"),
            *(Coalesce("file__pages", "pages"), "updated_at"),
        )
    )
    found: dict[int, list[_Listed]] = {}
    for publication, uid, url, kind, title, *rest in rows:
        address = document_address(uid, title, url)
        found.setdefault(publication, []).append(_Listed(address, kind, title, *rest))
    return found


class PublicationExporter(Exporter[_Exported]):
    """Publications of one kind, or of all."""

    schema_name = "publications"
    id_name = "publication"
    columns: ClassVar = {
        "kind": "Practice review, National report or 7-minute learning.",
        "type": "Its type in words, as on its page.",
        "title": "As printed on the document.",
        "names": "Other names of a practice review, never a child's own.",
        "summary": "Empty where there is none.",
        "publisher": "The body that published it; empty where it is not known.",
        "report_date": "As much as is known: 2020, 2020-02 or 2020-02-14; empty where nothing is.",
        "themes": "Names of its themes.",
        "address": "Of its page here.",
        "live_since": "When its page was first public here.",
        "updated_at": "When its page was last changed.",
        "documents": "Addresses of its documents, here or elsewhere.",
        "changed_on": "The last day on which readers were told of a change; else empty.",
        "change_note": "What they were told on it.",
    }
    fields: ClassVar = {
        "kind": described("What it is.", {"enum": [str(kind.value) for kind in Kind]}),
        "type": described(
            "As the parameter “type” takes it.",
            {"enum": [str(type_.value) for type_ in PublicationType]},
        ),
        "type_label": described("The type in words.", TEXT),
        "title": described("As printed on the document.", TEXT),
        "names": described("Other names of a practice review, never a child's own.", list_of(TEXT)),
        "summary": described("Null where there is none.", TEXT_OR_NULL),
        "publisher": described("Null where it is not known.", TEXT_OR_NULL),
        "report_date": described(
            "As much as is known: 2020, 2020-02 or 2020-02-14; null where nothing is.",
            PARTIAL_DATE,
        ),
        "themes": described("The themes it stands under.", THEMES),
        "address": described("Of its page here.", ADDRESS),
        "live_since": described("When its page was first public here.", MOMENT),
        "updated_at": described("When its page was last changed.", MOMENT),
        "changed_on": described(
            "The last day on which readers were told of a change; null where there is none.",
            DAY_OR_NULL,
        ),
        "change_note": described("What they were told on it, or null.", TEXT_OR_NULL),
        "changes": described(
            "Everything that readers were told of changes, the latest first.", CHANGES
        ),
        "documents": described(
            "Files here, and files and pages elsewhere. Date and pages are null where not known.",
            list_of(
                record_of(
                    {
                        "kind": {"enum": [str(kind.value) for kind in DocumentKind]},
                        "kind_label": TEXT,
                        "title": TEXT,
                        "date": PARTIAL_DATE,
                        "pages": {**NUMBER, "type": ["integer", "null"]},
                        "address": ADDRESS,
                    }
                )
            ),
        ),
    }

    def __init__(self, kind: Kind | None = None) -> None:
        self.kind = kind

    def read(self, keys: Sequence[int]) -> list[_Exported]:
        themes, documents = themes_of(keys), _documents(keys)
        notes = shown_notes_of(PublicationChangeNote, pk_subquery(keys))
        return [
            _Exported._make(
                (*row, *(found.get(row[0], []) for found in (themes, documents, notes)))
            )
            for row in _publications(keys)
        ]

    def cells(self, record: _Exported, context: ExportContext) -> list[Cell]:
        return [
            KINDS[record.kind],
            record.type_label,
            record.title,
            record.names,
            record.summary,
            record.publisher,
            record.report_date.iso if record.report_date else None,
            [theme.name for theme in record.themes],
            context.absolute(record.address),
            moment(record.first_published_at),
            moment(record.changed_at),
            [context.absolute(document.address) for document in record.documents],
            record.note.day.isoformat() if record.note else None,
            record.note.text if record.note else None,
        ]

    def result(self, record: _Exported, context: ExportContext) -> Json:
        return {
            "kind": record.kind,
            "type": record.type,
            "type_label": record.type_label,
            "title": record.title,
            "names": record.names,
            "summary": record.summary or None,
            "publisher": record.publisher or None,
            "report_date": record.report_date.iso if record.report_date else None,
            "themes": [theme_result(theme, context) for theme in record.themes],
            "address": context.absolute(record.address),
            "live_since": moment(record.first_published_at),
            "updated_at": moment(record.changed_at),
            "changed_on": record.note.day.isoformat() if record.note else None,
            "change_note": record.note.text if record.note else None,
            "changes": changes_result(record.notes),
            "documents": [document.result(context) for document in record.documents],
        }

    def entry(self, record: _Exported, context: ExportContext) -> Entry:
        date = str(record.report_date) if record.report_date else "date not known"
        line = " · ".join([record.type_label, date, *record.names])
        return Entry(
            title=record.title,
            paragraphs=[*filter(None, [line, str(record.note or ""), record.summary])],
            address=context.absolute(record.address),
            published=record.first_published_at,
            updated=max(record.published_at, record.changed_at),
            categories=[
                (record.type, record.type_label),
                *((theme.slug, theme.name) for theme in record.themes),
            ],
        )

    def withdrawn(self, since: datetime) -> Any:
        withdrawn: Any = Publication.objects.withdrawn_since(since)
        if self.kind:
            withdrawn = withdrawn.filter(kind=self.kind)
        return withdrawn.only("kind", "withdrawn_at", "withdrawn_name")

    def noun(self, record: Any) -> str:
        return str(record.kind_model._meta.verbose_name)
