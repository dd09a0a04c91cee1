"""Suggested themes: those that a program inferred, until an editor confirms them.

They count for readers as any other theme does. Only staff see which they are.
"""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from mscp.editing.admin import Record, TrackedForm
from mscp.editing.generic import ModelAdminMixin, RowsFilter
from mscp.editing.publishing import may_handle
from mscp.records.history import note
from reviews.models import Theme

FIELD = "confirmed_themes"
# In the history, of which no field changed.
CONFIRMED = "Suggested themes confirmed"
SECTION: tuple[str, Any] = (
    "Suggested themes",
    {
        "fields": [FIELD],
        "description": (
            "A program set these when the site was set up, from the title alone. Tick those that "
            "are right, then save: saving without a tick confirms nothing. Take a wrong one out "
            "of the themes above."
        ),
    },
)


def suggested_themes_of(record: Any) -> list[Theme]:
    """Return the suggested themes of a publication or course, read once for each object."""
    if not record.pk:
        return []
    if not hasattr(record, "_suggested_themes"):
        record._suggested_themes = list(record.suggested_themes.all())
    found: list[Theme] = record._suggested_themes
    return found


class ConfirmsThemesForm(TrackedForm[Record]):
    """Form of a record with themes: a tick confirms a suggested one."""

    confirmed_themes = forms.ModelMultipleChoiceField(
        queryset=Theme.objects.none(),
        required=False,
        label="These are right",
        widget=forms.CheckboxSelectMultiple,
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if suggested := suggested_themes_of(self.instance):
            choices = Theme.objects.filter(pk__in=[theme.pk for theme in suggested])
            self.fields[FIELD].queryset = choices  # type: ignore[attr-defined]
        else:
            del self.fields[FIELD]


class SuggestedThemesFilter(RowsFilter["QuerySet[Any]"]):
    title = "suggested themes"
    parameter_name = "suggested"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("yes", "To confirm")]

    def narrow(self, rows: "QuerySet[Any]", value: str | None) -> "QuerySet[Any]":
        return with_suggested_themes(rows) if value == "yes" else rows


def with_suggested_themes(rows: "QuerySet[Any]") -> "QuerySet[Any]":
    """Filter by records of which a theme is suggested and not confirmed."""
    field = rows.model._meta.get_field("suggested_themes")
    links = field.remote_field.through._default_manager.order_by()
    return rows.filter(pk__in=links.values(field.m2m_column_name()))


class ConfirmsThemes(ModelAdminMixin[Record]):
    """Mixin of the admin of records with themes, before that which checks who may change them."""

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        fieldsets = super().get_fieldsets(request, obj)
        if not (obj and self.has_change_permission(request, obj) and suggested_themes_of(obj)):
            return fieldsets
        place = next(n for n, (_, one) in enumerate(fieldsets) if "themes" in one["fields"])
        return [*fieldsets[: place + 1], SECTION, *fieldsets[place + 1 :]]

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        # A tick alone changes nothing that a reader sees, so the record does not say it changed.
        if form.changed_data != [FIELD]:
            super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if FIELD in form.cleaned_data:
            still = form.instance.suggested_themes.exclude(pk__in=form.cleaned_data[FIELD])
            chosen = form.instance.themes.values("pk")
            form.instance.suggested_themes.set(still.filter(pk__in=chosen))
            if form.cleaned_data[FIELD]:
                note(form.instance, CONFIRMED)

    @admin.action(description="Confirm their suggested themes: all are right")
    def confirm_themes(self, request: HttpRequest, queryset: "QuerySet[Any]") -> None:
        chosen = list(with_suggested_themes(queryset))
        allowed = [record for record in chosen if may_handle(request.user, record)]
        for record in allowed:
            record.suggested_themes.clear()
            note(record, CONFIRMED)
        if allowed:
            self.message_user(request, f"Themes of {len(allowed)} confirmed.")
        else:
            text = "None of them has suggested themes that you may confirm."
            self.message_user(request, text, messages.WARNING)
        if refused := len(chosen) - len(allowed):
            message = f"{refused} not confirmed: they are live. Ask a publisher."
            self.message_user(request, message, messages.WARNING)

    confirm_themes.allowed_permissions = ["change"]  # type: ignore[attr-defined]
