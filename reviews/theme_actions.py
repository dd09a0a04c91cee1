"""Bulk action of publications and courses: add or remove a theme."""

from typing import Any

from django import forms

from mscp.editing.bulk import BulkAction, BulkForm, Planned, Values, value_of
from reviews.models import Theme

ADD, REMOVE = "add", "remove"
DONE = {ADD: "added", REMOVE: "removed"}


class ThemeForm(BulkForm[Any]):
    do = forms.ChoiceField(
        label="What to do",
        choices=[(ADD, "Add a theme"), (REMOVE, "Remove a theme")],
        initial=ADD,
        widget=forms.RadioSelect,
    )
    theme = forms.ModelChoiceField(
        Theme.objects.order_by("name"), label="Theme", empty_label="Choose a theme"
    )

    def values_for(self, record: Any) -> Values:
        theme: Theme = self.cleaned_data["theme"]
        themes, suggested = (set(value_of(record, name)) for name in ("themes", "suggested_themes"))
        if self.cleaned_data["do"] == ADD:
            themes.add(theme.pk)
        else:
            themes.discard(theme.pk)
            # A suggested theme is one of its themes.
            suggested.discard(theme.pk)
        return {"themes": sorted(themes), "suggested_themes": sorted(suggested)}

    def sentence_for(self, record: Any, plan: Planned) -> str:
        return self.what()

    def what(self) -> str:
        theme: Theme = self.cleaned_data["theme"]
        return f"Theme “{theme}” {DONE[self.cleaned_data['do']]}"


THEMES = BulkAction[Any](
    label="Add or remove a theme of",
    done="given other themes",
    explanation="Choose a theme. What would change is shown first; nothing is done before.",
    form=ThemeForm,
)
