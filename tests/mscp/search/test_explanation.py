"""What a search says about itself: its words, in which forms, and what it left out."""

import pytest

from mscp.search.explanation import EVERY_FORM_OF_EACH, MOST_FORMS, How, Looked, explain
from mscp.search.query import MOST_WORDS, read
from mscp.search.synonyms import made_of


@pytest.mark.parametrize(
    ("typed", "looked"),
    [
        ("bruises", Looked("bruises", How.WORD)),
        ("GPs", Looked("GPs", How.WORD, ("GP", "G.P.", "general practitioner"))),
        ("CSE", Looked("CSE", How.WORD, ("C.S.E.", "child sexual exploitation"))),
        ("C.S.E.", Looked("C.S.E.", How.WORD, ("CSE", "child sexual exploitation"))),
        ("mash", Looked("mash", How.WORD, ("M.A.S.H.", "multi agency safeguarding hub"))),
        ('"looked after child"', Looked("looked after child", How.PHRASE, ("LAC",))),
        ("s47", Looked("s47", How.TERM, ("section 47", "s.47", "§47"))),
        ("s. 47", Looked("s. 47", How.TERM, ("section 47", "s47", "s.47", "§47"))),
        ("Section 8A", Looked("Section 8A", How.TERM, ("s8A", "s.8A", "§8A"))),
        ("A&E", Looked("A&E", How.TERM, ("A and E", "accident and emergency"))),
        ("well being", Looked("well being", How.TERM, ("wellbeing", "well-being"))),
        ("GBP 1,200", Looked("GBP 1,200", How.WORD, ("1200", "1,200"))),
        ("2021", Looked("2021", How.WORD)),
        ('"did not attend"', Looked("did not attend", How.PHRASE)),
        ("non-mobile", Looked("non-mobile", How.COMPOUND)),
        ('"serious harm"', Looked("serious harm", How.PHRASE)),
        ("“serious harm”", Looked("serious harm", How.PHRASE)),
        ('"serious harm', Looked("serious harm", How.PHRASE)),
        ("brui*", Looked("brui*", How.BEGINNING)),
        ('"bruise"', Looked("bruise", How.WORD)),
        ("Siân’s", Looked("Sian", How.WORD)),
    ],
)
def test_each_word_is_told_as_it_is_looked_for(typed: str, looked: Looked) -> None:
    (one,) = explain(read(typed)).wanted
    assert one == looked


@pytest.mark.parametrize(
    ("typed", "left_out"),
    [
        ("the voice of the child", ("the", "of")),
        ("neglect", ()),
        ("to be seen", ("to", "be")),
        ("“of the” neglect", ()),
        ("“the” neglect", ('"the"',)),
        ("neglect -the", ("the",)),
        ("neglect ? & -", ()),
        ('"did not attend"', ()),
        ("“who was there”", ()),
    ],
)
def test_what_is_too_common_is_named(typed: str, left_out: tuple[str, ...]) -> None:
    assert explain(read(typed)).too_common == left_out


@pytest.mark.parametrize(
    ("typed", "names"),
    [
        ("neglect", [("neglect",)]),
        ("neglect baby", [("neglect",), ("baby",)]),
        ("neglect baby father", [("neglect", "baby", "father")]),
        ("neglect baby father s47", [("s47",), ("neglect", "baby", "father")]),
        (
            'neglect "of the" baby bru* father',
            [("“of the”",), ("bru*",), ("neglect", "baby", "father")],
        ),
    ],
)
def test_many_plain_words_share_a_line(typed: str, names: list[tuple[str, ...]]) -> None:
    lines = explain(read(typed)).lines
    assert [line.names for line in lines] == names
    assert (lines[-1].how == EVERY_FORM_OF_EACH) == (len(names[-1]) > 1)


