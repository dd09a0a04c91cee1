import random
import time
import unicodedata
from collections import Counter
from functools import cache
from itertools import cycle, repeat

import pytest

from reviews.pdf.blocks import blocks_of
from reviews.pdf.characters import Char, PageOfChars
from reviews.pdf.note_marks import plain_mark
from reviews.pdf.plain_text import plain_text
from tests.reviews.pdf.letters import FULL, kinds, make_line, make_page, only_page, texts

# --- Paragraphs ---------------------------------------------------------------------------------


def test_an_empty_page_has_no_blocks_and_no_words():
    assert blocks_of([make_page()]) == [[]]
    assert plain_text(make_page()) == ""
    assert blocks_of([]) == []


def test_lines_of_a_paragraph_are_rejoined():
    assert texts(only_page(FULL, "the move, and so on.")) == [FULL + " the move, and so on."]


def test_a_larger_gap_ends_a_paragraph():
    assert texts(only_page(FULL, FULL, 10, FULL, FULL)) == [f"{FULL} {FULL}"] * 2


def test_a_short_last_line_ends_a_paragraph():
    assert texts(only_page(FULL, "it.", "Then " + FULL, FULL)) == [
        FULL + " it.",
        f"Then {FULL} {FULL}",
    ]


def test_a_full_line_that_ends_a_sentence_does_not_end_the_paragraph():
    full = FULL[:-1] + "."
    assert len(only_page(FULL, full, "Then it ended.")) == 1


def test_an_indented_first_line_begins_a_paragraph():
    full = FULL[:-1] + "."
    blocks = only_page(FULL, full, ("Then" + FULL[3:-5], {"left": 90.0}), FULL)
    assert len(blocks) == 2
    assert blocks[1]["text"].startswith("Then family")


def test_a_numbered_paragraph_keeps_its_number_and_its_hanging_lines():
    hanging = {"left": 100.0}
    blocks = only_page(
        "5.2 " + FULL, ("the move.", hanging), "5.3 " + FULL, ("the school.", hanging)
    )
    assert texts(blocks) == [f"5.2 {FULL} the move.", f"5.3 {FULL} the school."]
    assert kinds(blocks) == ["paragraph", "paragraph"]


def test_a_number_inside_a_sentence_begins_nothing():
    assert (
        len(
            only_page(
                FULL + " in",
                "5.2 above, and again in the spring of that year and by the end of the next",
                FULL,
            )
        )
        == 1
    )


@pytest.mark.parametrize(
    ("first", "second", "whole"),
    [
        ("and safeguard\x02", "ing was known", "and safeguarding was known"),
        ("and multi-", "agency work", "and multi-agency work"),
        ("from 2019-", "2020 on", "from 2019-2020 on"),
        ("from 2019–", "2020 on", "from 2019–2020 on"),
        ("the school –", "which knew", "the school – which knew"),
        ("and/", "or the school", "and/or the school"),
        ("of multi\x02", "agency work", "of multi-agency work"),
        ("of the non\x02", "English part", "of the non-English part"),
        ("of multi\x02", "and single-agency work", "of multi- and single-agency work"),
        ("of day-to\x02", "day care", "of day-to-day care"),
        ("an out-of\x02", "hours team", "an out-of-hours team"),
        ("state-of-the\x02", "art care", "state-of-the-art care"),
        ("of web\x02", "based help", "of web-based help"),
        ("of trauma\x02", "focused help", "of trauma-focused help"),
        ("of child\x02", "centred help", "of child-centred help"),
        ("the long\x02", "term plan", "the long-term plan"),
        ("was cor\x02", "related with it", "was correlated with it"),
        ("was well-inten\x02", "ded help", "was well-intended help"),
        ("they met—", "as was asked—", "they met—as was asked—"),
        ("they met", "—as was asked", "they met—as was asked"),
        ("he said “no”—", "which was so", "he said “no”—which was so"),
        ("in 2019—", "2020 also", "in 2019—2020 also"),
        ("they met —", "as was asked", "they met — as was asked"),
        ("they met", "— as was asked", "they met — as was asked"),
    ],
)
def test_words_broken_at_a_line_end_are_joined(first, second, whole):
    before = "The family and the school met again and again and spoke of it, "
    assert texts(only_page(before + first, second + " then")) == [before + whole + " then"]


