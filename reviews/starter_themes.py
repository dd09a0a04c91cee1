"""Starter themes: a list of common ones, of which a new site ticks those that it needs."""

from typing import NamedTuple

from django import forms
from django.db import transaction

from mscp.publishing.approvals import shipped_content
from mscp.records.audit import set_author
from mscp.records.history import because
from mscp.text.folding import folded
from mscp.typing import AnyUser
from reviews.models import Theme

# In groups, as they stand on the home page.
STARTER_THEMES = {
    "Babies": [
        "Before birth",
        "Babies in their first year",
        "Bruises and injuries in babies",
        "Safer sleep",
    ],
    "Harm at home": [
        "Neglect",
        "Physical abuse",
        "Emotional abuse",
        "Sexual abuse in the family",
        "Domestic abuse",
        "Parents and mental health",
        "Parents, alcohol and drugs",
        "Fabricated or induced illness",
    ],
    "Harm outside the home": [
        "Sexual exploitation",
        "Criminal exploitation",
        "Serious violence",
        "Harm between children",
        "Harm online",
        "Missing children",
        "Radicalisation",
    ],
    "Children who need more": [
        "Disabled children",
        "Mental health of children",
        "Suicide and self-harm",
        "Children in care and care leavers",
        "Children out of school",
        "Young carers",
        "Children who came alone from abroad",
    ],
    "How we work": [
        "The child's voice",
        "Professional curiosity",
        "Sharing information",
        "Working across agencies",
        "Children who were not brought",
        "Disagreements between professionals",
        "Fathers and other men",
        "Culture, faith and identity",
        "Moves between places and services",
    ],
}
NOTHING_TICKED = "Tick at least one theme."


class Choice(NamedTuple):
    name: str
    exists: bool
    """Whether the site has it already, in whatever capitals."""
    ticked: bool


class StarterThemesForm(forms.Form):
    """The themes to add. Those that exist can be neither ticked nor added twice."""

    themes = forms.MultipleChoiceField(
        choices=[(name, name) for names in STARTER_THEMES.values() for name in names],
        error_messages={
            "required": NOTHING_TICKED,
            "invalid_choice": "“%(value)s” is not in this list.",
        },
    )

    def groups(self) -> list[tuple[str, list[Choice]]]:
        existing = set(map(folded, Theme.objects.values_list("name", flat=True)))
        ticked = self.data.getlist("themes") if self.is_bound else []  # type: ignore[attr-defined]
        return [
            (group, [Choice(name, folded(name) in existing, name in ticked) for name in names])
            for group, names in STARTER_THEMES.items()
        ]

    def save(self, author: AnyUser) -> int:
        """Add the ticked themes that do not exist, in the order of the list; return how many."""
        added = 0
        with transaction.atomic():
            existing = set(map(folded, Theme.objects.values_list("name", flat=True)))
            position = 0
            for group, names in STARTER_THEMES.items():
                for name in names:
                    position += 10
                    if name in self.cleaned_data["themes"] and folded(name) not in existing:
                        theme = Theme(name=name, group=group, position=position)
                        set_author(theme, author)
                        # Whose words are shipped with the site.
                        with shipped_content():
                            because(theme, "Ticked in the list of common themes").save()
                        added += 1
        return added
