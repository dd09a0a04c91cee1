"""Words that must not appear are found in every form, and little else is."""

from datetime import date

import pytest

from mscp.text.occurrences import MOST_LINES, Wanted, ordinary_words

NAME = "Jamie Smith"
BORN = "12/03/2011"
IN_2015 = [(date(2015, 1, 1), date(2015, 12, 31))]


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        *(
            (NAME, text)
            for text in (
                "Jamie Smith",
                "jamie smith",
                "JAMIE SMITH",
                "Smith, Jamie",
                "J Smith",
                "J. Smith",
                "Smith, J.",
                "Smith J",
                "J.S.",
                "J.S went",
                "J S was",
                "then JS said",
                "Jamie's school",
                "Mr Smith’s",
                "Ja-\nmie",
                "Jamie\nSmith",
                "Smi-\nth was",
                "jamie.smith@example.org",
                "JamieSmith.docx",
                "Jamie_Smith_final.pdf",
                "J a m i e",
                "Jamie-Smith",
                "Jam\u00adie",
                "Ja\u200bmie",
                "Jaime was",
                "Jammie",
                "Jamiee",
                "Smyth",
                "ｊａｍｉｅ ｓｍｉｔｈ",
            )
        ),
        ("O'Brien", "O’Brien"),
        ("O'Brien", "OBrien"),
        ("O’Brien", "O'brien's"),
        ("Zoë Müller", "Zoe Muller"),
        ("Zoe", "Zoë's"),
        ("Łukasz", "LUKASZ"),
        ("Søren", "soren"),
        ("Philip Carter", "Phillip"),
        ("Smith-Jones", "Smith Jones"),
        ("Smith-Jones", "Smithjones"),
        ("Smith Jones", "Smith-\nJones"),
        ("Anne Marie Fox", "Anne-Marie"),
        ("Anne Marie Fox", "A. M. Fox"),
        ("Anne Marie Fox", "AMF"),
        ("14 Acacia Avenue", "at Acacia Ave, Morden"),
        ("14 Acacia Avenue", "14 acacia avenue"),
        ("Acacia Ave", "14, Acacia\nAvenue"),
        ("2b Elm St", "Elm Street"),
        ("SM4 5DX", "sm45dx"),
        ("SM45DX", "SM4 5DX"),
        ("St Mary's Primary School", "Saint Mary's Primary School"),
        ("St Mary's Primary School", "attends St Marys"),
        ("St Mary's Primary School", "attends St. Mary’s."),
        ("943 476 5919", "9434765919"),
        ("9434765919", "943 476 5919"),
        ("Morden", "in MORDEN"),
        *(
            (BORN, text)
            for text in (
                "12 March 2011",
                "12th of March",
                "March 12, 2011",
                "12.3.11",
                "2011-03-12",
                "D:20110312093000",
                "on 14 May 2015 he was 4,",
                "aged four on 1 May 2015",
                "a 4-year-old, 14 May 2015",
                "on 12 September 2012 he was 18 months old",
                "six weeks old on 25 April 2011",
            )
        ),
        ("12 March", "12/03/2019"),
    ],
)
def test_what_must_not_appear_is_found(typed: str, text: str) -> None:
    assert Wanted.of(typed).stands_in(text)
    assert Wanted.of(f"Zebedee\n\n  {typed}  \nQuackenbush").stands_in(f"Before, {text} after")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        *(
            (NAME, text)
            for text in (
                "the blacksmith was",
                "smithereens",
                "jam ie",
                "a smith works here",
                "JSON",
                "THE JS OF ALL THIS",
                "J. Jones",
                "S. James",
                "Smithsonian",
                "Jamestown",
            )
        ),
        ("Tobias", "to bias"),
        ("Ian Thomas", "THE IT IS"),
        ("Philip Carter", "Cartwright"),
        ("14 Acacia Avenue", "the avenue"),
        ("14 Acacia Avenue", "14 people"),
        ("Acacia Avenue", "Acacia"),
        ("SM4 5DX", "SM4"),
        ("St Mary's Primary School", "the primary school"),
        ("St Mary's Primary School", "High Street"),
        *(
            (BORN, text)
            for text in (
                "12 March 2012",
                "13 March",
                "12 May 2011",
                "on 14 May 2015 he was 5",
                "aged 4",
                "version 12.03",
                "on 1 January 2011 he was 4",
            )
        ),
        ("943 476 5919", "943 476 5918"),
    ],
)
def test_what_is_only_like_it_is_not_found(typed: str, text: str) -> None:
    assert not Wanted.of(typed).stands_in(text)


@pytest.mark.parametrize(
    ("text", "found"),
    [("aged 4", True), ("aged 3", True), ("aged 5", False), ("18 months old", False)],
)
def test_an_age_without_a_day_is_compared_at_the_days_of_the_publication(
    text: str, found: bool
) -> None:
    assert Wanted.of(BORN).stands_in(text, known_days=IN_2015) is found


def test_a_word_that_is_written_small_elsewhere_is_no_misspelt_name() -> None:
    wanted = Wanted.of("Philip Carter")
    assert wanted.stands_in("The Carer said")
    assert not wanted.stands_in("The Carer said", ordinary=ordinary_words(["each carer"]))
    # The name itself is found whatever else is written.
    assert wanted.stands_in("Mr Carter", ordinary=ordinary_words(["a carter"]))


def test_what_is_wanted_shows_nothing_of_itself() -> None:
    wanted = Wanted.of("Quillon Featherstone\n12/03/2011\n\n")
    assert repr(wanted) == str(wanted) == "<2 lines>"
    assert wanted.lines == 2 and MOST_LINES > 20