def test_a_hyphen_written_elsewhere_in_the_document_is_kept():
    blocks = blocks_of(
        [
            make_page(FULL + " risk\x02", "taking"),
            make_page("They spoke of risk-taking.", number=2),
        ]
    )
    assert blocks[0][0]["text"].endswith("risk-taking")


def test_two_columns_are_read_one_after_the_other():
    left = [("The family moved to the area in", {}), ("the spring of that year and then", {})]
    right = [("went on to another town.", {"left": 320.0, "at": 100.0})]
    assert texts(only_page(*left, *right)) == [
        "The family moved to the area in the spring of that year and then went on to another town."
    ]


def test_entries_of_a_list_of_contents_stay_apart_without_their_dots():
    blocks = only_page("Introduction ............................. 3", "Family . . . . . . . . . 4")
    assert texts(blocks) == ["Introduction 3", "Family 4"]


def test_a_large_initial_is_joined_to_its_word():
    initial, x = make_line("T", 100, size=36.0)
    rest, _ = make_line("he family moved", 102, left=x)
    lower, _ = make_line("to the area in", 116, left=x)
    page = PageOfChars(1, 595, 842, initial + rest + lower)
    assert texts(blocks_of([page])[0]) == ["The family moved to the area in"]


def test_an_initial_drawn_apart_is_put_before_its_line():
    initial, x = make_line("T", 100, size=36.0)
    rest, _ = make_line("he family moved", 102, left=x)
    other, _ = make_line("A line between", 60)
    page = PageOfChars(1, 595, 842, initial + other + rest)
    assert texts(blocks_of([page])[0]) == ["A line between", "The family moved"]


# --- Items --------------------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["• ", "– ", "▪ ", "o ", "\uf0b7 ", "- "])
def test_bullets_make_items_and_are_not_read_out(mark):
    blocks = only_page("They asked:", mark + "who knew;", mark + "when they knew.")
    assert texts(blocks) == ["They asked:", "who knew;", "when they knew."]
    assert kinds(blocks) == ["paragraph", "item", "item"]


@pytest.mark.parametrize("mark", ["1.", "12)", "a)", "(a)", "(iv)", "ii."])
def test_numbered_items_keep_their_numbers(mark):
    blocks = only_page("They asked:", mark + " Who knew?")
    assert blocks[1] == {
        "kind": "item",
        "level": 0,
        "text": mark + " Who knew?",
        "continues": False,
    }


def test_an_item_goes_on_in_its_hanging_lines():
    blocks = only_page("• " + FULL, ("the move", {"left": 85.0}), "• Who knew?")
    assert texts(blocks) == [FULL + " the move", "Who knew?"]


MARK, TEXT = {"left": 70.0}, {"left": 90.0}
# Lines that go on with an item, or begin another: how many there are.
ITEM_LINES = {
    "a dash of the sentence": ([("• " + FULL, MARK), ("– in the end – nobody knew", TEXT)], 1),
    "a dash of a later line": (
        [("• " + FULL, MARK), (FULL, TEXT), ("– in the end – nobody", TEXT)],
        1,
    ),
    "a number of the sentence": ([("119. " + FULL + " of", MARK), ("18.", TEXT)], 1),
    "a number in brackets": ([("(a) " + FULL + " see", MARK), ("2) and more", TEXT)], 1),
    "a line that was ended by hand": (
        [("• " + FULL, MARK), ("and so was it.", TEXT), (FULL, TEXT)],
        1,
    ),
    "an item below another": ([("• " + FULL, MARK), ("• one more", MARK)], 2),
    "an item further in": ([("• " + FULL + ":", MARK), ("– one more", TEXT)], 2),
    "a sentence further in": ([("• " + FULL, MARK), ("– One more", TEXT)], 2),
    "the next number": ([("119. " + FULL, MARK), ("120. " + FULL, MARK)], 2),
    "a short line below": (
        [("• " + FULL, MARK), ("and so was it.", TEXT), ("A name", TEXT)],
        2,
    ),
}


@pytest.mark.parametrize("name", ITEM_LINES)
def test_a_line_goes_on_with_an_item_or_begins_one(name):
    lines, count = ITEM_LINES[name]
    assert len(only_page(*lines)) == count


