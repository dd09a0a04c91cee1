"""Admin of the library: publications, documents and themes."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, ClassVar, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.widgets import AdminTextareaWidget
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.fields.related import RelatedField
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.loader import render_to_string
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from mscp.database import clock
from mscp.editing.actions import ConfirmedAction, admin_action
from mscp.editing.admin import KEY, Record, TrackedAdmin, TrackedForm, missing_filter
from mscp.editing.autosave import Offer
from mscp.editing.bulk import BulkActionsAdmin
from mscp.editing.duplicating import DuplicatesAdmin, duplicating
from mscp.editing.generic import (
    ModelAdmin,
    ModelAdminMixin,
    ModelField,
    RowsFilter,
    StackedInline,
)
from mscp.editing.held_uploads import HeldUpload
from mscp.editing.merging import MergesAdmin
from mscp.editing.notes import EarlierNotes, TellsReadersForm
from mscp.editing.pending import WithoutDraftAdmin
from mscp.editing.publishing import (
    MAKES_PUBLIC,
    PartOfPublishable,
    PublishableAdmin,
    StateFilter,
    may_change,
    may_handle,
    who_changed_its_state,
)
from mscp.editing.searching import FoldedSearch
from mscp.editing.similar import AsksAboutSimilar
from mscp.editing.timeline import Source
from mscp.models import SiteIdentity
from mscp.publishing.gate import Obstacle
from mscp.records.audit import set_author
from mscp.records.autosave import Autosave
from reviews.absence_admin import AsksWhatMustNotAppear
from reviews.documents.admin import DocumentFileAdmin
from reviews.documents.forms import (
    DocumentFileField,
    files_sent_before,
    forget_foreign,
    refusal_of,
    take_in_uploads,
)
from reviews.documents.report_links import report_address, with_link, with_links
from reviews.documents.timeline import ChangedDocumentSource, ClearanceSource, DocumentSource
from reviews.models import (
    DATE_HELP,
    TYPES_OF_KIND,
    Briefing,
    Document,
    DocumentFile,
    ListLink,
    NationalReport,
    PracticeReview,
    Publication,
    PublicationChangeNote,
    Theme,
)
from reviews.models.documents import DocumentQuerySet
from reviews.models.publications import ThemeQuerySet
from reviews.reading_time import (
    MOST_WORDS,
    NOTHING_WRITTEN,
    TOO_LONG,
    WITHIN,
    WORDS_A_MINUTE,
    count_words,
)
from reviews.starter_themes import StarterThemesForm
from reviews.stored_hashes import read_ahead
from reviews.suggested_themes import (
    ConfirmsThemes,
    ConfirmsThemesForm,
    SuggestedThemesFilter,
)
from reviews.theme_actions import THEMES
from reviews.visibility import visible_to

__all__ = ["DocumentFileAdmin"]

PublicationRecord = TypeVar("PublicationRecord", bound=Publication)


class SuggestingTextInput(forms.TextInput):
    """Text input with a datalist of the values of other records; accepts any text."""

    template_name = "admin/widgets/suggesting_text.html"

    def __init__(
        self, suggestions: Callable[[], Iterable[str]], attrs: dict[str, object] | None = None
    ) -> None:
        super().__init__(attrs)
        self.suggestions = suggestions

    def get_context(self, name: str, value: Any, attrs: dict[str, object] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        list_id = f"{context['widget']['attrs'].get('id', name)}_suggestions"
        context["widget"]["attrs"]["list"] = list_id
        return {**context, "list_id": list_id, "suggestions": self.suggestions()}


def _known_publishers() -> Iterable[str]:
    names = Publication.objects.exclude(publisher="").order_by("publisher")
    return names.values_list("publisher", flat=True).distinct()[:200]


class PublicationForm(
    TellsReadersForm[PublicationRecord],
    AsksAboutSimilar[PublicationRecord],
    ConfirmsThemesForm[PublicationRecord],
):
    years = ("covers_from", "covers_to")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "title" in self.fields and self._meta.model is not PracticeReview:
            self.fields["title"].required = True
        # Missing for staff with view permission only.
        if "type" in self.fields:
            types = TYPES_OF_KIND[self._meta.model.KIND]
            self.fields["type"].choices = [  # type: ignore[attr-defined]
                ("", "Choose a type"),
                *[(type_.value, type_.label) for type_ in types],
            ]
        if "publisher" in self.fields:
            self.fields["publisher"].widget = SuggestingTextInput(
                _known_publishers, attrs={"class": "vTextField"}
            )


class TypeFilter(RowsFilter[QuerySet[Publication]]):
    """The types of this kind only; Django would list those of all kinds."""

    title = "type"
    parameter_name = "type"

    def lookups(
        self, request: HttpRequest, model_admin: "admin.ModelAdmin[Publication]"
    ) -> list[tuple[str, str]]:
        return [(type_.value, type_.label) for type_ in TYPES_OF_KIND[model_admin.model.KIND]]

    def narrow(self, rows: QuerySet[Publication], value: str | None) -> QuerySet[Publication]:
        return rows.filter(type=value) if value else rows


class YearFilter(RowsFilter[QuerySet[Publication]]):
    """Years from the first to the last in which something went live.

    Django's date hierarchy would read the date of every record to list them.
    """

    title = "year it went live"
    parameter_name = "live-since"

    def lookups(
        self, request: HttpRequest, model_admin: "admin.ModelAdmin[Publication]"
    ) -> list[tuple[str, str]]:
        dates = Publication.objects.filter(
            kind=model_admin.model.KIND, published_at__isnull=False
        ).values_list("published_at", flat=True)
        first, last = dates.order_by("published_at").first(), dates.order_by("published_at").last()
        if first is None or last is None:
            return []
        years = [timezone.localtime(moment).year for moment in (last, first)]
        return [(str(year), str(year)) for year in range(years[0], years[1] - 1, -1)]

    def narrow(self, rows: QuerySet[Publication], value: str | None) -> QuerySet[Publication]:
        known = {value for value, _ in self.lookup_choices}
        return rows.filter(published_at__year=value) if value in known else rows


class UsedOnlyFilter(admin.RelatedFieldListFilter):
    """Related records in use, each checked with an EXISTS.

    Django's RelatedOnlyFieldListFilter reads those of every record.
    """

    def field_choices(
        self,
        field: "RelatedField[Any, Any]",
        request: HttpRequest,
        model_admin: "admin.ModelAdmin[Publication]",
    ) -> Any:
        using = model_admin.get_queryset(request).filter(**{self.field_path: OuterRef("pk")})
        ordering = self.field_admin_ordering(field, request, model_admin)
        return field.get_choices(
            include_blank=False, limit_choices_to=Q(Exists(using)), ordering=ordering
        )


class TakesInFiles(ModelAdminMixin[Record]):
    """Mixin of ModelAdmin: takes in the PDFs of a form before anything else is done with it."""

    # The lookup from a publication to the record of the form.
    record_field = "pk"

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        may = self.has_change_permission(request) or self.has_add_permission(request)
        if request.method != "POST" or not may:
            return super().changeform_view(request, object_id, form_url, extra_context)
        take_in_uploads(request)
        with self._ready_to_save(request, object_id):
            return super().changeform_view(request, object_id, form_url, extra_context)

    def check_typed(self, request: HttpRequest, typed: QueryDict) -> None:
        forget_foreign(typed, request.user)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        forms_of_files = [one for formset in formsets for one in formset.forms] + [form]
        for one in forms_of_files:
            if getattr(one, "refusal", "") and one.instance.file:
                warning = f"“{one.instance}” keeps the file that it had. {one.refusal}"
                self.message_user(request, warning, messages.WARNING)

    def _ready_to_save(
        self, request: HttpRequest, object_id: str | None
    ) -> AbstractContextManager[None]:
        """Hash, before the transaction begins, the files that would be public at once."""
        if object_id is None or not KEY.fullmatch(object_id):
            return nullcontext()
        publication = Publication.objects.filter((self.record_field, object_id)).first()
        if publication is None or publication.may_have_gaps:
            return nullcontext()
        return read_ahead([file.content for file in files_sent_before(request.POST)])


class DocumentForm(TrackedForm[Document]):
    file = DocumentFileField(required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.refusal = refusal_of(self.data, self.add_prefix("file")) if self.is_bound else ""
        if "file" in self.fields:
            self.fields["file"].widget.refused = self.refusal

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        filled = self.cleaned_data.get("file") or self.cleaned_data.get("url")
        if self.refusal and not filled and "file" not in self.errors:
            # Not only that there is none: it was refused, and this is why.
            self.add_error("file", ValidationError(self.refusal))
        changed = set(self.changed_data)
        if (
            self.instance.pk
            and "url" in changed
            and not {"url_checked", "url_checked_on"} & changed
        ):
            # The check was of another address.
            self.cleaned_data |= {"url_checked": False, "url_checked_on": None}
        if "file" in changed and self.instance.is_exempt and "exemption_reason" not in changed:
            # The exemption was of another file. Not all forms have its fields.
            self.cleaned_data |= {"is_exempt": False, "exemption_reason": ""}
            self.instance.is_exempt, self.instance.exemption_reason = False, ""
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        if self.fault and isinstance(self.files.get(self.add_prefix("file")), HeldUpload):
            # The form is only shown, and its file is not taken in yet: it would be missing.
            codes = {one.code for one in getattr(error, "error_list", [])}
            if self.fault.name not in codes:
                return
        if self.instance.file and isinstance(error, ValidationError):
            error = with_links(error, self.instance.file)
        super().add_error(field, error)


class DocumentInline(PartOfPublishable[Document], StackedInline[Document, Publication]):
    model = Document
    form = DocumentForm
    template = "admin/reviews/document_inline.html"
    # Documents belong to the parent row, which all three kinds of publication have.
    fk_name = "publication"
    extra = 0
    fields = [
        ("kind", "title"),
        "file",
        "url",
        ("leads_to_file", "leads_to_list"),
        ("url_checked", "url_checked_on", "pages"),
        ("dated", "language", "position"),
    ]
    view_on_site = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        """Read what the closed rows say, for all of them at once."""
        rows = super().get_queryset(request)
        return rows.select_related("file").prefetch_related("file__findings")


class PublicationNotesInline(EarlierNotes, StackedInline[PublicationChangeNote, Publication]):
    model = PublicationChangeNote


WHAT_IS_NEW: tuple[str, Any] = (
    "What is new",
    {"fields": ["taken_over", "is_sample"]},
)
FOR_STAFF = (
    "listed_as",
    "staff_note",
    "out_of_search_engines",
    "address",
    "made",
    "changed",
)


DUPLICATE = duplicating(
    "the texts, the themes and, of a learning, the review it is about",
    "documents and their files, notes on changes, and links to it from other records",
)


class PublicationAdmin(
    TakesInFiles[PublicationRecord],
    AsksWhatMustNotAppear[PublicationRecord],
    ConfirmsThemes[PublicationRecord],
    BulkActionsAdmin[PublicationRecord],
    DuplicatesAdmin[PublicationRecord],
    PublishableAdmin[PublicationRecord],
):
    confirmed_actions: ClassVar[Mapping[str, ConfirmedAction[Any]]] = {
        **PublishableAdmin.confirmed_actions,
        "themes": THEMES,
        "duplicate": DUPLICATE,
    }
    form: "type[TrackedForm[PublicationRecord]]" = PublicationForm
    not_duplicated = "documents"
    inlines = [DocumentInline, PublicationNotesInline]
    announced_with = WHAT_IS_NEW[0]
    list_display = ["title", "short_type", "report_date", "current_state", "changed"]
    list_filter = [
        StateFilter,
        TypeFilter,
        ("themes", UsedOnlyFilter),
        SuggestedThemesFilter,
        YearFilter,
    ]
    actions = [
        *PublishableAdmin.actions,
        admin_action("themes", THEMES, permission="change"),
        admin_action("duplicate", DUPLICATE, permission="add"),
        "confirm_themes",
    ]
    list_select_related = ["updated_by"]
    # The link from a filtered list to all records does not count them again.
    show_full_result_count = False
    search_fields = ["title", "listed_as", "summary"]
    search_help_text = "Words in the title, the summary or how it is listed elsewhere"
    autocomplete_fields = ["themes"]
    readonly_fields = ["address", "made", "changed"]
    ordering = ["-updated_at"]
    help_texts: dict[str, str] = {}

    def describe_obstacle(self, obstacle: Obstacle) -> str:
        if isinstance(obstacle.about, DocumentFile):
            return with_link(obstacle.sentence, obstacle.about)
        return super().describe_obstacle(obstacle)

    def timeline_sources(self, request: HttpRequest, key: int) -> list[Source]:
        return [
            *super().timeline_sources(request, key),
            DocumentSource(is_part=True, publication=key),
            ChangedDocumentSource(self.model, key),
            ClearanceSource(is_part=True, publication=key),
        ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[PublicationRecord]:
        # Implied by the model, but with it the query can use the index of the list.
        return super().get_queryset(request).filter(kind=self.model.KIND)

    def get_form(
        self,
        request: HttpRequest,
        obj: PublicationRecord | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> "type[forms.ModelForm[PublicationRecord]]":
        return super().get_form(request, obj, change, **{"help_texts": self.help_texts, **kwargs})

    def get_deleted_objects(
        self,
        objs: Sequence[PublicationRecord] | QuerySet[PublicationRecord],
        request: HttpRequest,
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        # The row of the parent is deleted with its review or report, never by itself.
        missing.discard(str(Publication._meta.verbose_name))
        counts.pop(str(Publication._meta.verbose_name_plural), None)
        return deleted, counts, missing, protected

    def pages_changed(self, live: PublicationRecord) -> list[tuple[str, str]]:
        lists = [(f"the list of {self.opts.verbose_name_plural}", reverse(f"reviews:{live.kind}s"))]
        themes = [(f"the theme {one}", one.get_absolute_url()) for one in live.themes.all()]
        return [*lists, *super().pages_changed(live), ("what is new", reverse("new")), *themes]

    def prepare(self, name: str, records: list[PublicationRecord]) -> AbstractContextManager[None]:
        if name not in MAKES_PUBLIC:
            return nullcontext()
        return self.model.with_files_read(records)

    @admin.display(description="type", ordering="type")
    def short_type(self, obj: Publication) -> str:
        return obj.short_type


@admin.register(PracticeReview)
class PracticeReviewAdmin(PublicationAdmin[PracticeReview]):
    search_fields = [
        "title",
        "pseudonym",
        "child_reference",
        "aliases",
        "listed_as",
        "summary",
    ]
    search_help_text = "Words in the title, the names and references, or the summary"
    fieldsets = [
        (
            "The review",
            {
                "fields": [
                    "type",
                    ("pseudonym", "child_reference"),
                    "aliases",
                    "title",
                    "summary",
                ],
                "description": (
                    "A child is named only by the pseudonym or reference that the review itself "
                    "uses."
                ),
            },
        ),
        ("Dates and authors", {"fields": [("report_date", "completed"), "reviewer", "publisher"]}),
        ("Themes", {"fields": ["themes"]}),
        WHAT_IS_NEW,
        ("For staff", {"fields": FOR_STAFF}),
    ]

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        """Suggest the partnership as publisher: a local review is its own."""
        identity = SiteIdentity.load()
        own = {"publisher": identity.name} if identity.pk else {}
        return {**own, **super().get_changeform_initial_data(request)}

    help_texts = {
        "title": "As printed on the document. Left empty, the pseudonym and reference stand in its "
        "place: Robin (Child R).",
    }


@admin.register(NationalReport)
class NationalReportAdmin(PublicationAdmin[NationalReport]):
    fieldsets = [
        ("The report", {"fields": ["type", "title", "summary", "publisher"]}),
        ("Dates", {"fields": ["report_date", ("covers_from", "covers_to")]}),
        ("Themes", {"fields": ["themes"]}),
        WHAT_IS_NEW,
        ("For staff", {"fields": FOR_STAFF}),
    ]


class CountedTextarea(AdminTextareaWidget):
    """Textarea with a word count; static/js/reading-time.js keeps it up to date."""

    template_name = "admin/widgets/counted_textarea.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, object] | None) -> dict[str, Any]:
        return {**super().get_context(name, value, attrs), "words": count_words([value or ""])}


# The fields that a learning shows as its own text.
COUNTED = ["summary", *Briefing.PARTS]

LEARNING_HELP = {
    "title": "What it is about, in a few words.",
    "report_date": f"The date of the learning. {DATE_HELP}",
}


@admin.register(Briefing)
class BriefingAdmin(PublicationAdmin[Briefing]):
    list_display = ["title", "review", "report_date", "current_state", "changed"]
    list_filter = [StateFilter, ("themes", UsedOnlyFilter), SuggestedThemesFilter, YearFilter]
    # Filters of other apps, which mscp.site registers: the library does not know courses.
    filters_of_other_apps: ClassVar[list[type[admin.SimpleListFilter]]] = []
    list_select_related = ["updated_by", "review"]
    help_texts = LEARNING_HELP
    autocomplete_fields = ["themes", "review"]
    readonly_fields = [*PublicationAdmin.readonly_fields, "reading_time"]
    fieldsets = [
        ("The learning", {"fields": ["title", "summary", "review", "report_date", "publisher"]}),
        (
            "The seven parts",
            {
                "fields": ["reading_time", *Briefing.PARTS],
                "description": (
                    "Each part is short: together they are read in seven minutes. Leave all empty "
                    "when the learning is a document only. A blank line starts a paragraph, - a "
                    "list item."
                ),
            },
        ),
        ("Themes", {"fields": ["themes"]}),
        WHAT_IS_NEW,
        ("For staff", {"fields": FOR_STAFF}),
    ]

    class Media:
        js = ["js/reading-time.js"]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [*super().get_list_filter(request), *self.filters_of_other_apps]

    def formfield_for_dbfield(
        self, db_field: ModelField, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        if db_field.name in COUNTED:
            kwargs["widget"] = CountedTextarea(attrs={"rows": 5})
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description="reading time")
    def reading_time(self, obj: Briefing) -> str:
        return render_to_string(
            "admin/reviews/reading_time.html",
            {
                "time": obj.reading_time,
                "minute": WORDS_A_MINUTE,
                "most": MOST_WORDS,
                "nothing": NOTHING_WRITTEN,
                "within": WITHIN,
                "too_long": TOO_LONG,
            },
        )

    def save_model(
        self, request: HttpRequest, obj: Briefing, form: "forms.ModelForm[Briefing]", change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        time = obj.reading_time
        # Every other button leads to a page that shows it anyway.
        if obj.has_own_text and {"_save", "_addanother"} & set(request.POST):
            level = messages.WARNING if time.is_too_long else messages.INFO
            self.message_user(request, time.sentence, level)


@admin.register(Publication)
class AnyPublicationAdmin(FoldedSearch, ModelAdmin[Publication]):
    """Registered only for the autocomplete of publications of any kind."""

    search_fields = ["title", "start_words"]
    ordering = ["title"]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Publication]:
        return visible_to(request.user).order_by(*self.ordering)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Publication | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Publication | None = None) -> bool:
        return False


class OpenFindingsFilter(RowsFilter[DocumentQuerySet]):
    title = "findings about privacy"
    parameter_name = "findings"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("open", "To settle")]

    def narrow(self, rows: DocumentQuerySet, value: str | None) -> DocumentQuerySet:
        return rows.with_open_findings() if value == "open" else rows


class LostCorrectionsFilter(RowsFilter[DocumentQuerySet]):
    title = "corrections"
    parameter_name = "corrections"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("lost", "Lost with a new file")]

    def narrow(self, rows: DocumentQuerySet, value: str | None) -> DocumentQuerySet:
        return rows.with_lost_corrections() if value == "lost" else rows


@admin.register(Document)
class DocumentAdmin(TakesInFiles[Document], TrackedAdmin[Document]):
    """All documents together, to check addresses and to find one; they are added inside their
    publication.
    """

    form = DocumentForm
    record_field = "documents"
    parent_field = "publication"
    list_display = ["title", "kind", "publication", "source", "checked", "changed"]
    list_filter = [
        "url_checked",
        missing_filter("url", "source", "File", "Address elsewhere"),
        OpenFindingsFilter,
        LostCorrectionsFilter,
        "kind",
    ]
    list_select_related = ["publication", "updated_by", "file"]
    show_full_result_count = False
    search_fields = ["title", "publication__title", "url"]
    search_help_text = "Words in the title of the document or its publication, or the address"
    fieldsets = [
        (None, {"fields": ["publication", ("kind", "title"), "file"]}),
        (
            "Address elsewhere",
            {
                "fields": [
                    "url",
                    ("leads_to_file", "leads_to_list"),
                    ("url_checked", "url_checked_on"),
                ]
            },
        ),
        (None, {"fields": [("dated", "pages"), ("language", "position")]}),
        ("Accessibility", {"fields": ["is_exempt", "exemption_reason"]}),
        ("Record", {"fields": ["made", "changed"]}),
    ]
    readonly_fields = ["publication", "made", "changed"]
    actions = ["mark_checked"]

    def timeline_sources(self, request: HttpRequest, key: int) -> list[Source]:
        return [DocumentSource(is_part=False, id=key), ClearanceSource(is_part=False, id=key)]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Document | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self._may(request, obj)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Document]:
        """Leave those of proposed changes out of the list: they would stand there twice."""
        documents = super().get_queryset(request)
        match = request.resolver_match
        in_list = match is not None and str(match.url_name).endswith("_changelist")
        return documents.filter(publication__revises=None) if in_list else documents

    def _may(self, request: HttpRequest, obj: Document | None) -> bool:
        return obj is None or may_change(request.user, obj.publication, obj.publication.kind_model)

    def why_not(self, request: HttpRequest, record: Document) -> str:
        return who_changed_its_state(_own_kind(record), name="its publication")

    def offers(
        self, request: HttpRequest, key: str, record: Document | None, kept: Autosave
    ) -> list[Offer]:
        offered = super().offers(request, key, record, kept)
        if record is None:
            return offered
        publication = _own_kind(record)
        its_admin: Any = self.admin_site._registry[type(publication)]
        if not its_admin.may_propose(request, publication):
            return offered
        address = its_admin.address_of("propose", publication)
        return [Offer("Propose a change of its publication", address), *offered]

    @admin.display(description="is")
    def source(self, obj: Document) -> str:
        if obj.file is None:
            return "Elsewhere"
        return format_html('<a href="{}">File, its report</a>', report_address(obj.file))

    @admin.display(description="address checked", ordering="url_checked")
    def checked(self, obj: Document) -> str:
        if not obj.url:
            return "–"
        return "Yes" if obj.url_checked else "No"

    @admin.action(description="I opened them today: the address is right", permissions=["change"])
    def mark_checked(self, request: HttpRequest, queryset: QuerySet[Document]) -> None:
        chosen = list(queryset.exclude(url=""))
        done = 0
        with transaction.atomic():
            for document in self.lock(chosen):
                publication = document.publication
                if may_handle(request.user, publication, publication.kind_model):
                    document.url_checked = True
                    document.url_checked_on = clock.today()
                    set_author(document, request.user)
                    document.save()
                    done += 1
        if done:
            self.message_user(request, f"{done} marked as checked today.")
        if refused := len(chosen) - done:
            message = f"{refused} not marked: they belong to what is live. Ask a publisher."
            self.message_user(request, message, messages.WARNING)


def _own_kind(document: Document) -> Publication:
    """Return its publication as the review, report or learning that it is."""
    publication = document.publication
    own: Publication = publication.kind_model._default_manager.get(pk=publication.pk)
    return own


class WithoutLearningFilter(RowsFilter[ThemeQuerySet]):
    title = "gap in the chain"
    parameter_name = "gap"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("no-learning", "Reviews, but no learning")]

    def narrow(self, rows: ThemeQuerySet, value: str | None) -> ThemeQuerySet:
        return rows.without_learning() if value == "no-learning" else rows


@admin.register(ListLink)
class ListLinkAdmin(WithoutDraftAdmin[ListLink]):
    list_display = ["text", "kind", "address", "position", "changed"]
    list_filter = ["kind"]
    list_select_related = ["updated_by"]
    search_fields = ["text", "address"]
    fieldsets = [
        (None, {"fields": ["kind", "text", "address", "position"]}),
        ("Record", {"fields": ["made", "changed"]}),
    ]
    readonly_fields = ["made", "changed"]


def _known_groups() -> Iterable[str]:
    groups = Theme.objects.exclude(group="").order_by("group")
    return groups.values_list("group", flat=True).distinct()[:50]


class ThemeForm(TrackedForm[Theme]):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "group" in self.fields:
            self.fields["group"].widget = SuggestingTextInput(
                _known_groups, attrs={"class": "vTextField"}
            )


@admin.register(Theme)
class ThemeAdmin(MergesAdmin[Theme], WithoutDraftAdmin[Theme]):
    form = ThemeForm
    list_display = ["name", "group", "position", "used", "changed"]
    # The order of themes is their own: the arrows of three columns would be too small to press.
    sortable_by = ["changed"]
    list_filter = [WithoutLearningFilter]
    list_select_related = ["updated_by"]
    search_fields = ["name", "description"]
    fieldsets = [
        (None, {"fields": ["name", "description", "group", "position"]}),
        ("Record", {"fields": ["address", "made", "changed"]}),
    ]
    readonly_fields = ["address", "made", "changed"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.starter_view)
        return [path("common/", view, name="reviews_theme_starter"), *super().get_urls()]

    def starter_view(self, request: HttpRequest) -> HttpResponse:
        """Offer the list of common themes, and add those that are ticked."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = StarterThemesForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            added = form.save(request.user)
            word = "theme was" if added == 1 else "themes were"
            self.message_user(request, f"{added} {word} added.")
            return redirect("admin:reviews_theme_changelist")
        context = {"title": "Common themes", "opts": self.opts, "form": form}
        return TemplateResponse(
            request,
            "admin/reviews/theme/starter.html",
            {**self.admin_site.each_context(request), **context},
        )

    def get_queryset(self, request: HttpRequest) -> QuerySet[Theme]:
        themes: Any = super().get_queryset(request)
        counted: QuerySet[Theme] = themes.with_use()
        return counted

    @admin.display(description="used by")
    def used(self, obj: Theme) -> str:
        return obj.use_in_words

    def has_delete_permission(self, request: HttpRequest, obj: Theme | None = None) -> bool:
        """Refuse to delete a theme in use: it would disappear from every page at once."""
        return super().has_delete_permission(request, obj) and not (obj and obj.is_used)

    def view_on_site(self, obj: Theme) -> str:
        return obj.get_absolute_url()
