"""How long a learning takes to read: what a word is, the border at seven minutes, who is told."""

from typing import Any

import pytest
from django.test import Client

from mscp.publishing.gate import State
from mscp.text.markdown import as_list, to_words
from reviews.models import Briefing
from reviews.reading_time import MOST_WORDS, ReadingTime, count_words
from tests.admin_forms import send
from tests.factories import MINIMAL_PDF, make_briefing, make_document, make_theme
from tests.pages import text_of

# The browser's count is held to the same table.
TEXTS = {
    "": 0,
    "One two three": 3,
    "  One \n\n\t two ": 2,
    "A mother's well-being – 3 of 10, and/or more.": 8,
    "word—word and 25% of £30": 5,
    "# One heading\n\nText": 3,
    "## One ##": 1,
    "- one\n- two\n\n* three\n+ four": 4,
    "1. one\n2. two\n10) three": 3,
    "2024. It began": 2,
    "It began in\n2024. Then it ended": 7,
    "It ended\n1. here": 3,
    "**bold** _and_ `code` word**part**": 4,
    "> quoted words": 2,
    "one\n\n---\n\ntwo": 2,
    "One  \ntwo\\\nthree": 3,
    "[two words](https://example.org/a/b) more": 3,
    '[words](https://example.org "A title here")': 1,
    "[bad](javascript:alert(1))": 1,
    "![a picture](https://example.org/p.png)": 2,
    "<https://example.org/> is it": 3,
    "https://example.org/a": 1,
    "See [the guide].\n\n[the guide]: https://example.org/guide": 3,
    "<script>x</script> <b> shown": 3,
    "Fish&nbsp;chips &amp; peas": 3,
    "&copy 5 < 6": 3,
    "\\* \\# one": 1,
    "Zoë naïve 日本 ½": 4,
    "* * *": 0,
    "!? … –": 0,
    "one\r\ntwo\r\n\r\n- three": 3,
}


@pytest.mark.parametrize("text", TEXTS)
def test_words_are_what_a_reader_sees(text: str) -> None:
    assert len(to_words(text)) == TEXTS[text]


def test_the_words_of_blocks_beside_each_other_stay_apart() -> None:
    assert to_words("# One\nTwo\n- three\n- four\n\n    five\n\nsix") == [
        *("One", "Two", "three", "four", "five", "six")
    ]


@pytest.mark.parametrize(
    ("words", "minutes", "too_long"),
    [
        (1, 1, False),
        (200, 1, False),
        (201, 2, False),
        (1400, 7, False),
        (1401, 8, True),
        (1730, 9, True),
    ],
)
def test_seven_minutes_are_1400_words(words: int, minutes: int, too_long: bool) -> None:
    time = ReadingTime(words)
    assert (time.minutes, time.is_too_long) == (minutes, too_long)
    assert MOST_WORDS == 1400


def test_the_sentence_tells_minutes_and_words() -> None:
    assert ReadingTime(0).sentence == "Nothing is written yet."
    assert ReadingTime(7).sentence == "It takes about 1 minute to read: 7 of at most 1,400 words."
    assert ReadingTime(1730).sentence == (
        "It takes about 9 minutes to read (1,730 words); seven minutes are 1,400 words."
    )


def words(number: int) -> str:
    return " ".join(["a"] * number)


def test_all_seven_parts_and_the_summary_count() -> None:
    parts = {name: words(10) for name in Briefing.PARTS}
    assert Briefing(summary=words(5), **parts).reading_time.words == 75
    assert count_words(parts.values()) == 70


@pytest.mark.parametrize(
    ("written", "listed"),
    [
        ("", ""),
        ("One?\nTwo?", "- One?\n- Two?"),
        ("One?\r\n\r\nTwo?\r\n", "- One?\n- Two?"),
        ("# Ask\nOne?", "# Ask\n- One?"),
        ("Talk about:\n\n- One?", "Talk about:\n\n- One?"),
        ("1. One?\n2. Two?", "1. One?\n2. Two?"),
    ],
)
def test_each_line_is_a_question_unless_a_list_is_written(written: str, listed: str) -> None:
    assert as_list(written) == listed