BIG, SMALL = {"size": 20.0}, {"size": 10.0}
# Lines that are one block each, and lines that are one block.
PARTED = {
    "ways to write to an office": [
        ("T: 0300 123 1231 and so", SMALL),
        ("Textphone: 0161 618 852", SMALL),
        ("E: enquiries@example.org", SMALL),
    ],
    "names of fields": [
        ("Name: Child Q of the Elm", SMALL),
        ("School: Oak of the Green", SMALL),
        ("Agency: Health and care", SMALL),
    ],
    "lines of a title apart": [("Inspected: May", BIG), 5, ("Published: July", BIG)],
    "a title and a date": [
        ("A review of what the", BIG),
        ("school knew", BIG),
        6,
        ("July 2025 and on", BIG),
    ],
    "a title above contents": [("Contents", BIG), ("Contents\t2", BIG), ("Findings\t3", BIG)],
    "an entry with no room for dots": [
        ("What is in the long box 31", SMALL),
        ("Awareness of\t31", SMALL),
    ],
}
ONE = {
    "a title over two lines": [("A review of what the", BIG), ("school knew of it", BIG)],
    "a title with room between its lines": [
        ("A review of what the school knew", BIG),
        4,
        ("and did", BIG),
    ],
    "a sentence with a colon": ["Nobody knew: the school", "had been told."],
}


@pytest.mark.parametrize("name", [*PARTED, *ONE])
def test_lines_that_say_one_thing_each_stay_apart(name):
    lines = PARTED.get(name) or ONE[name]
    wanted = sum(not isinstance(line, int) for line in lines) if name in PARTED else 1
    if name == "a title and a date":
        wanted = 2
    assert len(only_page(*lines, 60, *BODY)) == wanted + 1


def test_an_initial_of_a_name_is_no_mark():
    assert kinds(only_page("J. Smith wrote this.")) == ["paragraph"]


def test_a_dash_alone_is_kept():
    assert texts(only_page("–")) == ["–"]


# --- Headings -----------------------------------------------------------------------------------

BODY = [FULL] * 8


def test_larger_lines_are_headings_ranked_by_size():
    blocks = only_page(
        ("Findings", {"size": 20.0}), 8, *BODY, 8, ("Family", {"size": 16.0}), 8, *BODY
    )
    assert [(block["kind"], block["level"]) for block in blocks] == [
        ("heading", 2),
        ("paragraph", 0),
        ("heading", 3),
        ("paragraph", 0),
    ]


def test_a_heading_over_two_lines_is_one():
    large = {"size": 18.0}
    blocks = only_page(("What the partnership", large), ("learned", large), 8, *BODY)
    assert blocks[0]["text"] == "What the partnership learned"
    assert blocks[0]["kind"] == "heading"


def test_a_short_bold_line_on_its_own_is_a_heading():
    blocks = only_page(*BODY, 8, ("Learning point 1", {"bold": True}), 6, *BODY)
    assert kinds(blocks) == ["paragraph", "heading", "paragraph"]


def test_a_bold_sentence_is_no_heading():
    assert "heading" not in kinds(only_page(*BODY, 8, ("They left.", {"bold": True}), 6, *BODY))


def test_tags_name_headings_of_any_size_and_their_levels():
    blocks = only_page(
        ("One", {"role": "H1"}), ("Deep", {"role": "H4"}), ("Text", {"role": "P"}), *BODY
    )
    assert [(block["text"], block["level"]) for block in blocks[:3]] == [
        ("One", 2),
        ("Deep", 3),
        ("Text", 0),
    ]


def test_most_of_a_text_is_never_headings():
    lines = [
        (f"Bold words {'and more ' * 5}", {"bold": True, "size": 11.0 + n % 2 * 4})
        for n in range(30)
    ]
    blocks = only_page(*lines, *BODY)
    headings = sum(len(block["text"]) for block in blocks if block["kind"] == "heading")
    assert headings <= 0.3 * sum(len(block["text"]) for block in blocks)


def test_artifacts_are_dropped():
    page = make_page(("OFFICIAL", {"role": "Artifact"}), "Text.")
    assert texts(blocks_of([page])[0]) == ["Text."]
    assert plain_text(page) == "Text."


