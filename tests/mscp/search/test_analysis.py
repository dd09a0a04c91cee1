"""Text becomes the same terms however it is written."""

import pytest
from django.conf import settings

from mscp.search.analysis import (
    Pages,
    folded,
    page_streams,
    plain_words,
    stream,
    term,
    terms,
    tokens,
)
from mscp.search.vocabulary import ABBREVIATIONS
from mscp.text.folding import APOSTROPHES
from tests.threads import in_threads

# As many different English words as the repository has at hand.
TEXTS = [
    *settings.BASE_DIR.glob("*.md"),
    *settings.BASE_DIR.glob("mscp/**/*.py"),
    *settings.BASE_DIR.glob("reviews/**/*.py"),
]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("child", "children"),
        ("child", "children's"),
        ("child", "child’s"),
        ("child", "child\u2032s"),
        *(("O'Neill", f"O{sign}Neill") for sign in APOSTROPHES),
        ("O'Neill’s", "oneill"),
        ("baby", "babies"),
        ("bruise", "bruising"),
        ("neglect", "neglected"),
        ("safeguarding", "safeguards"),
        ("woman", "women"),
        ("person", "people"),
        ("organise", "organize"),
        ("organisation", "organizations"),
        ("analyse", "analyze"),
        ("behaviour", "behavior"),
        ("paediatric", "pediatric"),
        ("counselling", "counseling"),
        ("practice", "practise"),
        ("licence", "license"),
        ("centre", "center"),
        ("programme", "program"),
        ("enrolled", "enrollment"),
        ("café", "cafe"),
        ("ﬁnancial", "financial"),
        ("ÉCOLE", "ecole"),
        ("learnt", "learned"),
        ("crisis", "crises"),
        ("diagnosis diagnose", "diagnoses diagnosed"),
        ("experience", "experienced"),
        ("knife", "knives"),
        ("a suicidal thought", "suicidal thoughts"),
        ("swollen", "swelling"),
        ("arose", "arising"),
        ("breastfed", "breastfeeding"),
        ("overlain", "overlaying"),
        ("young people's", "young peoples"),
        ("women", "womens"),
        ("offence", "offense"),
        ("Łukasz", "lukasz"),
        ("Østergård", "ostergard"),
        ("œsophagus", "oesophagus"),
        ("Ærø", "aero"),
        # The mark of a note is no part of the word before it; an exponent is.
        ("neglect¹²", "neglect"),
        ("thresholds³, high⁴", "thresholds high"),
        ("forbade it.² Then", "forbade it then"),
        ("NFSP²⁵", "NFSP"),
        ("guidanceⁱᵛ", "guidance"),
        ("totalᵃ", "total"),
        ("Child M¹", "Child M"),
        ("2020¹", "2020"),
        ("12 km²", "12 km2"),
        ("m³", "m3"),
        ("16ᵗʰ", "16th"),
        ("H₂O", "H2O"),
        # Soft hyphens and joiners are not seen; a space without width parts two words.
        ("safe\u00adguarding", "safeguarding"),
        ("safe\u2060guarding\ufeff", "safeguarding"),
        ("met\u200band agreed", "met and agreed"),
    ],
)
def test_two_ways_to_write_a_word_are_one_term(one: str, other: str) -> None:
    assert terms(one) == terms(other) != []


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("prize", "price"),
        ("child", "chile"),
        ("abuse", "abut"),
        ("general", "generous"),
        ("offence", "offensive"),
        ("defence", "defensive"),
        ("Drew", "draw"),
        ("Gray", "grey"),
        ("Das", "DA"),
        # Forms that are oftener other words.
        ("left", "leave"),
        ("saw", "see"),
        ("found", "find"),
        ("bore", "bear"),
        ("lay", "lie"),
        ("rose", "rise"),
        ("wound", "wind"),
        ("bound", "bind"),
        ("bit", "bite"),
        ("shot", "shoot"),
        ("stuck", "stick"),
        ("drunk", "drink"),
    ],
)
def test_two_words_stay_two_terms(one: str, other: str) -> None:
    assert terms(one) != terms(other)


@pytest.mark.parametrize("text", ["", "   ", "the of and", "«»…—", "👶🏽", "\x00\u202e", "_ _"])
def test_what_holds_no_word_that_counts_holds_no_term(text: str) -> None:
    assert terms(text) == []


def test_what_nobody_sees_goes_and_lines_become_spaces() -> None:
    assert folded("a\x00b\u202e c\u00ade\nd") == "ab ce d"


def test_other_scripts_are_words_too() -> None:
    assert terms("日本 Дети") == ["日本", "дети"]


def test_no_term_is_longer_than_an_index_takes() -> None:
    assert len(term("x" * 10_000)) == 24


def test_a_stream_has_every_term_between_spaces_and_a_bar_between_texts() -> None:
    assert stream("Bruised baby", "Social worker") == " bruis babi | social worker | "
    assert stream("", None) == "  "


