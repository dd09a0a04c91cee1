"""Publications of three kinds, and the themes that connect them."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from datetime import date, datetime
from typing import Any, ClassVar, Self, TypeAlias, TypedDict, TypeVar, Unpack

from django.apps import apps
from django.db import DEFAULT_DB_ALIAS, models
from django.db.models import Exists, ExpressionWrapper, F, OuterRef, Q
from django.db.models.expressions import Combinable
from django.db.models.fields.files import FieldFile
from django.db.models.functions import Lower
from django.utils import timezone

from mscp.cache.addresses import address_of
from mscp.database import clock
from mscp.database.compiled_query import Bindings, CompiledQuery, related
from mscp.models import SiteIdentity
from mscp.publishing import identifiers, merging
from mscp.publishing.approvals import History
from mscp.publishing.gate import Moment, Obstacle, Publishable, PublishableQuerySet
from mscp.publishing.pending import WithoutDraft
from mscp.records.audit import Tracked
from mscp.records.history import history
from mscp.records.labels import quick_labels
from mscp.records.partial_dates import PartialDate, PartialDateField, well_formed
from mscp.records.saving import SaveOptions
from mscp.records.slugs import Slugged
from mscp.search.searchable import COLUMNS, Searchable
from mscp.text.folding import strip_invisible
from mscp.text.markdown import as_list
from mscp.typing import AnyUser
from reviews.reading_time import ReadingTime, count_words
from reviews.stored_hashes import read_ahead

DATE_HELP = "As much as is known: 2024, July 2024 or 16 September 2021."


class ThemeQuerySet(models.QuerySet["Theme"]):
    def without_learning(self) -> Self:
        """Filter by themes with published reviews and no published 7-minute learning."""
        published = Publication.objects.published().filter(themes=OuterRef("pk"))
        return self.filter(
            Exists(published.filter(kind=Kind.PRACTICE_REVIEW)),
            ~Exists(published.filter(kind=Kind.BRIEFING)),
        )

    def with_use(self) -> Self:
        """Annotate with the number of what has each theme, published or not, by relation."""
        numbers = {
            f"number_of_{relation.get_accessor_name()}": _number_with(relation)
            for relation in theme_relations()
        }
        return self.annotate(**numbers)


def theme_relations() -> list[Any]:
    """Return the relations by which themes are used; what is suggested is one of those."""
    return [one for one in Theme._meta.related_objects if one.many_to_many and not one.hidden]


def _number_with(relation: Any) -> "models.Subquery":
    links = relation.through._default_manager.filter(theme=OuterRef("pk"))
    # A proposed change has the themes of what it is one to.
    links = links.filter(**{f"{relation.field.m2m_field_name()}__revises": None})
    numbers = links.order_by().values("theme").annotate(number=models.Count("pk"))
    return models.Subquery(numbers.values("number"))


class Theme(WithoutDraft, Searchable, Slugged, Tracked):
    """One term of the controlled list that connects publications and courses."""

    LOOKED_THROUGH = True

    NOT_CONTENT = ("position",)

    name = models.CharField(max_length=80)
    description = models.TextField(
        blank=True, max_length=1000, help_text="One or two sentences at the top of its page."
    )
    group = models.CharField(
        max_length=60,
        blank=True,
        default="",
        db_default="",
        help_text="The heading under which it stands on the home page and the page of themes, for "
        "example: Babies. Left empty, it stands under “Other themes”.",
    )
    position = models.PositiveSmallIntegerField(
        "order",
        default=0,
        help_text="Lowest first; equal ones by name. The groups follow the lowest of their themes.",
    )

    objects = ThemeQuerySet.as_manager()
    history = history(without=COLUMNS)

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.UniqueConstraint(fields=["slug"], name="reviews_theme_slug_once"),
            models.UniqueConstraint(
                Lower("name"),
                name="reviews_theme_name_once",
                violation_error_message="There is a theme of this name already.",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return theme_address(self.slug)

    def searchable_names(self) -> list[str]:
        return [self.name]

    @property
    def is_used(self) -> bool:
        """Return whether anything, published or not, has it."""
        names = [str(relation.get_accessor_name()) for relation in theme_relations()]
        return any(getattr(self, name).exists() for name in names)

    @property
    def use_in_words(self) -> str:
        """Return what has it: "12 publications, 3 courses"; only after ``with_use()``."""
        found = []
        for relation in theme_relations():
            number = getattr(self, f"number_of_{relation.get_accessor_name()}")
            names = relation.related_model._meta
            noun = names.verbose_name if number == 1 else names.verbose_name_plural
            if number:
                found.append(f"{number} {noun}")
        return ", ".join(found) or "nothing"


class Kind(models.TextChoices):
    PRACTICE_REVIEW = "practice_review", "Practice review"
    NATIONAL_REPORT = "national_report", "National report"
    BRIEFING = "briefing", "7-minute learning"


KIND_PLURALS = {
    Kind.PRACTICE_REVIEW: "Practice reviews",
    Kind.NATIONAL_REPORT: "National reports",
    Kind.BRIEFING: "7-minute learnings",
}


class PublicationType(models.TextChoices):
    LCSPR = "lcspr", "Local child safeguarding practice review"
    SCR = "scr", "Serious case review"
    PARTNERSHIP_REVIEW = "partnership_review", "Partnership review"
    ANNUAL_REPORT = "annual_report", "Annual report"
    ANNUAL_REVIEW = "annual_review", "Annual review"
    THEMATIC_REPORT = "thematic_report", "Thematic report"
    BRIEFING_PAPER = "briefing_paper", "Briefing paper"
    SEVEN_MINUTE = "seven_minute", "7-minute learning"


# What staff call them.
SHORT_TYPES: dict[str, str] = {PublicationType.LCSPR: "LCSPR", PublicationType.SCR: "SCR"}

TYPES_OF_KIND = {
    Kind.PRACTICE_REVIEW: [
        PublicationType.LCSPR,
        PublicationType.SCR,
        PublicationType.PARTNERSHIP_REVIEW,
    ],
    Kind.NATIONAL_REPORT: [
        PublicationType.ANNUAL_REPORT,
        PublicationType.ANNUAL_REVIEW,
        PublicationType.THEMATIC_REPORT,
        PublicationType.BRIEFING_PAPER,
    ],
    Kind.BRIEFING: [PublicationType.SEVEN_MINUTE],
}


class OfKind(TypedDict):
    """The publications of one kind, under the heading of that kind."""

    kind: Kind
    label: str
    publications: list["Publication"]


def by_kind(publications: Iterable["Publication"]) -> list[OfKind]:
    """Group publications by kind, in the order of the learning chain, leaving out empty kinds."""
    groups: list[OfKind] = [
        {
            "kind": kind,
            "label": plural,
            "publications": [item for item in publications if item.kind == kind],
        }
        for kind, plural in KIND_PLURALS.items()
    ]
    return [group for group in groups if group["publications"]]


def _type_fits_kind() -> Q:
    condition = Q()
    for kind, types in TYPES_OF_KIND.items():
        condition |= Q(kind=kind, type__in=types)
    return condition


def noindex(*, through: str = "") -> "ExpressionWrapper[Combinable]":
    """Return the expression whether search engines are asked not to list a publication.

    Of the record itself, or ``through`` a foreign key; by its own flag or the site's. The one rule
    for its page, its documents and the sitemap; as part of their queries it costs none of its own.
    """
    own = f"{through}__out_of_search_engines" if through else "out_of_search_engines"
    all_of_them = Exists(SiteIdentity.objects.filter(publications_out_of_search_engines=True))
    return ExpressionWrapper(Q((own, True)) | all_of_them, output_field=models.BooleanField())


Record = TypeVar("Record", bound="Publication")


class PublicationQuerySet(PublishableQuerySet[Record]):
    def with_noindex(self) -> Self:
        """Annotate with ``is_noindex``: whether search engines are asked not to list it."""
        return self.annotate(is_noindex=noindex())

    def for_search_engines(self) -> Self:
        """Filter by what search engines may list; the query must already be behind the gate."""
        return self.exclude(noindex())

    def newest_first(self, *before: str | Combinable) -> Self:
        """Order by date, the newest first, after any given expressions; samples come last."""
        dates = F("report_date").desc(nulls_last=True)
        return self.order_by(*before, "is_sample", dates, "title", "pk")

    def for_items(self, *more: str) -> Self:
        """Load only the columns that an item of a list shows, and these."""
        return self.only(*self.model.ITEM_FIELDS, *more)

    def oldest_first(self) -> Self:
        return self.order_by("is_sample", F("report_date").asc(nulls_last=True), "title", "pk")

    def recently_added(self) -> Self:
        """Order by the moment at which they were first public here, the latest first."""
        return self.order_by("is_sample", "-first_published_at", "title", "pk")

    def announced(self, *, at: Moment = None) -> Self:
        """Filter by what was new when it went live here, the latest first."""
        # All that is live was public before now, but by this range SQLite uses the index of these.
        announced = self.filter(first_published_at__lte=at or clock.now())
        announced = announced.filter(is_sample=False, taken_over=False)
        return announced.order_by("-first_published_at", "pk")

    def by_title(self) -> Self:
        return self.order_by(Lower("title"), "pk")

    def with_themes(self, slugs: Iterable[str]) -> Self:
        """Filter by publications of at least one of these themes, each once."""
        return self.filter(pk__in=publications_of_themes(slugs))


def publications_of_themes(
    slugs: Iterable[str],
) -> models.QuerySet[models.Model, Mapping[str, object]]:
    """Return the keys of the publications that have at least one of these themes."""
    rows = Publication.themes.through.objects.filter(theme__slug__in=slugs)
    return rows.values("publication_id")


def theme_names_of(keys: Iterable[int]) -> dict[int, list[str]]:
    """Return the names of the themes of each publication."""
    found: dict[int, list[str]] = {}
    for publication, _, _, name in _THEMES.rows(keys):
        found.setdefault(publication, []).append(name)
    return found


def themes_of(keys: Iterable[int]) -> dict[int, list[Theme]]:
    """Return the themes of each publication; theme objects are shared."""
    known: dict[int, Theme] = {}
    found: dict[int, list[Theme]] = {}
    for publication, pk, slug, name in _THEMES.rows(keys):
        if pk not in known:
            known[pk] = Theme.from_db(DEFAULT_DB_ALIAS, ["id", "slug", "name"], [pk, slug, name])
        found.setdefault(publication, []).append(known[pk])
    return found


def theme_address(slug: str) -> str:
    return address_of("themes:detail", slug=slug)


def publication_address(kind: str, slug: str) -> str:
    return address_of(f"reviews:{kind}", slug=slug)


def _links_to_themes(bound: Bindings) -> models.QuerySet[models.Model, tuple[object, ...]]:
    links = Publication.themes.through.objects.filter(publication__in=bound.keys)
    return links.order_by("theme__position", "theme__name").values_list(
        "publication_id", "theme_id", "theme__slug", "theme__name"
    )


_THEMES = CompiledQuery(_links_to_themes)


# By name, since in the class ``type`` is a field.
KindModel: TypeAlias = "type[Publication]"


@quick_labels
class Publication(Searchable, Publishable, Slugged, Tracked):
    """Anything the library lists. Always created and changed as one of its three kinds."""

    KIND: ClassVar[Kind]
    NOT_CONTENT = ("staff_note",)
    # What an item of a list shows of it.
    ITEM_FIELDS: ClassVar[tuple[str, ...]] = (
        *("kind", "type", "title", "slug", "summary", "publisher", "report_date", "is_sample"),
    )

    kind = models.CharField(max_length=20, choices=Kind, editable=False)
    type = models.CharField(max_length=20, choices=PublicationType)
    title = models.CharField(
        max_length=250,
        blank=True,
        help_text="As printed on the document.",
    )
    summary = models.TextField(
        blank=True,
        max_length=3000,
        help_text="A few sentences in the document's own words. Leave empty rather than guess.",
    )
    # Not "Publisher", which is what staff call the colleagues who may publish.
    publisher = models.CharField(
        "published by",
        max_length=150,
        blank=True,
        help_text="The body that published the document itself, if it is known; not who puts it "
        "online here.",
    )
    listed_as = models.CharField(
        "also listed as",
        max_length=250,
        blank=True,
        help_text="How other pages list it. Not shown, but found by a search.",
    )
    report_date = PartialDateField(
        "date of the report",
        null=True,
        blank=True,
        help_text=f"{DATE_HELP} Not the day on which this page goes live.",
    )
    themes = models.ManyToManyField(Theme, blank=True, related_name="publications")
    # Those of its themes that a program inferred and no editor has confirmed. Only staff see it.
    suggested_themes = models.ManyToManyField(Theme, related_name="+", editable=False)
    out_of_search_engines = models.BooleanField(
        "keep out of search engines",
        default=False,
        help_text="Its page and its documents ask Google and others not to list them. Everybody "
        "who has the address can still read them.",
    )
    is_sample = models.BooleanField(
        "fictional sample",
        default=False,
        db_default=False,
        help_text="Not about a real case: it stands behind all that is real, and is never new.",
    )
    taken_over = models.BooleanField(
        "taken over from elsewhere",
        default=False,
        db_default=False,
        help_text="It was public before this site had it: the day on which it came here is no "
        "news, so neither its own page nor the page of what is new says it.",
    )
    staff_note = models.TextField(
        "note for staff", blank=True, max_length=2000, help_text="Readers never see it."
    )

    is_noindex: bool  # only after with_noindex()
    # Only where the row is read for an item of a list (reviews/items.py).
    theme_names: str
    # Only of those that are related (reviews/related.py).
    is_direct: bool
    # What a search found in its documents, and an excerpt of its own text (reviews/page_hits.py).
    hits: Sequence[object] = ()
    excerpt: str = ""
    # Of its first document that has one (reviews/items.py).
    cover: object = None
    objects: ClassVar = PublicationQuerySet.as_manager()

    class Meta(Publishable.Meta):
        constraints = [
            *Publishable.Meta.constraints,
            models.UniqueConstraint(fields=["kind", "slug"], name="reviews_publication_slug_once"),
            models.CheckConstraint(
                condition=_type_fits_kind(),
                name="reviews_publication_type_fits_kind",
                violation_error_message="Choose a type that belongs to this kind of publication.",
            ),
            models.CheckConstraint(
                condition=~Q(title=""),
                name="reviews_publication_has_title",
                violation_error_message=(
                    "Give a title; for a review, a pseudonym or the reference of the child will do."
                ),
            ),
            well_formed("report_date", "reviews_publication_report_date_partial"),
        ]
        indexes = [
            *Publishable.Meta.indexes,
            # Covers all that a list filters, counts and sorts by, so that it reads no table row.
            models.Index(
                fields=[
                    "kind",
                    "state",
                    "published_at",
                    "is_sample",
                    "report_date",
                    "type",
                    "publisher",
                    "title",
                    "first_published_at",
                ],
                name="publication_list_idx",
            ),
            # The sort order of the lists of staff, and the years they are filtered by.
            models.Index(fields=["kind", "updated_at"], name="publication_changed_idx"),
            models.Index(fields=["kind", "published_at"], name="publication_live_since_idx"),
            # What is new, the latest first: the rest is not looked at.
            models.Index(
                fields=["state", "first_published_at", "published_at"],
                condition=Q(is_sample=False, taken_over=False),
                name="publication_announced_idx",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return publication_address(self.kind, self.slug)

    def slug_source(self) -> str:
        return self.title

    def slug_scope(self) -> "models.QuerySet[Publication]":
        return Publication.objects.filter(kind=self.kind)

    def searchable_names(self) -> list[str]:
        return [self.title, *self.names]

    def searchable_texts(self) -> list[str]:
        return [self.listed_as, self.get_type_display(), self.publisher, self.summary]

    def clean(self) -> None:
        super().clean()
        self.kind = self.KIND

    def save(self, **options: Unpack[SaveOptions]) -> None:
        if type(self) is Publication:
            raise TypeError("Save the practice review, national report or 7-minute learning.")
        self.kind = self.KIND
        # Lists filter by it as in a URL, without invisible characters of a paste.
        self.publisher = " ".join(strip_invisible(self.publisher).split())
        super().save(**options)

    @property
    def added_on(self) -> date | None:
        """Return the day in London on which its page was first public here."""
        first = self.first_published_at
        return timezone.localdate(first) if first else None

    @property
    def is_announced(self) -> bool:
        """Return whether it was new to readers when it went live, as ``announced()`` filters."""
        return self.added_on is not None and not (self.is_sample or self.taken_over)

    @property
    def changed_on(self) -> date | None:
        """Return the day on which its page last changed, if that is later than ``added_on``.

        By a save of its own or of a document of it, as in feeds.
        """
        moments = [
            self.updated_at,
            *(document.updated_at for document in related(self, "documents")),
        ]
        day = timezone.localdate(max(moments))
        return day if self.added_on and day > self.added_on else None

    @property
    def type_in_full(self) -> str:
        """Return its type in words, with the short name that staff use in brackets."""
        short, full = self.short_type, self.get_type_display()
        return full if short == full else f"{full} ({short})"

    @property
    def short_type(self) -> str:
        """Return the short name of its type, as staff use it."""
        return SHORT_TYPES.get(self.type, self.get_type_display())

    @property
    def abbreviated_type(self) -> str:
        """Return the abbreviation of its type, if that is too long to be repeated."""
        return "LCSPR" if self.type == PublicationType.LCSPR else ""

    @property
    def kind_model(self) -> KindModel:
        """Return the model of its kind, whose permissions are the ones that count."""
        return next(model for model in Publication.__subclasses__() if self.kind == model.KIND)

    @property
    def names(self) -> list[str]:
        """Return the names it is known by besides its title."""
        return []

    @property
    def authors(self) -> list[str]:
        """Return who wrote it, as far as the record says."""
        return []

    @property
    def milestones(self) -> list[tuple[PartialDate, str]]:
        """Return the known dates, in order, each with what happened then."""
        known = [
            (document.dated, document.title)
            for document in related(self, "documents")
            if document.dated
        ]
        if self.report_date and self.report_date not in [moment for moment, _ in known]:
            known.append((self.report_date, "Date of the report"))
        return sorted(known, key=lambda milestone: milestone[0].iso)

    def content_parts(self) -> dict[str, object]:
        documents = self.documents.select_related("file").order_by("position", "pk")
        return {
            "themes": list(self.themes.order_by("slug").values_list("slug", flat=True)),
            "documents": [document.content() for document in documents],
        }

    def histories_of_parts(self) -> list[History]:
        documents: Any = apps.get_model("reviews", "Document")
        return [History(documents.history.filter(publication=self.pk), "publication")]

    def publishing_obstacles(self) -> list[Obstacle]:
        documents = list(self.documents.select_related("file"))
        if not (self.summary or self.has_own_text or documents):
            return [Obstacle("There is nothing to read yet: add a document or a summary.")]
        in_files = [one for document in documents for one in document.publishing_obstacles()]
        return [*in_files, *super().publishing_obstacles()]

    # --- identifiers --------------------------------------------------------------------------

    def public_texts(self) -> Iterator[identifiers.PublicText]:
        yield from self._texts_with(self._documents_with_files())

    def _texts_with(self, documents: list[Any]) -> Iterator[identifiers.PublicText]:
        yield from super().public_texts()
        for document in documents:
            yield from document.public_texts()

    def standing_identifiers(self) -> list[identifiers.Standing]:
        """Return the identifiers in its texts and on the pages of its files."""
        documents = self._documents_with_files()
        found = identifiers.standing_in(self._texts_with(documents))
        for document in documents:
            if document.file:
                found += document.file.standing_identifiers(str(document))
        return identifiers.merged(found)

    def identifier_owners(self) -> list[tuple[str, int]]:
        files = [one.file for one in self._documents_with_files() if one.file]
        return [*super().identifier_owners(), *(identifiers.owner_of(file) for file in files)]

    def _documents_with_files(self) -> list[Any]:
        if self.pk is None:
            return []
        return list(
            self.documents.select_related("file__found_identifiers").order_by("position", "pk")
        )

    def publish(self, *, at: datetime | None = None, is_due: bool = False) -> None:
        """Publish it, with exactly the files that were checked."""
        with self.with_files_read([self]):
            super().publish(at=at, is_due=is_due)

    def apply_change(self, *, by: "AnyUser | None" = None) -> Self:
        """Apply it with exactly the files that were checked."""
        with self.with_files_read([self]):
            return super().apply_change(by=by)

    @classmethod
    def with_files_read(cls, records: Iterable[Any]) -> AbstractContextManager[None]:
        return read_ahead(_stored_contents(records))

    def parts_by_key(self) -> dict[str, Any]:
        """Return its documents, by the key of the live one that each is or stands for."""
        return {
            str(document.revises_id or document.pk): document for document in self.documents.all()
        }

    def take_in_part(self, part: Any, save: Callable[[Any], object]) -> None:
        """Move a new document of a change here, or copy a live one into this change."""
        if not self.is_proposed_change:
            part.publication = self
            # To readers it is new today.
            part.added_later, part.created_at = self.is_published, clock.now()
            save(part)
            return
        copy = type(part)(publication=self, revises_id=part.pk)
        for field in merging.part_fields(part):
            setattr(copy, field.attname, getattr(part, field.attname))
        save(copy)

    def addresses_to_lend(self, change: Self) -> dict[Any, Any]:
        return {document.revises_id: document.uid for document in change.documents.all()}

    def lend_addresses(self, lent: dict[Any, Any]) -> None:
        for document in self.documents.all():
            if document.pk in lent:
                type(document)._base_manager.filter(pk=document.pk).update(uid=lent[document.pk])

    def forget_suggestions(self) -> None:
        self.suggested_themes.set(self.suggested_themes.filter(pk__in=self.themes.values("pk")))

    def publishing_advice(self) -> list[str]:
        if self.themes.exists():
            return []
        return ["It has no theme yet, so nothing leads from it to a learning or a course."]

    @property
    def has_own_text(self) -> bool:
        return False


def _stored_contents(records: Iterable[Any]) -> Iterator[FieldFile]:
    """Yield the stored files of the documents of publications, with one query for all of them."""
    documents: Any = apps.get_model("reviews", "Document")
    keys = [record.pk for record in records]
    for document in documents.objects.filter(
        publication__in=keys, file__isnull=False
    ).select_related("file"):
        yield document.file.content


def names_beside(title: str, pseudonym: str, child_reference: str, aliases: str) -> list[str]:
    """Return the names of a review that are not in its title."""
    known = (name.strip() for name in (pseudonym, child_reference, *aliases.split(",")))
    return [name for name in known if name and name not in title]


class PracticeReview(Publication):
    """A local review of a case. The child is named only as the review itself names them."""

    KIND = Kind.PRACTICE_REVIEW
    ITEM_FIELDS = (*Publication.ITEM_FIELDS, "pseudonym", "child_reference", "aliases")

    pseudonym = models.CharField(
        max_length=80,
        blank=True,
        help_text="The name the review itself uses, such as Robin. Never the child's own name.",
    )
    child_reference = models.CharField(
        "reference of the child", max_length=40, blank=True, help_text="For example: Child M"
    )
    aliases = models.CharField(
        "other names",
        max_length=250,
        blank=True,
        help_text="Other names the review is known by, apart by commas.",
    )
    completed = PartialDateField(
        "review completed",
        null=True,
        blank=True,
        help_text=f"{DATE_HELP} Where it differs from the date of the report.",
    )
    reviewer = models.CharField(
        max_length=150,
        blank=True,
        help_text="Independent reviewer or author, if known. Several: apart by semicolons.",
    )

    history = history(without=COLUMNS, many_to_many=[Publication._meta.get_field("themes")])

    class Meta:
        verbose_name = "practice review"
        default_permissions = Publishable.Meta.default_permissions
        constraints = [well_formed("completed", "reviews_practicereview_completed_partial")]

    @property
    def case_name(self) -> str:
        """Return "Robin (Child R)", or the one name that is known."""
        if self.pseudonym and self.child_reference:
            return f"{self.pseudonym} ({self.child_reference})"
        return self.pseudonym or self.child_reference

    def clean(self) -> None:
        super().clean()
        self.title = self.title.strip() or self.case_name

    def save(self, **options: Unpack[SaveOptions]) -> None:
        self.title = self.title or self.case_name
        super().save(**options)

    @property
    def names(self) -> list[str]:
        return names_beside(self.title, self.pseudonym, self.child_reference, self.aliases)

    @property
    def authors(self) -> list[str]:
        names = (name.strip(" ") for name in self.reviewer.split(";"))
        return [name for name in names if name]

    @property
    def milestones(self) -> list[tuple[PartialDate, str]]:
        completed = [(self.completed, "Review completed")] if self.completed else []
        return sorted([*completed, *super().milestones], key=lambda milestone: milestone[0].iso)

    def searchable_names(self) -> list[str]:
        # The case name again, so that "Child M" is one name however the title is written.
        return [*super().searchable_names(), self.case_name]

    def searchable_texts(self) -> list[str]:
        return [*super().searchable_texts(), self.reviewer]


class NationalReport(Publication):
    """A report published nationally, mostly by the Child Safeguarding Practice Review Panel."""

    KIND = Kind.NATIONAL_REPORT

    covers_from = models.PositiveSmallIntegerField(
        "covers, from year", null=True, blank=True, help_text="The first year it looks at."
    )
    covers_to = models.PositiveSmallIntegerField(
        "to year", null=True, blank=True, help_text="Leave empty for a single year."
    )

    history = history(without=COLUMNS, many_to_many=[Publication._meta.get_field("themes")])

    class Meta:
        verbose_name = "national report"
        default_permissions = Publishable.Meta.default_permissions
        constraints = [
            models.CheckConstraint(
                condition=Q(covers_to=None)
                | Q(covers_from__isnull=False, covers_to__gt=F("covers_from")),
                name="reviews_nationalreport_years_in_order",
                violation_error_message="The last year covered must come after the first.",
            ),
            models.CheckConstraint(
                condition=Q(covers_from=None) | Q(covers_from__range=(1900, 2199)),
                name="reviews_nationalreport_years_sensible",
                violation_error_message="Write the years covered with four digits.",
            ),
        ]

    @property
    def covers(self) -> str:
        if self.covers_from and self.covers_to:
            return f"{self.covers_from} to {self.covers_to}"
        return str(self.covers_from or "")


class ListLink(WithoutDraft):
    """A link above the list of one kind of publication, such as to an index that others keep."""

    LOOKED_THROUGH = True

    NOT_CONTENT = ("position",)

    kind = models.CharField("list", max_length=20, choices=Kind)
    text = models.CharField(
        max_length=120, help_text="What the link says, for example: 7-minute learnings of the NHS"
    )
    address = models.URLField(max_length=500, help_text="Where it leads, https://…")
    position = models.PositiveSmallIntegerField("order", default=0, help_text="Lowest first.")

    history = history()

    class Meta:
        verbose_name = "link above a list"
        verbose_name_plural = "links above lists"
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return self.text


class Briefing(Publication):
    """A 7-minute learning: a short brief of one review or one theme, in seven fixed parts."""

    KIND = Kind.BRIEFING

    review = models.ForeignKey(
        PracticeReview,
        models.SET_NULL,
        verbose_name="practice review",
        null=True,
        blank=True,
        related_name="briefings",
        limit_choices_to={"revises": None},
        help_text="The review it is about, if it is about one.",
    )
    background = models.TextField("1. Background", blank=True, max_length=4000)
    why_it_matters = models.TextField("2. Why it matters", blank=True, max_length=4000)
    what_happened = models.TextField("3. What happened", blank=True, max_length=4000)
    what_was_found = models.TextField("4. What was found", blank=True, max_length=4000)
    what_was_learnt = models.TextField("5. What was learnt", blank=True, max_length=4000)
    what_to_do = models.TextField("6. What to do now", blank=True, max_length=4000)
    questions = models.TextField("7. Questions for your team", blank=True, max_length=4000)

    PARTS: ClassVar[list[str]] = [
        "background",
        "why_it_matters",
        "what_happened",
        "what_was_found",
        "what_was_learnt",
        "what_to_do",
        "questions",
    ]
    FORMATTED: ClassVar = PARTS
    LISTED: ClassVar = ["questions"]

    history = history(without=COLUMNS, many_to_many=[Publication._meta.get_field("themes")])

    class Meta:
        verbose_name = "7-minute learning"
        verbose_name_plural = "7-minute learnings"
        default_permissions = Publishable.Meta.default_permissions

    def save(self, **options: Unpack[SaveOptions]) -> None:
        self.type = PublicationType.SEVEN_MINUTE
        super().save(**options)

    @property
    def parts(self) -> list[tuple[str, str]]:
        """Return number, heading and text of the parts that are not empty, in order."""
        fields: list[Any] = [self._meta.get_field(name) for name in self.PARTS]
        written = [(field, text) for field in fields if (text := getattr(self, field.name)).strip()]
        return [
            (re.sub(r"^\d+", str(number), str(field.verbose_name)), text)
            for number, (field, text) in enumerate(written, start=1)
        ]

    @property
    def has_own_text(self) -> bool:
        return bool(self.parts)

    @property
    def team_questions(self) -> str:
        """Return the last part with each question as an item of a list."""
        return as_list(self.questions)

    @property
    def reading_time(self) -> ReadingTime:
        """Return the reading time of the summary and the parts, which is what its page shows."""
        return ReadingTime(count_words([self.summary, *(text for _, text in self.parts)]))

    def publishing_advice(self) -> list[str]:
        advice = super().publishing_advice()
        if self.reading_time.is_too_long:
            advice.append(self.reading_time.sentence)
        # A learning that is only a document has its questions there.
        if not self.questions.strip() and (self.has_own_text or not self.documents.exists()):
            advice.append("It has no questions for a team yet.")
        return advice

    def searchable_texts(self) -> list[str]:
        return [*super().searchable_texts(), *(text for _, text in self.parts)]