def test_tagged_items_without_a_mark_are_items():
    assert kinds(only_page(("who knew", {"role": "LI"}), *BODY))[0] == "item"


# --- Pages --------------------------------------------------------------------------------------


def running(number, header, footer):
    return make_page(
        (header, {"at": 40.0}),
        (f"Page text number {'abcdefgh'[number]} here.", {"at": 100.0}),
        (footer, {"at": 800.0}),
        number=number,
    )


@pytest.mark.parametrize("count", [2, 3, 6])
@pytest.mark.parametrize("footer", ["Page {} of 20", "- {} -", "{}", "Child Q | {}"])
def test_running_lines_go(count, footer):
    pages = [running(n, "Review of Child Q", footer.format(n)) for n in range(1, count + 1)]
    assert all(
        texts(page) == [f"Page text number {'abcdefgh'[n]} here."]
        for n, page in enumerate(blocks_of(pages), start=1)
    )


LARGE_NUMBERS = {
    "at the foot": ({"at": 755.0, "size": 18.0}, "{}"),
    "at the head": ({"at": 75.0, "size": 18.0}, "{}"),
    "bold": ({"at": 755.0, "size": 14.0, "bold": True}, "{}"),
    "with its word": ({"at": 755.0, "size": 14.0}, "Page {}"),
    "of all": ({"at": 755.0, "size": 14.0}, "{} of 6"),
    "in dashes": ({"at": 75.0, "size": 16.0}, "– {} –"),
}


@pytest.mark.parametrize("name", LARGE_NUMBERS)
def test_page_numbers_larger_than_the_text_go_and_those_of_chapters_stay(name):
    style, words = LARGE_NUMBERS[name]

    def said(steps):
        pages = [
            make_page(*BODY, (words.format(steps * n), style), number=n, top=120.0)
            for n in range(1, 5)
        ]
        return [any(map(str.isdigit, "".join(texts(page)))) for page in blocks_of(pages)]

    assert said(1) == [False] * 4
    assert said(7) == [True] * 4


def test_roman_page_numbers_go():
    pages = [running(n, "Review", ("i", "ii", "iii")[n - 1]) for n in (1, 2, 3)]
    assert all(len(page) == 1 for page in blocks_of(pages))


def test_running_lines_that_alternate_go():
    pages = [running(n, ("Left title", "Right title")[n % 2], str(n)) for n in range(1, 7)]
    assert all(len(page) == 1 for page in blocks_of(pages))


BIRDS = ("herons", "kestrels", "lapwings", "wrens", "robins", "rooks", "swifts", "gulls")


@pytest.mark.parametrize(("left", "right"), [(780.0, 790.0), (790.0, 772.0), (785.0, 785.0)])
def test_page_numbers_of_left_and_right_pages_go_whatever_their_heights(left, right):
    pages = [
        make_page(
            f"{FULL} {word}.", (str(n), {"at": left if n % 2 else right, "size": 13.0}), number=n
        )
        for n, word in enumerate(BIRDS, 1)
    ]
    assert [texts(page) for page in blocks_of(pages)] == [[f"{FULL} {word}."] for word in BIRDS]


def test_a_chapter_title_that_stands_once_is_kept():
    pages = [running(n, ("One", "Two", "Three", "Four")[n - 1], str(n)) for n in range(1, 5)]
    assert [texts(page)[0] for page in blocks_of(pages)] == ["One", "Two", "Three", "Four"]


def test_numbered_headings_at_the_head_of_each_page_are_kept():
    pages = [
        make_page((f"Recommendation {n}", {"at": 60.0, "size": 16.0}), 8, *BODY, number=n)
        for n in range(1, 5)
    ]
    assert all(page[0]["text"].startswith("Recommendation") for page in blocks_of(pages))


def test_text_that_repeats_in_the_middle_of_pages_is_kept():
    pages = [make_page(("The same", {"at": 400.0}), number=n) for n in range(1, 5)]
    assert [texts(page) for page in blocks_of(pages)] == [["The same"]] * 4


def test_a_sentence_cut_by_the_page_end_continues():
    first, second = blocks_of(
        [
            make_page(FULL, FULL, 30, ("1 A footnote.", {"size": 8.0})),
            make_page("the move.", 20, "Another.", number=2),
        ]
    )
    assert [block["continues"] for block in first] == [False, False]
    assert [block["continues"] for block in second] == [True, False]