@pytest.mark.parametrize(
    "written", ["multi-agency", "multi agency", "Multi\u2011agency", "Multi-Agency"]
)
def test_a_compound_is_found_as_one_word_too(written: str) -> None:
    assert f" {term('multiagency')} " in stream(written)


def test_a_letter_after_a_word_makes_a_name() -> None:
    assert " childm " in stream("Vamp (Child M)")
    assert " phase2 " in stream("Phase 2")
    assert " childm " not in stream("a child, and at ten metres")


@pytest.mark.parametrize(("short", "long"), ABBREVIATIONS.items())
def test_an_abbreviation_and_what_it_stands_for_find_each_other(short: str, long: str) -> None:
    assert f" {term(short)} " in stream(f"It was a {long} then.")
    assert f" {' '.join(tokens(long))} " in stream(f"It was {short.upper()} then.")


def test_small_letters_are_no_abbreviation() -> None:
    assert "domest" not in stream("Leonardo da Vinci was sent")


def test_pages_are_kept_apart() -> None:
    first, second = Pages(page_streams(["One bruise", "Two"])).streams
    assert " bruis " in first and " two " in second


@pytest.mark.parametrize("hyphen", ["-", "-\n", "\u2010", "\u00ad "])
def test_a_word_broken_by_the_end_of_a_page_is_found_on_the_first(hyphen: str) -> None:
    pages = page_streams([f"Seven recom{hyphen}", " mendations were made"])
    first, second = Pages(pages).streams
    assert f" {term('recommendations')} " in first
    assert f" {term('recommendations')} " not in second


@pytest.mark.parametrize(
    ("first", "second"), [("Seven recom-", "12"), ("A list of -", "all"), ("A-", "Mendations")]
)
def test_what_does_not_go_on_is_not_put_together(first: str, second: str) -> None:
    assert Pages(page_streams([first, second])).streams == [stream(first), stream(second)]


@pytest.mark.parametrize(
    ("pages", "phrase"),
    [
        (["He did", "not attend."], "did not attend"),
        (["He did", "", "not attend."], "did not attend"),
        (["He", "did", "not", "attend"], "did not attend"),
        (["", "He did not attend", ""], "did not attend"),
        (["Multi-agency CSE", "was there"], "was there"),
        (["To be", "or not to"], "be or not"),
        (["He did " + "long " * 40_000, "not"], "long not"),
    ],
)
def test_the_words_of_a_file_are_one_run_over_the_ends_of_its_pages(
    pages: list[str], phrase: str
) -> None:
    found = page_streams(pages)
    assert f" {' '.join(tokens(phrase))} " in found
    assert [page.strip() for page in Pages(found).streams] == [
        stream(page).strip() or "|" for page in pages
    ]


@pytest.mark.parametrize(
    "needle", [" child ", " chi", " child child ", " cse ", " recommend ", " x "]
)
@pytest.mark.parametrize(
    "pages",
    [
        ["A child. Child child", "", "The child"],
        ["child child child", "Seven recom-", "mendations on CSE, of children"],
        ["", "Child sexual exploitation (CSE) of a child", ""],
        [""],
        ["child"],
    ],
)
def test_a_word_is_counted_on_each_page_as_in_its_stream(pages: list[str], needle: str) -> None:
    counted = Pages(page_streams(pages))
    assert counted.counts(needle) == [page.count(needle) for page in counted.streams]
    assert len(counted.ends) == len(pages)


def test_pages_as_an_earlier_release_wrote_them_are_read_too() -> None:
    pages = Pages(" one child # two # child child ")
    assert pages.counts(" child ") == [1, 0, 1] and len(pages.streams) == 3


@pytest.mark.parametrize("word", ["the", "The", "not", "who", "nor", "Because", "then"])
def test_a_stop_word_has_a_token_and_no_term(word: str) -> None:
    assert terms(word) == [] != tokens(word)
    assert tokens(word) != tokens(f"{word}s") and not tokens(word)[0].isalnum()


def test_plain_words_keep_their_endings() -> None:
    assert plain_words("Child M’s bruising", "BRUISING") == ["child", "m", "bruising"]


def test_threads_find_the_same_terms_as_one_alone() -> None:
    """A stemmer object is not thread-safe (README of PyStemmer)."""
    words = sorted(set(plain_words(*(path.read_text() for path in TEXTS))))
    assert len(words) > 3000
    term.cache_clear()
    alone = dict(zip(words, map(term, words), strict=True))
    term.cache_clear()

    def read(place: int) -> dict[str, str]:
        begin = 500 * place
        return {word: term(word) for word in words[begin:] + words[:begin]}

    assert in_threads(4, read) == [alone] * 4
    # What is kept for the life of a worker, and written into the index.
    assert {word: term(word) for word in words} == alone
