"""Warns, once, that a record of nearly the same name exists already."""

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from rapidfuzz.distance.Indel import normalized_similarity

from mscp.editing.admin import Record, TrackedForm
from mscp.search.analysis import plain_words

SEEN = "similar_seen"
# Of a title with one letter wrong or one short word more; two other titles have less.
NEARLY_THE_SAME = 0.88
MOST_NAMED = 5
# The names of a record, beside its title, where its model has them.
NAMES = ("pseudonym", "child_reference")


def is_nearly_the_same(one: str, other: str) -> bool:
    """Compare two titles, whatever their case, accents and order of words.

    Numbers and single letters tell records apart: "Child A" and "Child B", 2021 and 2022.
    """
    ours, theirs = plain_words(one), plain_words(other)
    if not ours or not theirs or _telling(ours) != _telling(theirs):
        return False
    alike = normalized_similarity(" ".join(sorted(ours)), " ".join(sorted(theirs)))
    return alike >= NEARLY_THE_SAME


def _telling(words: Iterable[str]) -> set[str]:
    return {word for word in words if len(word) == 1 or any(map(str.isdigit, word))}


def similar_to(record: models.Model) -> list[tuple[int, str]]:
    """Return key and title of records of the same model and nearly the same name: one query."""
    model: Any = type(record)
    names = [name for name in NAMES if any(one.name == name for one in model._meta.fields)]
    title = str(getattr(record, "title", "") or record)
    own = [str(getattr(record, name)) for name in names]
    rows = model._default_manager.exclude(pk=record.pk)
    if any(one.name == "revises" for one in model._meta.fields):
        # A proposed change has the name of what it is one to.
        rows = rows.filter(revises=None)
    found = []
    for pk, other, *others in rows.order_by("pk").values_list("pk", "title", *names):
        same_names = any(own) and [plain_words(one) for one in own] == [
            plain_words(one) for one in others
        ]
        if same_names or is_nearly_the_same(title, other):
            found.append((pk, other))
    return found[:MOST_NAMED]


class WarnsOfSimilar(TrackedForm[Record]):
    """Mixin of a form: refuses a name that nearly exists, until it is saved once more.

    Which were named goes with the form, in the message itself.
    """

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        if {"title", *NAMES} & set(self.changed_data) and not self.fault:
            self._warned = True
        return cleaned

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if not getattr(self, "_warned", False) or self.errors:
            return
        if getattr(self.instance, "revises_id", None):
            return
        seen = str(self.data.get(SEEN, "")).split(",")
        similar = similar_to(self.instance)
        if all(str(pk) in seen for pk, _ in similar):
            return
        options = self.instance._meta
        address = f"admin:{options.app_label}_{options.model_name}_change"
        links = format_html_join(
            ", ",
            '<a href="{}" target="_blank" rel="noopener">{} (in a new window)</a>',
            ((reverse(address, args=[pk]), title) for pk, title in similar),
        )
        message = format_html(
            "There is one of nearly the same name already: {}. If this is another, save once more."
            '<input type="hidden" name="{}" value="{}">',
            links,
            SEEN,
            ",".join(str(pk) for pk, _ in similar),
        )
        self.add_error(None, ValidationError(message, code="similar"))