def test_an_item_cut_by_the_page_end_continues_as_an_item():
    pages = [make_page("• " + FULL), make_page("the move.", number=2)]
    assert blocks_of(pages)[1][0] == {
        "kind": "item",
        "level": 0,
        "text": "the move.",
        "continues": True,
    }


def test_a_new_paragraph_on_a_new_page_does_not_continue():
    pages = [make_page(FULL + "."), make_page("Then more.", number=2)]
    assert blocks_of(pages)[1][0]["continues"] is False


# --- Plain text and characters ------------------------------------------------------------------


def test_plain_text_joins_broken_words_and_keeps_lines():
    assert plain_text(make_page("of safeguard\x02", "ing multi-", "agency", "work")) == (
        "of safeguarding multi-agency\nwork"
    )


def test_characters_that_say_nothing_go_and_ligatures_are_unfolded():
    odd = "o\ufb03ce\x00 \ud800\ue000a\u202eb\u200bc m² … \uff21"
    assert plain_text(make_page(odd)) == "office abc m² … A"
    assert texts(only_page(odd)) == ["office abc m² … A"]


def test_right_to_left_text_keeps_its_words():
    chars = [
        Char(letter, 300 - 6 * n, 100, 305 - 6 * n, 109, 11, False, "")
        for n, letter in enumerate("שלום")
    ]
    assert texts(blocks_of([PageOfChars(1, 595, 842, chars)])[0]) == ["שלום"]


def test_turned_text_keeps_its_words():
    chars = [
        Char(letter, 300, 500 - 7 * n, 309, 505 - 7 * n, 11, False, "")
        for n, letter in enumerate("OFFICIAL")
    ]
    assert texts(blocks_of([PageOfChars(1, 595, 842, chars)])[0]) == ["OFFICIAL"]


NUMBERS = [0.0, -1.0, 1e9, float("nan"), float("inf"), float("-inf"), 100.0, 113.0, 300.0, 11.0]
LETTERS = "abcDE 12.-•–\n\n \x02\x00\ud800\ue000ﬁשo():…²\xad\ufffe"
ROLES = ["", "", "", "P", "H1", "H", "Title", "LI", "Lbl", "TD", "Artifact", "Nonsense"]


def random_pages(seed, tidy):
    dice = random.Random(seed)
    pages = []
    for number in range(1, dice.randint(1, 5) + 1):
        chars = []
        x, y, size, role = 70.0, 60.0, 11.0, ""
        for _ in range(dice.choice([0, 1, 5, 300])):
            letter = dice.choice(LETTERS)
            if tidy:
                box = (x, y, x + 5, y + 9)
                x += 6
                if letter == "\n":
                    x, y = dice.choice([70.0, 90.0, 300.0]), y + dice.choice([14, 14, 30, -200])
                    size, role = dice.choice([11.0, 11.0, 18.0]), dice.choice(ROLES)
            else:
                box = tuple(dice.choice(NUMBERS) for _ in range(4))
                size, role = dice.choice(NUMBERS), dice.choice(ROLES)
            chars.append(Char(letter, *box, size, dice.random() < 0.3, role))
        pages.append(
            PageOfChars(number, dice.choice(NUMBERS), dice.choice([842.0, *NUMBERS]), chars)
        )
    return pages


@pytest.mark.parametrize("tidy", [True, False])
@pytest.mark.parametrize("fifteen", range(10))
def test_nothing_is_invented_whatever_comes_in(fifteen, tidy):
    for seed in range(15 * fifteen, 15 * fifteen + 15):
        pages = random_pages(seed, tidy)
        # A "\x02" is a hyphen that stands on the page.
        there = Counter(
            letter
            for page in pages
            for char in page.chars
            for letter in unicodedata.normalize("NFKC", char.text.replace("\x02", "-")) + char.text
        )
        blocks = [block for page in blocks_of(pages) for block in page]
        # A raised "1" is a "¹".
        written = Counter(plain_mark("".join(texts(blocks)).replace(" ", "")))
        indexed = Counter("".join("".join(plain_text(page).split()) for page in pages))
        assert not written - there, seed
        assert not indexed - there, seed
        assert all(block["text"] and block["level"] in (0, 2, 3, 4) for block in blocks), seed
        assert all((block["kind"] == "heading") == (block["level"] > 0) for block in blocks), seed


