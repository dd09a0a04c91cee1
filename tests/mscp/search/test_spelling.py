"""Words close to a mistyped one, out of texts that were read once."""

import pytest

from mscp.search.spelling import is_correctable, read_lexicon
from reviews import search
from tests.factories import MINIMAL_PDF, make_document, make_file, make_review, make_theme
from tests.threads import in_threads

LEXICON = read_lexicon(["Bruising of infants.", "A kestrel, Kestrels and a kestral's nest"], None)


@pytest.mark.parametrize(
    ("typed", "near"),
    [
        ("brusing", ["bruising"]),
        ("infnats", ["infants"]),
        ("KESTRLE", ["kestral", "kestrel", "kestrels"]),
        ("estrel", ["kestrel", "kestrels", "kestral"]),
        ("zzzzzz", []),
    ],
)
def test_the_closest_come_first_and_equally_close_ones_in_order(
    typed: str, near: list[str]
) -> None:
    assert LEXICON.near(typed, 9) == near
    assert LEXICON.near(typed, 1) == near[:1]


def test_threads_find_the_same_words() -> None:
    found = in_threads(4, lambda _: [LEXICON.near("kestrle", 9) for _ in range(200)])
    assert found == [[["kestral", "kestrel", "kestrels"]] * 200] * 4


@pytest.mark.parametrize("word", ["nai", "2019", "a4b5c6", "x" * 25, ""])
def test_short_words_and_numbers_are_left_as_they_are(word: str) -> None:
    assert not is_correctable(word)
    assert read_lexicon([word], None).known == frozenset()


@pytest.mark.django_db
def test_of_the_library_all_names_are_read_and_the_newest_pages(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(search, "MOST_PAGES_READ", 3)
    monkeypatch.setattr(search, "MOST_READ", 2)
    theme = make_theme(name="Themename")
    for letter in "abc":
        review = make_review(title=f"Title{letter}", summary=f"Summary{letter}", themes=[theme])
        pages = [f"Page{letter}", "Anotherpage"]
        make_document(review, file=make_file(MINIMAL_PDF, pages=pages), title=f"Document{letter}")
    make_theme(name="Unused")
    known = read_lexicon(search.published_texts(), None).known
    names = {f"{what}{letter}" for what in ("title", "document") for letter in "abc"}
    assert known >= names | {"themename", "summaryb", "summaryc", "pagec", "anotherpage"}
    assert known.isdisjoint({"summarya", "pagea", "pageb", "unused"})