@pytest.mark.parametrize(
    ("typed", "is_said"),
    [("neglect baby", True), ("multi-agency", True), ('baby "of the"', False), ("bru*", False)],
)
def test_every_form_is_said_only_where_it_is_true_of_all(typed: str, is_said: bool) -> None:
    assert explain(read(typed)).is_inflected == is_said


def test_what_a_word_was_found_as_is_told_of_it_alone() -> None:
    shown = ["<mark>babies</mark>"]
    lines = explain(read("neglect baby father mother"), shown).lines
    assert [line.names for line in lines] == [("baby",), ("neglect", "father", "mother")]


def test_a_name_with_a_letter_is_one() -> None:
    child, letter = explain(read("Child M")).wanted
    assert (child.how, letter.how) == (How.WORD, How.LETTER)


def test_a_word_that_nothing_has_is_a_beginning() -> None:
    widened = read("safer slee").widened()
    assert widened
    assert [one.how for one in explain(widened).wanted] == [How.WORD, How.BEGINNING]
    assert explain(widened).wanted[1].typed == "slee"


def test_what_is_excluded_and_what_was_not_read_is_told() -> None:
    words = " ".join(f"word{number}" for number in range(MOST_WORDS - 1))
    explained = explain(read(f'{words} -"serious harm" zebra crossing'))
    assert explained.unwanted == ('"serious harm"',) and explained.unread == "zebra crossing"
    assert explain(read("neglect " * 40)).unread.startswith("neglect")
    assert not explain(read("the")) and not explain(read(""))


MARKED = [
    "A <mark>bruise</mark> and more <mark>Bruising</mark> of a <mark>baby</mark>",
    "<mark>bruising</mark>, seen by a <mark>GP</mark> &amp; <mark>babies&#x27;</mark>",
    "<mark>Bruise\nmarks</mark>",
]


def test_the_forms_are_those_marked_in_what_is_shown_the_most_frequent_first() -> None:
    explained = explain(read("bruises babies “bruise marks” general practitioner"), MARKED)
    forms = {one.typed: one.forms for one in explained.wanted}
    assert forms["babies"] == ("baby",)
    assert forms["bruises"][:2] == ("bruising", "bruise")
    assert forms["bruise marks"] == ()
    assert forms["general"] == ("GP",) and forms["practitioner"] == ("GP",)


def test_of_many_forms_few_are_named() -> None:
    many = [f"<mark>word{number}</mark>" for number in range(30)]
    (one,) = explain(read("word*"), many).wanted
    assert len(one.forms) == MOST_FORMS


@pytest.mark.parametrize(
    ("typed", "unusual"),
    [
        ("bruises", False),
        ('"serious harm" brui*', False),
        ("the bruise", False),
        ("the bruise*", True),
        ("bruise -baby", True),
        ("bruise " + " ".join(f"word{number}" for number in range(MOST_WORDS)), True),
        ("Child M", False),
    ],
)
def test_what_was_not_looked_for_is_unusual(typed: str, unusual: bool) -> None:
    assert explain(read(typed)).is_unusual is unusual


@pytest.mark.parametrize(
    ("typed", "in_order"),
    [
        ("the voice of the child", True),
        ("bruise of", True),
        ("the bruise -baby", False),
        ("the brui*", False),
        ('the "serious harm"', False),
        ("bruise baby", False),
    ],
)
def test_small_words_count_for_the_order_of_what_is_words_alone(typed: str, in_order: bool) -> None:
    assert explain(read(typed)).puts_in_order is in_order


def test_what_means_the_same_is_told_as_it_was_declared() -> None:
    synonyms = made_of(["CE, child exploitation", "Nursery, early years setting"])
    explained = explain(read("ce tool nurseries", synonyms)).wanted
    assert [one.typed for one in explained] == ["ce", "tool", "nurseries"]
    assert explained[0].how is How.SYNONYMS and explained[0].also == ("child exploitation",)
    assert explained[2].also == ("Nursery", "early years setting")