def test_no_letter_is_lost_on_a_single_page():
    for seed in range(60):
        page = random_pages(seed, tidy=True)[0]
        there = Counter(
            plain_mark(c.text) for c in page.chars if c.role != "Artifact" and c.text in "abcDE12ש²"
        )
        written = Counter(plain_mark("".join(texts(blocks_of([page])[0]))))
        assert not there - written


# --- Speed --------------------------------------------------------------------------------------


def seconds(pages):
    start = time.process_time()
    blocks_of(pages)
    for page in pages:
        plain_text(page)
    return time.process_time() - start


MANY = 50_000
MOST = 40  # times as long as plain lines take; what grows with the square takes hundreds of times


@cache
def seconds_of_plain_lines():
    """Return the processor time of as many letters in ordinary lines."""
    lines = MANY // 75
    return seconds([make_page(*[FULL[:75]] * 40, number=n) for n in range(1, lines // 40 + 2)])


@cache
def places(way):
    """Return the left, top, right and bottom of each character."""
    numbers = range(MANY)
    if way == "nowhere":
        return ([0.0] * MANY,) * 4
    lefts, tops = {
        "right": ([n * 0.3 for n in numbers], [100.0] * MANY),
        "down": ([70.0] * MANY, [n * 0.3 for n in numbers]),
        "apart": ([n % 300 * 60.0 for n in numbers], [n // 300 * 20.0 for n in numbers]),
    }[way]
    return lefts, tops, [left + 5 for left in lefts], [top + 9 for top in tops]


@pytest.mark.parametrize(
    "letters", ["a", ".", "a ", "a\n", "-", "\x02", "a-", ". ", "a\x02", "(", "1", "•\n", "i", "#"]
)
@pytest.mark.parametrize("way", ["right", "down", "nowhere", "apart"])
def test_a_page_of_fifty_thousand_characters_takes_no_longer_than_its_share(letters, way):
    chars = map(Char, cycle(letters), *places(way), repeat(11.0), repeat(False), repeat(""))
    page = PageOfChars(1, 595, 842, list(chars))
    assert len(page.chars) == MANY
    assert seconds([page]) < MOST * seconds_of_plain_lines()


# --- Spaces that the setting hides --------------------------------------------------------------


@pytest.mark.parametrize(
    ("initial", "rest", "wanted"),
    [
        ("T", "he child moved.", "The child moved."),
        ("A", "child was seen.", "A child was seen."),
        ("A", "fter that they moved.", "After that they moved."),
        ("I", "n the spring they moved.", "In the spring they moved."),
        ("I", "was seen by nobody.", "I was seen by nobody."),
        ("S", " chool knew.", "School knew."),
    ],
)
@pytest.mark.parametrize("apart", [True, False])
def test_an_initial_is_joined_to_its_word_unless_it_is_one(initial, rest, wanted, apart):
    large, x = make_line(initial, 100, size=33.0)
    line, _ = make_line(rest, 101, left=x + 2)
    other, _ = make_line("The child was known to the school", 140)
    chars = large[:-1] + line + other if not apart else large + line + other
    text = " ".join(texts(blocks_of([PageOfChars(1, 595, 842, chars)])[0]))
    assert text.startswith(wanted)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("10.Social workers met.", "10. Social workers met."),
        ("46.PAs are resolute.", "46. PAs are resolute."),
        ("47.LSCBs are there.", "47. LSCBs are there."),
        ("4.35.We recommend this.", "4.35. We recommend this."),
        ("(a)The school knew.", "(a) The school knew."),
        ("(iv)Health knew.", "(iv) Health knew."),
        ("2.A nurse knew.", "2. A nurse knew."),
        ("7)Police knew.", "7) Police knew."),
        ("3.5 of them knew.", "3.5 of them knew."),
        ("1.5m children", "1.5m children"),
    ],
)
def test_a_number_has_a_space_before_its_paragraph(text, wanted):
    assert texts(only_page(text, FULL))[0].startswith(wanted)
