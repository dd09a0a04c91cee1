"""Asks, before it is saved, about a record whose name nearly exists already."""

from collections.abc import Iterable, Iterator
from copy import copy
from typing import Any

from django.forms.models import construct_instance
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from rapidfuzz.distance.Indel import normalized_similarity

from mscp.editing.admin import TrackedForm
from mscp.editing.publishing import PublishedRecord
from mscp.editing.questions import Question
from mscp.publishing.gate import Publishable
from mscp.search.analysis import plain_words

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


def names_of(record: Any) -> tuple[str, list[str]]:
    """Return the title of a record that may not be saved yet, and its names beside it."""
    others = [str(getattr(record, name)) for name in NAMES if hasattr(record, name)]
    return record.title.strip() or getattr(record, "case_name", ""), others


def similar_to(record: Publishable) -> list[tuple[int, str]]:
    """Return key and title of records of the same model and nearly the same name: one query."""
    model: Any = type(record)
    title, own = names_of(record)
    # A proposed change has the name of what it is one to.
    rows = model._default_manager.exclude(pk=record.pk).filter(revises=None).order_by("pk")
    found = []
    for pk, other, *others in rows.values_list("pk", "title", *NAMES[: len(own)]):
        same_names = any(own) and [*map(plain_words, own)] == [*map(plain_words, others)]
        if same_names or is_nearly_the_same(title, other):
            found.append((pk, other))
    return found[:MOST_NAMED]


class AsksAboutSimilar(TrackedForm[PublishedRecord]):
    """Mixin of a form: asks whether a record is another than those of nearly the same name."""

    def questions(self) -> Iterator[Question]:
        yield from super().questions()
        changed = [name for name in ("title", *NAMES) if name in self.changed_data]
        if not changed or self.fault or self.instance.is_proposed_change:
            return
        record = construct_instance(self, copy(self.instance), ["title", *NAMES])
        if similar := similar_to(record):
            options = record._meta
            address = f"admin:{options.app_label}_{options.model_name}_change"
            links = format_html_join(
                ", ",
                '<a href="{}" target="_blank" rel="noopener">{} (in a new window)</a>',
                ((reverse(address, args=[pk]), title) for pk, title in similar),
            )
            title, others = names_of(record)
            sentence = format_html("There is one of nearly the same name already: {}.", links)
            yield Question(
                changed[0], " / ".join([title, *others]), sentence, "Yes, this is another"
            )
