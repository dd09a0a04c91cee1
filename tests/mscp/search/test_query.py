"""Whatever is typed is a query, and what it means is plain."""

import pytest

from mscp.search.query import LONGEST_QUERY, MOST_PHRASES, MOST_WORDS, read, replaced

HOSTILE = [
    "",
    " ",
    '"',
    '"""',
    "-",
    "--",
    "- -",
    "*",
    "**",
    "-*",
    '-"',
    "AND",
    "OR",
    "NOT",
    "NEAR(a b, 5)",
    "a AND (b OR c",
    "names : vamp",
    "{names words} : child",
    "^child",
    "child + baby",
    "'; DROP TABLE reviews_publication; --",
    "' OR 1=1 --",
    "child & !baby",
    "child:*",
    "<-> child",
    "child\\",
    "%",
    "_",
    "\x00",
    "\ud800",
    "\u202echild",
    "👶🏽",
    "日本",
    "x" * 10_000,
    "x " * 5_000,
    '"' * 500,
    "-a " * 100,
    "a-b-c-d-e-f",
    "--child",
    "multi-ag*",
    "2021-09*",
    "-non-acc*",
    "a-*",
    "to-the*",
    "a-b-c*",
    "(((((",
    "$$",
    "é" * 300,
]


@pytest.mark.parametrize("text", HOSTILE, ids=lambda text: ascii(text)[:20])
def test_anything_is_read(text: str) -> None:
    query = read(text)
    assert len(query.wanted) + len(query.unwanted) <= MOST_WORDS
    for clause in (*query.wanted, *query.unwanted):
        assert clause.ways and all(clause.ways)
        for atom in (atom for way in clause.ways for atom in way):
            assert atom.text.isalnum() and len(atom.text) <= 25


@pytest.mark.parametrize("text", ["", "the", "of the", "?!", '""', "-", "*"])
def test_what_holds_no_word_that_counts_is_no_query(text: str) -> None:
    assert not read(text)


def test_words_after_the_two_hundredth_letter_do_not_count() -> None:
    assert read("a" * LONGEST_QUERY + " bruising") == read("a" * LONGEST_QUERY)


def test_the_same_word_twice_counts_once() -> None:
    assert read("child children child") == read("child")


def test_curly_quotes_are_quotes() -> None:
    for quoted in ("“%s”", "„%s“", "‟%s”", "«%s»", "»%s«", "″%s″", "＂%s＂", "“%s"):
        assert read(quoted % "did not attend") == read('"did not attend"'), quoted


def test_a_name_of_one_letter_in_quotes_keeps_its_letter() -> None:
    assert read('"Child A"') != read('"child"')
    assert ("child", "childa") in beginnings('"Child A"')


def test_a_quote_left_open_ends_with_the_text() -> None:
    assert read('"serious case') == read('"serious case"')


def test_a_minus_inside_a_word_takes_nothing_away() -> None:
    assert not read("multi-agency").unwanted
    assert read("-agency").unwanted


def test_a_word_still_being_typed_is_taken_as_a_beginning() -> None:
    widened = read("bruising safeguardin").widened()
    assert widened is not None
    texts = {(atom.text, atom.begins) for way in widened.wanted[-1].ways for atom in way}
    assert {("safeguardin", True), ("safeguard", False)} <= texts


def beginnings(text: str) -> set[tuple[str, ...]]:
    """Return the ways in which the last word of a query may stand, beginnings with a star."""
    ways = read(text).wanted[-1].ways
    return {tuple(atom.text + "*" * atom.begins for atom in way) for way in ways}


@pytest.mark.parametrize(
    ("text", "way"),
    [
        ("multi-ag*", ("multi", "ag*")),
        ("multi-ag*", ("multiag*",)),
        ("vam*", ("vam*",)),
        ("ne*", ("ne*",)),
    ],
)
def test_a_star_stands_for_the_rest_of_a_word_with_or_without_hyphens(
    text: str, way: tuple[str, ...]
) -> None:
    assert way in beginnings(text)


@pytest.mark.parametrize("text", ["n*", "non-a*"])
def test_a_star_behind_one_letter_is_passed_over(text: str) -> None:
    assert read(text) == read(text.removesuffix("*"))


def test_a_word_with_a_hyphen_may_yet_be_typed_too() -> None:
    widened = read("multi-agen").widened()
    assert widened is not None and widened.wanted == read("multi-agen*").wanted


def test_words_too_common_to_count_are_not_counted_and_more_than_the_most_are_named() -> None:
    common = "what is the learning from the reviews about how to work with "
    query = read(f"{common} fathers who are violent")
    assert [clause.word for clause in query.wanted][-2:] == ["fathers", "violent"]
    assert not query.is_cut
    words = " ".join(f"word{number}" for number in range(MOST_WORDS))
    assert not read(f"{words} the word1").is_cut
    phrases = " ".join(f'"some {number} words"' for number in range(MOST_PHRASES))
    assert not read(f'{phrases} "word" word').is_cut
    assert read(f'{phrases} "one more"').is_cut and read(f'{phrases} -"one more"').is_cut
    assert read(f"{words} zebra").is_cut and read(f"{words} -one").is_cut


@pytest.mark.parametrize("text", ["ab", '"serious case"', "vam*", "-vamp"])
def test_other_things_are_not_widened(text: str) -> None:
    assert read(text).widened() is None


@pytest.mark.parametrize(
    ("text", "word", "other", "written"),
    [
        ("saefguard", "saefguard", "safeguard", "safeguard"),
        ("Child Saefguard now", "saefguard", "safeguard", "Child safeguard now"),
        ("über saefgúard", "saefguard", "safeguard", "safeguard"),
    ],
)
def test_a_word_is_replaced_in_what_was_typed(
    text: str, word: str, other: str, written: str
) -> None:
    assert replaced(text, word, other) == written


@pytest.mark.parametrize(
    ("typed", "wanted"),
    [
        ("Child A", 2),
        ("child a", 2),
        ("twin i", 2),
        ("voice of a child", 2),
        ("did i know", 1),
        ("phase 2", 2),
        ("of 4", 1),
    ],
)
def test_an_article_behind_a_stop_word_is_no_name(typed: str, wanted: int) -> None:
    assert len(read(typed).wanted) == wanted