# --- those who publish ----------------------------------------------------------------------------

TOO_LONG = "It takes about 8 minutes to read (1,401 words); seven minutes are 1,400 words."
NO_QUESTIONS = "It has no questions for a team yet."


@pytest.mark.django_db
def test_advice_begins_with_the_word_after_1400() -> None:
    themes = [make_theme()]
    within = make_briefing(themes=themes, background=words(1399), questions="Why?")
    beyond = make_briefing(themes=themes, background=words(1400), questions="Why?")
    assert within.publishing_advice() == []
    assert beyond.publishing_advice() == [TOO_LONG]
    assert beyond.publishing_obstacles() == []


@pytest.mark.django_db
def test_a_learning_without_questions_is_advised_to_have_some() -> None:
    themes = [make_theme()]
    written = make_briefing(themes=themes, background="Words.", questions=" \n")
    summary = make_briefing(themes=themes, summary="Words.")
    document = make_briefing(themes=themes)
    make_document(document, pdf=MINIMAL_PDF)
    assert written.publishing_advice() == [NO_QUESTIONS]
    assert summary.publishing_advice() == [NO_QUESTIONS]
    # Its questions are in the document.
    assert document.publishing_advice() == []
    make_document(written, pdf=MINIMAL_PDF)
    assert written.publishing_advice() == [NO_QUESTIONS]
    assert written.publishing_obstacles() == []


def form(learning: Any) -> str:
    return f"/admin/reviews/briefing/{learning.pk}/change/"


@pytest.mark.django_db
def test_the_form_tells_the_reading_time_beside_the_parts(publisher: Client) -> None:
    learning = make_briefing(state=State.DRAFT, background=words(1400), questions="**Why** - so?")
    response = publisher.get(form(learning))
    page = text_of(response)
    over = "It takes about 8 minutes to read (1,402 words); seven minutes are 1,400 words."
    assert page.count(over) == 2, "in the panel of the state and beside the parts"
    assert "Words: 1400" in page and "Words: 2" in page
    assert "js/reading-time.js" in response.content.decode()
    assert "Nothing is written yet." in text_of(publisher.get("/admin/reviews/briefing/add/"))


@pytest.mark.django_db
def test_the_reading_time_is_shown_again_on_saving_and_refuses_nothing(publisher: Client) -> None:
    learning = make_briefing(background="Short.")
    saved = send(publisher, form(learning), background=words(1401))
    assert saved.status_code == 302
    assert TOO_LONG in text_of(publisher.get("/admin/reviews/briefing/"))
    learning.refresh_from_db()
    assert learning.background == words(1401)
    send(publisher, form(learning), background="Short.")
    listed = text_of(publisher.get("/admin/reviews/briefing/"))
    assert "It takes about 1 minute to read: 1 of at most 1,400 words." in listed


@pytest.mark.django_db
def test_a_publisher_is_told_on_the_page_of_the_step(publisher: Client) -> None:
    learning = make_briefing(state=State.DRAFT, background=words(1401))
    for step, is_warned in (("publish", True), ("schedule", True), ("to-draft", False)):
        page = text_of(publisher.get(f"/admin/reviews/briefing/step/{step}/?id={learning.pk}"))
        assert (TOO_LONG in page) == (NO_QUESTIONS in page) == is_warned, step
    send(publisher, f"/admin/reviews/briefing/step/publish/?id={learning.pk}")
    learning.refresh_from_db()
    assert learning.is_published


@pytest.mark.django_db
def test_somebody_who_may_only_look_sees_the_reading_time(editor: Client) -> None:
    learning = make_briefing(background=words(1401))
    page = editor.get(form(learning))
    assert TOO_LONG in text_of(page) and "<textarea" not in page.content.decode()
