"""Examples of searches follow what changed, and are those that would be read anew."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from mscp.cache import versions
from mscp.models import SearchSynonym
from mscp.publishing.gate import State
from mscp.site import examples
from mscp.site.examples import OF_MANY, OF_ONE, search_examples
from reviews.filters import LibraryFilterSet
from reviews.models import Document, FileWords, Publication, Theme
from reviews.search import publications as library
from tests.factories import (
    MINIMAL_PDF,
    make_course,
    make_document,
    make_file,
    make_finding,
    make_page,
    make_review,
    make_theme,
    past_the_gate,
    put_in_state,
)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples, "_kept", versions.Kept())


@dataclass
class World:
    """Each example is found for another reason: its own words, a theme, a page of a document."""

    own: Any
    themed: Any
    paged: Any
    theme: Theme
    document: Document
    other: Any
    draft: Any


@pytest.fixture
def world() -> World:
    theme = make_theme(name="Safer sleep")
    paged = make_review(title="Of a document")
    file = make_file(MINIMAL_PDF, pages=["Nothing.", "Years of neglect."])
    world = World(
        own=make_review(title="Bruising"),
        themed=make_review(title="Of a theme", themes=[theme]),
        paged=paged,
        theme=theme,
        document=make_document(paged, file=file),
        other=make_review(title="Another"),
        draft=make_review(title="Fathers and domestic abuse", state=State.DRAFT),
    )
    assert search_examples() == ["bruising", "neglect", "safer sleep"]
    return world


def saved(record: Any, **values: Any) -> None:
    for name, value in values.items():
        setattr(record, name, value)
    record.save()


def rewritten(world: World) -> None:
    """Write another text to the file in its place, as a restored one."""
    FileWords.objects.filter(file=world.document.file).update(words=" nothing ")


CHANGES: dict[str, tuple[Callable[[World], Any], list[str]]] = {
    "nothing": (lambda w: None, ["bruising", "neglect", "safer sleep"]),
    "another record": (
        lambda w: saved(w.other, summary="Other."),
        ["bruising", "neglect", "safer sleep"],
    ),
    "an earlier word comes": (
        lambda w: saved(w.other, title="Domestic abuse"),
        ["bruising", "domestic abuse", "neglect"],
    ),
    "a draft gets a word": (
        lambda w: saved(w.draft, summary="Exploitation."),
        ["bruising", "neglect", "safer sleep"],
    ),
    "a draft goes live": (
        lambda w: put_in_state(w.draft, State.PUBLISHED),
        ["bruising", "domestic abuse", "neglect"],
    ),
    "a word goes": (lambda w: saved(w.own, title="Other"), ["neglect", "safer sleep"]),
    "a record is withdrawn": (
        lambda w: (w.own.withdraw(reason="It was wrong."), w.own.save()),
        ["neglect", "safer sleep"],
    ),
    "a record is deleted": (lambda w: w.own.delete(), ["neglect", "safer sleep"]),
    "a record is a sample": (lambda w: saved(w.own, is_sample=True), ["neglect", "safer sleep"]),
    "all become samples by SQL": (lambda w: past_the_gate(Publication.objects, is_sample=True), []),
    "a theme is taken away": (lambda w: w.themed.themes.clear(), ["bruising", "neglect"]),
    "a theme is given to another": (
        lambda w: (w.other.themes.add(w.theme), w.themed.themes.clear()),
        ["bruising", "neglect", "safer sleep"],
    ),
    "a theme is renamed": (
        lambda w: saved(w.theme, name="Kestrels"),
        ["bruising", "neglect", "Kestrels"],
    ),
    "a document is deleted": (lambda w: w.document.delete(), ["bruising", "safer sleep"]),
    "a document moves to a draft": (
        lambda w: saved(w.document, publication=w.draft),
        ["bruising", "safer sleep"],
    ),
    "a document is another's": (
        lambda w: saved(w.document, publication=w.other),
        ["bruising", "neglect", "safer sleep"],
    ),
    "a document gets a title": (
        lambda w: saved(w.document, title="Exploitation"),
        ["bruising", "exploitation", "neglect"],
    ),
    "a file is read otherwise": (rewritten, ["bruising", "safer sleep"]),
    "a file has a finding": (
        lambda w: make_finding(w.document.file, kind="comments"),
        ["bruising", "safer sleep"],
    ),
    "a synonym is declared": (
        lambda w: SearchSynonym.objects.create(terms="fathers, another"),
        ["bruising", "neglect", "safer sleep"],
    ),
    "a synonym of an earlier word": (
        lambda w: SearchSynonym.objects.create(terms="exploitation, another"),
        ["bruising", "exploitation", "neglect"],
    ),
    "a course": (
        lambda w: make_course(title="Exploitation"),
        ["bruising", "neglect", "safer sleep"],
    ),
    "a page": (lambda w: make_page(title="Exploitation"), ["bruising", "neglect", "safer sleep"]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_examples_after_a_change_are_those_that_are_read_anew(world: World, change: str) -> None:
    make_change, expected = CHANGES[change]
    make_change(world)
    found = search_examples()
    assert found == expected
    assert found == list(examples._read().records)


def asked(what: Callable[[], Any]) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        what()
    return [query["sql"] for query in captured if library.name in query["sql"]]


def test_only_words_that_may_find_something_else_are_looked_up_again(world: World) -> None:
    # Those before the third that find nothing: they may find what has changed.
    saved(world.other, summary="Other.")
    after_another = asked(search_examples)
    saved(world.own, title="Still bruising")
    after_one_of_them = asked(search_examples)
    assert len(after_one_of_them) == len(after_another) + 1
    make_course(), make_page()
    assert asked(search_examples) == []


def test_every_table_that_a_search_reads_is_followed() -> None:
    sources = {source.table for source in library.source_tables}
    assert sources | LibraryFilterSet.followed.keys() <= OF_ONE | OF_MANY
    keys = {table.name: table.key for table in versions.TABLES}
    assert {name: keys[name] for name in OF_ONE} == {
        "reviews_publication": "id",
        "reviews_publication_themes": "publication_id",
    }
    assert versions.table_names() >= OF_MANY
