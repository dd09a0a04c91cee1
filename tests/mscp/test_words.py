import pytest

from mscp.words import LONGEST_QUERY, MOST_WORDS, as_column, matching, query_words, split_words
from reviews.models import PracticeReview
from tests.factories import make_review


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Child M", ["child", "m"]),
        ("7-minute learning", ["7", "minute", "learning"]),
        ("Zoë’s café", ["zoes", "cafe"]),
        ("LGBT+ & more", ["lgbt", "more"]),
        ("ﬁnancial", ["financial"]),
        ("a\x00b \u202eodd\ud800", ["ab", "odd"]),
        ("«»…—", []),
        ("日本", ["日本"]),
    ],
)
def test_text_is_split_into_folded_words(text: str, words: list[str]) -> None:
    assert split_words(text) == words


def test_a_query_has_a_limit_in_letters_and_words() -> None:
    assert len(query_words("a b " * 10_000)) == 2
    assert len(query_words(" ".join(f"w{n}" for n in range(100)))) == MOST_WORDS
    assert query_words("x" * 10_000) == ["x" * LONGEST_QUERY]


def test_the_column_has_every_word_between_spaces() -> None:
    assert as_column("Vamp", None, "Child M") == " vamp child m "


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("vamp", True),
        ("VAM", True),
        ("amp", False),
        ("child m", True),
        ("m child", True),
        ("child l", False),
        ("child july", False),
        ("%", True),
        ("ch_ld", False),
        ("sou", True),
        ("so", False),
    ],
)
def test_whole_short_words_and_beginnings_of_longer_ones(query: str, found: bool) -> None:
    make_review(pseudonym="Vamp", child_reference="Child M", summary="A soufflé, with a move.")
    rows = PracticeReview.objects.filter(matching("words", query_words(query)))
    assert rows.exists() is found
