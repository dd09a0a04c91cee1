"""ModelAdmin base: sets authors, records history, and never loses typed work."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, TypeVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.contrib.admin.views.main import PAGE_VAR
from django.contrib.admin.widgets import (
    AdminFileWidget,
    AdminTextareaWidget,
    AutocompleteMixin,
    AutocompleteSelect,
    AutocompleteSelectMultiple,
    RelatedFieldWidgetWrapper,
)
from django.core.exceptions import FieldDoesNotExist, PermissionDenied, ValidationError
from django.db import DatabaseError, models
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from simple_history.models import HistoricalChanges
from simple_history.template_utils import HistoricalRecordContextHelper, ModelChange
from simple_history.utils import get_m2m_reverse_field_name

from mscp.editing.autosave import TAKEN_BACK, UNAVAILABLE, AutosavingAdmin, refuse_as
from mscp.editing.deletion import consequences_of
from mscp.editing.fields import FormattedText, TypedDate, TypedText, TypedTime, remove_maxlength
from mscp.editing.generic import AdminMixin, HistoryAdmin, ModelField, ModelForm, RowsFilter
from mscp.editing.held_uploads import ShowsHeldFile, hold_chosen, say_which_are_gone, show_held
from mscp.editing.identifiers import NewIdentifiers
from mscp.editing.own_field import at_own_field
from mscp.editing.questions import AsksIfRight, ConfirmedField, Question
from mscp.editing.searching import FoldedSearch
from mscp.editing.timeline import (
    Entry,
    HistorySource,
    Source,
    WayBack,
    can_be_taken,
    timeline_page,
)
from mscp.files.sizes import MostBytes, attributes
from mscp.publishing.gate import State, StoredState
from mscp.publishing.pending import ONE_AT_A_TIME, WithoutDraft
from mscp.records.audit import Tracked, set_author
from mscp.records.locking import lock, lock_all
from mscp.records.moments import moment_in_short, moment_in_words
from mscp.typing import AnyUser
from mscp.web.unavailable import BUSY, NO_ROOM, Fault, fault_of, mark

LONGEST_SAVED_VALUE = 120
LONGEST_CHANGE = 600
_REFILLED = {fault.name: fault for fault in (BUSY, NO_ROOM, TAKEN_BACK)}
# From this number of characters on, a text field gets a tall box.
LONG_TEXT = 10_000
# What a database accepts as a primary key.
KEY = re.compile("[0-9]{1,18}")

Record = TypeVar("Record", bound=Tracked)


class TrackedForm(AsksIfRight, ModelForm[Record]):
    """Optimistic locking: refuses, once, to overwrite what was saved after this form was opened.

    What was typed stays in the form, beside the saved values; saving again keeps the typed.
    """

    opened_version = forms.IntegerField(required=False, widget=forms.HiddenInput)
    confirmed = ConfirmedField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["opened_version"].initial = self.instance.version
        show_held(self)

    @property
    def changed_data(self) -> list[str]:
        return [name for name in super().changed_data if name != "opened_version"]

    def questions(self) -> Iterator[Question]:
        yield from super().questions()
        # Those of the last time the form was checked, which are settled when it is saved.
        self.new_identifiers = NewIdentifiers(self)
        yield from self.new_identifiers.questions()

    def settle_identifiers(self, user: AnyUser) -> None:
        self.new_identifiers.settle(user)

    @property
    def fault(self) -> Fault | None:
        """The fault that prevented saving: the form is only shown again, with what was typed."""
        return _REFILLED.get(self.data.get(UNAVAILABLE, ""))

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        say_which_are_gone(self)
        for name, field in self.fields.items():
            if isinstance(field, FormattedText) and name not in self.changed_data:
                # Saving another field writes no text anew that nobody has touched.
                self.cleaned_data[name] = self.get_initial_for_field(field, name) or ""
        if fault := self.fault:
            if self.prefix is None:
                typed = "Nothing you typed is lost: it is below."
                sentences = f"{fault.heading}. {fault.sentence} {typed}"
                self.add_error(None, ValidationError(sentences, fault.name))
            return cleaned
        if isinstance(self.instance, WithoutDraft):
            changed = {name: self.cleaned_data.get(name) for name in self.changed_data}
            if self.instance.waits(changed):
                self.add_error(None, ValidationError(ONE_AT_A_TIME, code="waits"))
        opened = self.cleaned_data.get("opened_version")
        if self.instance.pk and opened is not None and self.changed_data:
            saved = self._saved_now()
            if saved is not None and saved.version != opened:
                # The next attempt is made with knowledge of what is saved now.
                again: Any = self.data
                self.data = again = again.copy()
                again[self.add_prefix("opened_version")] = str(saved.version)
                self.add_error(
                    None, ValidationError(self._conflict_message(saved), code="changed_meanwhile")
                )
        return cleaned

    def add_error(self, field: str | None, error: Any) -> None:
        if field is None and isinstance(error, ValidationError):
            error = at_own_field(self, error)
        super().add_error(field, error)

    def _saved_now(self) -> Record | None:
        return lock(self.instance)

    def _conflict_message(self, saved: Record) -> str:
        who = saved.updated_by or "Somebody"
        when = moment_in_words(saved.updated_at)
        message = format_html(
            "{} changed this on {}, after you had opened it. Nothing you typed is lost: it is "
            "below. Saving again keeps yours. It differs from what is saved now in:",
            who,
            when,
        )
        rows = [
            (self.fields[name].label or name, _short(self.initial.get(name)))
            for name in self.changed_data
        ]
        return message + format_html(
            "<ul>{}</ul>", format_html_join("", "<li>{} (saved now: {})</li>", rows)
        )


def _short(value: object) -> str:
    if isinstance(value, list | tuple | models.QuerySet):
        value = ", ".join(str(item) for item in value)
    text = " ".join(str(value if value not in (None, "") else "empty").split())
    return text if len(text) <= LONGEST_SAVED_VALUE else f"{text[:LONGEST_SAVED_VALUE]}…"


class GatedFileInput(ShowsHeldFile, AdminFileWidget):
    """Links to a stored file by its own gated address; its storage path has no URL."""

    template_name = "admin/widgets/gated_file.html"

    def get_context(self, name: str, value: Any, attrs: dict[str, object] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        if self.is_initial(value):
            context["widget"] |= {
                "address": value.instance.file_address,
                "file_text": value.instance.file_text,
            }
        return context

    def is_initial(self, value: object) -> bool:
        """Return whether the record has a file; the storage may have lost it."""
        return bool(value and getattr(value, "instance", None))


# Form fields and their error messages in every form and inline.
FIELDS: "dict[type[ModelField], dict[str, object]]" = {
    models.TextField: {
        "form_class": TypedText,
        "widget": AdminTextareaWidget(attrs={"rows": 5}),
    },
    models.FileField: {"widget": GatedFileInput},
    models.ImageField: {"widget": GatedFileInput},
    models.DateField: {"form_class": TypedDate},
    models.TimeField: {"form_class": TypedTime},
    # A URL typed without its scheme is taken to be https.
    models.URLField: {"assume_scheme": "https"},
}


class _OnlyKeys(AutocompleteMixin):
    """Renders the chosen values that can be keys; Django's widget fails on any other.

    The field has refused the others by then.
    """

    def optgroups(
        self, name: str, value: Sequence[object], attr: dict[str, object] | None = None
    ) -> list[tuple[str | None, list[dict[str, Any]], int | None]]:
        keys = [str(one) for one in value if KEY.fullmatch(str(one))]
        return super().optgroups(name, keys, attr)


class _ChosenOne(_OnlyKeys, AutocompleteSelect):
    pass


class _ChosenMany(_OnlyKeys, AutocompleteSelectMultiple):
    pass


class TrackedFields(AdminMixin[Record]):
    """Mixin of ModelAdmin and inlines: adds the opened version to every form."""

    form: "type[TrackedForm[Record]]" = TrackedForm
    formfield_overrides = FIELDS
    # By the name of the field: what a file may have at most.
    file_sizes: Mapping[str, tuple[MostBytes, ...]] = {}

    def formfield_for_dbfield(
        self, db_field: ModelField, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        is_formatted = db_field.name in self.model.FORMATTED
        if is_formatted:
            kwargs["form_class"] = FormattedText
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if not field:
            return field
        if is_formatted:
            # static/js/formatted.js shows it beside the box.
            shape = "list" if db_field.name in self.model.LISTED else ""
            field.widget.attrs |= {
                "data-formatted": reverse("admin:formatted"),
                "data-pasted": reverse("admin:pasted"),
                "data-shape": shape,
            }
        if limits := self.file_sizes.get(db_field.name):
            field.widget.attrs |= attributes(*limits)
        remove_maxlength(field)
        if isinstance(field.widget, RelatedFieldWidgetWrapper):
            # Removing a relation must not be next to deleting the related record.
            field.widget.can_delete_related = False
        if isinstance(db_field, models.TextField) and (db_field.max_length or 0) >= LONG_TEXT:
            field.widget.attrs["rows"] = 20
        return field

    def formfield_for_foreignkey(
        self, db_field: "models.ForeignKey[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "forms.ModelChoiceField[models.Model] | None":
        self._choose_widget(_ChosenOne, db_field, request, kwargs)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def _choose_widget(
        self,
        widget: type[_OnlyKeys],
        db_field: ModelField,
        request: HttpRequest,
        kwargs: dict[str, Any],
    ) -> None:
        if db_field.name in self.get_autocomplete_fields(request):
            using = kwargs.get("using")
            kwargs.setdefault("widget", widget(db_field, self.admin_site, using=using))

    def formfield_for_manytomany(
        self, db_field: "models.ManyToManyField[Any, Any]", request: HttpRequest, **kwargs: Any
    ) -> "forms.ModelMultipleChoiceField[models.Model] | None":
        self._choose_widget(_ChosenMany, db_field, request, kwargs)
        field = super().formfield_for_manytomany(db_field, request, **kwargs)
        if field and isinstance(field.widget, AutocompleteSelectMultiple):
            # Without the cross that clears all, which would break the list for screen readers;
            # each chosen value has a cross of its own.
            field.widget.is_required = True
        return field

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        # Staff with view permission only get no form, so nothing is sent back.
        check: Any = self
        if not (check.has_change_permission(request, obj) or check.has_add_permission(request)):
            return fieldsets
        return [*fieldsets, (None, {"fields": ["opened_version", "confirmed"]})]


def missing_filter(
    field: str,
    about: str,
    empty: str,
    filled: str,
    *,
    condition: Q = Q(),  # noqa: B008
) -> type[admin.SimpleListFilter]:
    """Return a list filter for records with and without a value."""

    class Missing(RowsFilter[models.QuerySet[models.Model]]):
        title = about
        parameter_name = f"{field}_missing"

        def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
            return [("yes", empty), ("no", filled)]

        def narrow(
            self, rows: models.QuerySet[models.Model], value: str | None
        ) -> models.QuerySet[models.Model]:
            # A column that may be NULL holds that where nothing is given; any other is text.
            may_be_null = rows.model._meta.get_field(field).null
            without = Q((field, None if may_be_null else "")) & condition
            if value == "yes":
                return rows.filter(without)
            return rows.exclude(without) if value == "no" else rows

    return Missing


class ChangedByMeFilter(RowsFilter[models.QuerySet[Any]]):
    """What somebody changed at any time, as the history tells."""

    title = "who changed it"
    parameter_name = "changed-by"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("me", "Me")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        if self.value() != "me":
            return queryset
        key = queryset.model._meta.pk.attname
        mine = queryset.model.history.filter(history_user=request.user.pk)
        return queryset.filter(pk__in=mine.order_by().values(key))


class HistoryInWords(HistoricalRecordContextHelper):
    """Formats old and new values as forms do: labels of choices, London time, plain lists."""

    def prepare_delta_change_value(self, change: ModelChange, value: object) -> object:
        value = super().prepare_delta_change_value(change, value)
        if value in (None, "", []):
            return "empty"
        if isinstance(value, list):
            return ", ".join(str(item) for item in value)
        if isinstance(value, datetime):
            return moment_in_words(value)
        if change.field == "state" and value == StoredState.PUBLISHED:
            record = self.record if value == change.new else self._before()
            ahead = record and record.published_at and record.published_at > record.history_date
            return State.SCHEDULED.label if ahead else State.PUBLISHED.label
        choices = getattr(self.model._meta.get_field(change.field), "choices", None)
        return str(dict(choices).get(value, value)) if choices else value

    # The state before, where it has been read.
    previous: Any = None

    def _before(self) -> Any:
        return self.previous or self.record.prev_record


def _earlier_value(entry: Any, field: Any) -> Any:
    """Return what a record had at an entry of its history, as a form has it at first."""
    if not field.many_to_many:
        return getattr(entry, field.attname)
    column = f"{get_m2m_reverse_field_name(field)}_id"
    return list(getattr(entry, field.name).order_by(column).values_list(column, flat=True))


class HasPage(Protocol):
    """A record with an address of its own."""

    @property
    def pk(self) -> object: ...

    def get_absolute_url(self) -> str: ...


class TrackedAdmin(
    FoldedSearch, AutosavingAdmin[Record], TrackedFields[Record], HistoryAdmin[Record]
):
    """Base of the ModelAdmin of all our own models."""

    list_per_page = 50
    # The foreign key to the record whose state decides who may change this one.
    parent_field = ""
    empty_value_display = "none"

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Record | None = None,
    ) -> HttpResponse:
        if context.get("errors"):
            rows = [form for one in context["inline_admin_formsets"] for form in one.formset.forms]
            hold_chosen(request, [context["adminform"].form, *rows])
        context["more_tools"] = self.more_tools(request, obj) if obj else []
        if obj and request.method == "GET" and "take_back" in request.GET:
            self._take_back(request, context, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def more_tools(self, request: HttpRequest, obj: Record) -> list[tuple[str, str]]:
        """Return label and address of what can be done with a record beside its form."""
        return []

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show a form again, filled in, if the database is locked or the disk full.

        The second pass only reads, outside a transaction, which on SQLite would wait for the lock
        once more.
        """
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except (DatabaseError, OSError) as error:
            fault = fault_of(error)
            if fault is None or fault.name not in _REFILLED or request.method != "POST":
                raise
            refuse_as(fault, request)
            response = self._changeform_view(request, object_id, form_url, extra_context)
            mark(response, request, fault, error)
            return response

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Record | None:
        """Read a record; for a submitted form, lock it first, so that nobody changes it meanwhile.

        What is read before the lock could be saved over what somebody else saved meanwhile: a
        withdrawal would be undone silently.
        """
        try:
            obj = super().get_object(request, object_id, from_field)
            is_only_read = request.method != "POST" or hasattr(request, "unavailable")
            if obj is None or is_only_read:
                return obj
            chosen = request.POST.get(self.parent_field, "")
            self.lock([obj], parents=[int(chosen)] if KEY.fullmatch(chosen) else [])
            return super().get_object(request, object_id, from_field)
        except OverflowError:
            return None

    def lock(self, records: list[Record], *, parents: Iterable[int] = ()) -> list[Record]:
        """Lock records and return them as they are now; their parents first, as their form does.

        ``parents`` are the keys of the parents that a form assigns.
        """
        return lock_all(records, parent_field=self.parent_field, parents=parents)

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        record = context["object"]
        context |= {
            "consequences": consequences_of(record),
            "warnings": self.warnings_of_deletion(record),
        }
        return super().render_delete_form(request, context)

    def warnings_of_deletion(self, record: Record) -> list[str]:
        """Return what else somebody should know before deleting a record."""
        return []

    def timeline_sources(self, request: HttpRequest, key: int) -> list[Source]:
        """Return where the timeline's entries come from; a subclass adds those of parts."""
        own = HistorySource(
            self.model,
            lambda record: self.get_historical_record_context_helper(request, record),
            may_take_back=True,
            **{self.model._meta.pk.attname: key},
        )
        return [own]

    def history_view(
        self,
        request: HttpRequest,
        object_id: str,
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Show the timeline of a record and its parts, also of one that was deleted."""
        if not KEY.fullmatch(unquote(object_id)):
            raise Http404
        key = int(unquote(object_id))
        obj: Any = self.get_queryset(request).filter(pk=key).first()
        history: Any = self.model.history
        kept = obj or history.filter(**{self.model._meta.pk.attname: key}).first()
        if kept is None:
            raise Http404
        shown = obj or kept.instance
        check: Any = self
        if not check.has_view_history_or_change_history_permission(request, shown):
            raise PermissionDenied
        page = timeline_page(self.timeline_sources(request, key), request.GET.get(PAGE_VAR))
        if obj is not None:
            self._set_ways_back(request, obj, page.object_list)
        context = {
            **self.admin_site.each_context(request),
            "title": f"History: {shown}",
            "opts": self.opts,
            "object": shown,
            "is_deleted": obj is None,
            "page": page,
            "page_var": PAGE_VAR,
            "page_range": page.paginator.get_elided_page_range(page.number),
            **(extra_context or {}),
        }
        return TemplateResponse(request, "admin/timeline.html", context)

    def _set_ways_back(self, request: HttpRequest, obj: Record, entries: Iterable[Entry]) -> None:
        """Say of each change whose earlier value can be taken back where that is done."""
        offered = [
            (entry, change) for entry in entries for change in entry.changes if change.take_back
        ]
        ways = self.ways_back(request, obj) if offered else {}
        for entry, change in offered:
            if (way := ways.get(entry.part)) and entry.before:
                query = {"take_back": change.take_back, "from": str(entry.before)}
                change.way_back = way._replace(query={**way.query, **query})

    def ways_back(self, request: HttpRequest, obj: Record) -> dict[int | None, WayBack]:
        """Return where values of a record are taken back, and under their keys those of parts."""
        check: Any = self
        if not check.has_change_permission(request, obj):
            return {}
        return {None: WayBack(self._form_address(obj.pk), {})}

    def _form_address(self, key: object) -> str:
        return reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_change", args=[key])

    def earlier_of(self, obj: Record) -> list[int]:
        """Return the keys of the records whose earlier values can be taken into a form of one."""
        revised = getattr(obj, "revises_id", None)
        return [obj.pk, *([revised] if revised else [])]

    def _take_back(self, request: HttpRequest, context: dict[str, Any], obj: Record) -> None:
        """Put an earlier value into the form, where it is read and saved like any other."""
        name, key = request.GET.get("take_back", ""), request.GET.get("from", "")
        form = context["adminform"].form
        if name not in form.fields or not KEY.fullmatch(key):
            return
        model: Any = self.model
        own = {f"{model._meta.pk.attname}__in": self.earlier_of(obj)}
        earlier = model.history.filter(history_id=key, **own).first()
        try:
            field: Any = model._meta.get_field(name)
        except FieldDoesNotExist:
            return
        if earlier is None or not can_be_taken(field):
            return
        label = form.fields[name].label or name
        sentence = f"“{label}” stands below as it was before. Nothing is saved yet."
        form.initial[name] = value = _earlier_value(earlier, field)
        if field.is_relation:
            keys = value if isinstance(value, list) else [value]
            there = set(form.fields[name].queryset.filter(pk__in=keys).values_list("pk", flat=True))
            if there != set(keys):
                sentence += " What was deleted since, or is not yours to choose, is not among it."
            kept = [one for one in keys if one in there]
            form.initial[name] = kept if field.many_to_many else next(iter(kept), None)
        self.message_user(request, sentence, messages.WARNING)

    def get_historical_record_context_helper(
        self, request: HttpRequest, historical_record: HistoricalChanges
    ) -> HistoryInWords:
        return HistoryInWords(
            self.model, historical_record, max_displayed_delta_change_chars=LONGEST_CHANGE
        )

    def history_form_view(self, *args: object, **kwargs: object) -> HttpResponse:
        """Raise 404: saving an old version as a form would bypass the publish permission."""
        raise Http404

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        title = capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        return [*super().get_list_filter(request), ChangedByMeFilter]

    def get_actions(
        self, request: HttpRequest
    ) -> dict[str, tuple[Callable[..., str], str, str] | None]:
        actions = super().get_actions(request)
        # Deletion is for one record at a time, with its own page and its own rule.
        actions.pop("delete_selected", None)
        return actions

    def save_model(
        self, request: HttpRequest, obj: Record, form: "forms.ModelForm[Record]", change: bool
    ) -> None:
        set_author(obj, request.user)
        _settle_identifiers(form, request.user)
        super().save_model(request, obj, form, change)

    def save_formset(
        self,
        request: HttpRequest,
        form: "forms.ModelForm[Record]",
        formset: "forms.BaseModelFormSet[Tracked, forms.ModelForm[Tracked]]",
        change: bool,
    ) -> None:
        for row in formset.forms:
            _settle_identifiers(row, request.user)
        for obj in formset.save(commit=False):
            set_author(obj, request.user)
            obj.save()
        for obj in formset.deleted_objects:
            obj.delete()
        formset.save_m2m()

    @admin.display(description="last changed", ordering="-updated_at")
    def changed(self, obj: Record) -> str:
        return _when_and_who(obj.updated_at, obj.updated_by) if obj.pk else "–"

    @admin.display(description="made")
    def made(self, obj: Record) -> str:
        return _when_and_who(obj.created_at, obj.created_by) if obj.pk else "–"

    @admin.display(description="address of its page")
    def address(self, obj: HasPage) -> str:
        if not obj.pk:
            return "Made from the title or name at the first save; it never changes after."
        # A proposed change has none of its own: it is applied to the page that is there.
        live = getattr(obj, "revises", None)
        return (live or obj).get_absolute_url()


def _settle_identifiers(form: Any, user: AnyUser) -> None:
    """Settle what was confirmed in a form, if it is one of ours and is to be saved."""
    if isinstance(form, TrackedForm) and form.has_changed():
        form.settle_identifiers(user)


def _when_and_who(moment: datetime, user: object) -> str:
    """Write a moment by London's clock and, where it is known, who acted."""
    when = moment_in_short(moment)
    return f"{when}, {user}" if user else when
