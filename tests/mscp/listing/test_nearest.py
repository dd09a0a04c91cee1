"""The nearest queries to one that finds nothing: respelt, without quotes, with fewer words."""

import pytest

from mscp.listing.nearest import MOST_PARTS, Near, Search, best_parts
from mscp.search.analysis import stream
from mscp.search.query import Clause, Query, read
from mscp.search.spelling import read_lexicon
from mscp.search.synonyms import NONE, Synonyms, made_of

TEXTS = [
    "A bruise on a baby who could not roll. The GP was told.",
    "Neglect of a baby, seen late by the health visitor.",
    "Neglect of three brothers. The dentist wrote twice.",
    "Domestic violence and neglect. The baby was asleep.",
    "Child M waited for a place.",
    "Safer sleep advice was given as a leaflet. She gave sleep no name.",
]
STREAMS = [stream(text) for text in TEXTS]
EVERY = (1 << len(TEXTS)) - 1


def bits_of(clauses: list[Clause]) -> list[int]:
    return [
        sum(1 << place for place, words in enumerate(STREAMS) if clause.count_in(words))
        for clause in clauses
    ]


def found_by(query: Query) -> int:
    found = EVERY
    for clause, bits in zip(query.wanted, bits_of(list(query.wanted)), strict=True):
        found &= bits
        assert clause
    return found


def nearest(
    typed: str, *, among: int = EVERY, synonyms: Synonyms = NONE
) -> tuple[list[Near], list[Near]]:
    query = read(typed, synonyms)
    search = Search(
        typed,
        query,
        among=among,
        find=found_by,
        find_each=bits_of,
        lexicon=read_lexicon(TEXTS, None),
        synonyms=synonyms,
    )
    found = search.nearest()
    return list(found.respelt), list(found.parts)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("negelct", Near("neglect", 3)),
        ("domestic voilence", Near("domestic violence", 1)),
        ("negelct denstist", Near("neglect dentist", 1)),
        ("negelct -dentist", Near("neglect -dentist", 2)),
        ('"safer slepe"', Near('"safer sleep"', 1)),
    ],
)
def test_a_misspelt_word_is_respelt(typed: str, offered: Near) -> None:
    assert nearest(typed)[0][0] == offered


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        # A phrase of which no word would be looked for without its quotes.
        ('"it will be" neglect', Near("neglect", 3, ("it will be",))),
        ('neglect "it will be" "baby neglect"', Near("neglect baby", 2, ("it will be",))),
        # What nothing has is left out.
        ("neglect zebra", Near("neglect", 3, ("zebra",))),
        ("zebra dentist volcano neglect", Near("dentist neglect", 1, ("zebra", "volcano"))),
        # Of words that stand in no text together, the rarer are kept.
        ("baby neglect dentist", Near("neglect dentist", 1, ("baby",))),
        ("violence dentist baby", Near("violence baby", 1, ("dentist",))),
        # What is typed is offered in its order and form, what was excluded stays excluded.
        ("GP bruises zebra -dentist", Near("GP bruises -dentist", 1, ("zebra",))),
        ("zebra brui*", Near("brui*", 1, ("zebra",))),
        # Excluded words alone may be in the way.
        ("dentist -neglect", Near("dentist", 1, ("-neglect",))),
        ('dentist -"three brothers"', Near("dentist", 1, ("-three brothers",))),
        # A phrase stays one where it stands somewhere; else its words are looked for alone.
        ('"safer sleep" zebra', Near('"safer sleep"', 1, ("zebra",))),
        ('"sleep safer"', Near("sleep safer", 1)),
        ('"sleep safer" zebra', Near("sleep safer", 1, ("zebra",))),
        # What is left out is told in quotes, and has none of its own.
        ('neglect "zebra volcano"', Near("neglect", 3, ("zebra volcano",))),
        # A word and the letter behind it are one name.
        ("child M zebra", Near("child M", 1, ("zebra",))),
        # A misspelt word is put right although another word is left out.
        ("domestic voilence dentist", Near("domestic violence", 1, ("dentist",))),
    ],
)
def test_else_what_finds_nothing_together_is_parted(typed: str, offered: Near) -> None:
    respelt, parts = nearest(typed)
    assert respelt == [] and parts[0] == offered


@pytest.mark.parametrize("typed", ["zebra", "zebra volcano", "-neglect zebra", '"zebra crossing"'])
def test_nothing_is_offered_that_finds_nothing(typed: str) -> None:
    assert nearest(typed) == ([], [])


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("infant zebra", Near("infant", 3, ("zebra",))),
        ("early sleep zebra", Near("early sleep", 1, ("zebra",))),
        ("dentist infant", Near("dentist", 1, ("infant",))),
        ("dentist -infant zebra", Near("dentist -infant", 1, ("zebra",))),
        ("zebra infant early sleep", Near("early sleep", 1, ("zebra", "infant"))),
    ],
)
def test_what_is_offered_counts_what_means_the_same(typed: str, offered: Near) -> None:
    synonyms = made_of(["infant, baby", "early sleep, safer sleep"])
    assert nearest(typed, synonyms=synonyms)[1][0] == offered


@pytest.mark.parametrize("typed", ['"sleep safer"', '"sleep safer" baby'])
def test_of_a_phrase_whose_words_are_there_none_is_looked_up_by_itself(typed: str) -> None:
    looked_up: list[Clause] = []

    def find_each(some: list[Clause]) -> list[int]:
        looked_up.extend(some)
        return [0] * len(some)

    query = read(typed)
    lexicon = read_lexicon(["safer sleep of a baby"], None)
    search = Search(
        typed, query, among=0b11, find=lambda some: 0b10, find_each=find_each, lexicon=lexicon
    )
    assert search.nearest().parts == (Near(typed.replace('"', ""), 1),)
    assert looked_up == []


@pytest.mark.parametrize(
    "typed", ["s47", "s.47", "section 47", "§ 47", "A&E", "well-being", "C.S.E.", "1,200", "-s47"]
)
def test_a_term_is_not_respelt(typed: str) -> None:
    texts = [*TEXTS, "A second round of wellness and action."]
    query = read(typed)
    search = Search(
        typed,
        query,
        among=0b1,
        find=lambda some: 0b1,
        find_each=lambda some: [
            int(any(one.count_in(stream(text)) for text in texts)) for one in some
        ],
        lexicon=read_lexicon(texts, None),
    )
    assert search.nearest().respelt == ()


def test_only_what_the_other_filters_leave_is_counted() -> None:
    assert nearest("neglect zebra", among=0b10) == ([], [Near("neglect", 1, ("zebra",))])
    assert nearest("dentist neglect", among=0b10) == ([], [Near("neglect", 1, ("dentist",))])


def test_no_offer_is_a_part_of_another_and_there_are_few() -> None:
    assert best_parts([0b0011, 0b0110, 0b1000], 0b1111) == [(0, 1), (2,)]
    assert best_parts([0b1, 0b10, 0b100, 0b1000], 0b1111) == [(0,), (1,)]
    assert best_parts([0b1, 0b10], 0) == []
    # Of twelve words, any six of which stand together.
    some = [
        sum(1 << n for n in range(4096) if n >> place & 1 and n.bit_count() == 6)
        for place in range(12)
    ]
    assert [len(part) for part in best_parts(some, (1 << 4096) - 1)] == [6] * MOST_PARTS


@pytest.mark.parametrize(
    "typed", ['"it will be"', '"it will be" "was there"', '"was there" -"it was"']
)
def test_a_phrase_of_stop_words_that_nothing_has_is_not_answered_by_everything(typed: str) -> None:
    assert nearest(typed) == ([], [])
