"""A snippet shows the words in their sentence, marked and escaped."""

import pytest

from mscp.search.analysis import stream
from mscp.search.query import read
from mscp.search.snippets import LENGTH, beginning, pieces, snippet

LONG = "Nothing of note was written down. " * 20


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        ("The children were bruised.", "child bruise", ["children", "bruised"]),
        ("A child’s home", "child", ["child’s"]),
        ("Serious case reviews (SCRs)", "scr", ["Serious case reviews", "SCRs"]),
        ("the voice of the child", '"voice of the child"', ["voice of the child"]),
        ("voice and child", '"voice of the child"', []),
        ("He did not attend; all attended", '"did not attend"', ["did not attend"]),
        ("Nobody knew who was there", '"who was there"', ["who was there"]),
        ("To be or not. Not to be", '"to be"', ["To be", "to be"]),
        ("A multi-agency plan", "multi-agency", ["multi-agency"]),
        ("bruising", "bru*", ["bruising"]),
        ("Child M was known", "child m", ["Child M"]),
        ("Child A was known to a child", "child a", ["Child A", "child"]),
        ("A child, M, and Child MM", "child m", ["child, M", "Child"]),
        ("Young people were performing well", "people", ["people"]),
        ("Four men in management", "men", ["men"]),
        ("Feet and football", "feet", ["Feet"]),
        ("Anemia, by analysis", "anaemia", ["Anemia"]),
        ("A fetal foe", "foetal", ["fetal"]),
        ("An LCSPR and a MASH", "children practice", ["LCSPR"]),
        ("A CIN plan", '"child in need"', ["CIN"]),
        ("multi-agency, multi agency", "multiagency", ["multi-agency", "multi agency"]),
        ("self-harm and harm", "selfharm", ["self-harm"]),
        ("nai\u0308ve and nothing", "naive", ["na\u00efve"]),
        ("Émile said", "emile", ["Émile"]),
        ("Café", "cafe", ["Café"]),
        *((f"O{sign}Neill came", "o'neill", [f"O{sign}Neill"]) for sign in "`´ʼ‘’‛′＇"),
        ("babies and a baby", "baby", ["babies", "baby"]),
        (
            "Safe\u00adguarding part\u00adners",
            "safeguarding partners",
            ["Safe\u00adguarding", "part\u00adners"],
        ),
        ("S\u00adafeguarding", "safeguarding", ["S\u00adafeguarding"]),
        ("Safe\u2060guarding", "safeguarding", ["Safe\u2060guarding"]),
        ("Safeguarding\u00ad met", "safeguarding", ["Safeguarding"]),
        ("met\u200band agreed", "met agreed", ["met", "agreed"]),
        ("neglect¹² was", "neglect", ["neglect"]),
        ("high¹² thresholds", '"high thresholds"', ["high¹² thresholds"]),
        ("neglect¹²seen", "seen", ["seen"]),
        ("of 12 km² or km²", "km2", ["km²", "km²"]),
    ],
)
def test_the_words_of_the_query_are_marked(text: str, query: str, marked: list[str]) -> None:
    shown = str(snippet(text, read(query)))
    found = [part.partition("</mark>")[0] for part in shown.split("<mark>")[1:]]
    assert found == marked


def test_a_text_without_the_words_has_no_snippet() -> None:
    assert snippet("Nothing here", read("bruising")) == ""
    assert snippet("", read("bruising")) == ""


def test_a_name_of_one_letter_is_shown_rather_than_its_word_alone() -> None:
    text = "The child protection plan was long. " * 20 + "Child M said no."
    assert "<mark>Child M</mark> said no." in snippet(text, read("child m"))


def test_the_beginning_of_a_page_stands_for_what_cannot_be_marked() -> None:
    shown = beginning("<b> " + LONG)
    assert shown.startswith("&lt;b&gt; Nothing of note") and shown.endswith(" …")
    assert "<mark>" not in shown and len(shown) < LENGTH + 20
    assert beginning("") == ""


def test_tags_in_the_text_are_escaped() -> None:
    shown = snippet("<script>alert(1)</script> bruise <b>", read("bruise"))
    assert "<script>" not in shown and "&lt;script&gt;" in shown
    assert shown.count("<mark>") == shown.count("</mark>") == 1


def test_a_long_text_is_cut_between_words_around_the_place_with_most_words() -> None:
    text = f"{LONG}bruise {LONG}A bruise on the baby. {LONG}"
    shown = str(snippet(text, read("bruise baby")))
    assert "<mark>bruise</mark> on the <mark>baby</mark>" in shown
    assert shown.startswith("… ") and shown.endswith(" …")
    assert len(shown) < LENGTH + 60


@pytest.mark.parametrize(
    "text",
    [
        "bruise/" + "x" * 5000,
        "x" * 5000 + "/bruise " + "y " * 500,
        "x" * 5000 + "/bruise/" + "x" * 5000,
        "word\n" * 100 + "bruise\n" + "word\n" * 100,
    ],
)
def test_the_word_is_seen_wherever_spaces_are_missing(text: str) -> None:
    shown = str(snippet(text, read("bruise")))
    assert "<mark>bruise</mark>" in shown and len(shown) < LENGTH + 60


def test_letters_that_stand_for_marks_bring_no_marks_of_their_own() -> None:
    shown = snippet("\ue000a bruise\ue001 \ue001 and \ue000", read("bruise"))
    assert shown == "a <mark>bruise</mark> and"


def test_a_run_without_spaces_is_cut_all_the_same() -> None:
    assert len(snippet("bruise " + "x" * 5000, read("bruise"))) < LENGTH + 60


def test_a_whole_text_in_pieces_has_every_word_where_a_snippet_stops_at_the_first() -> None:
    text = f"A bruise <b>. {LONG}More bruising, MASH and bruises"
    found = pieces(text, read("bruised multi-agency safeguarding hub"))
    assert "".join(piece for piece, _ in found) == text
    assert [piece for piece, is_word in found if is_word] == [
        "bruise",
        "bruising",
        "MASH",
        "bruises",
    ]


def test_a_text_without_the_words_is_one_piece() -> None:
    assert pieces("Nothing here.", read("bruise")) == [("Nothing here.", False)]
    assert pieces("Nothing here.", read("-bruise")) == [("Nothing here.", False)]
    assert pieces("", read("bruise")) == []


@pytest.mark.parametrize(
    ("text", "query", "marked"),
    [
        # Over the end of a line.
        ("a so-called “-\nchild” was", "child", ["child"]),
        ("safe-\nguarding partners met", "safeguarding", ["safe-\nguarding"]),
        ("safe\u2010 \n  guarding", "safeguarding partners", ["safe\u2010 \n  guarding"]),
        ("“neg-\nlect” of a child", "neglect", ["neg-\nlect"]),
        ("He did\nnot\nattend", '"did not attend"', ["did\nnot\nattend"]),
        ("multi-\nagency work", "multi-agency", ["multi-\nagency"]),
        ("multi-\nagency work", "multiagency", ["multi-\nagency"]),
        ("a non-\nmobile\nbaby", '"non-mobile baby"', ["non-\nmobile\nbaby"]),
        ("emotional well-\nbeing", '"emotional wellbeing"', ["emotional well-\nbeing"]),
        ("well\nbeing", "well-being", ["well\nbeing"]),
        ("section\n47 enquiry", "s47", ["section\n47"]),
        ("seen in A &\nE twice", "A&E", ["A &\nE"]),
        ("seen in A\nand E", "accident and emergency", ["A\nand E"]),
        ("child sexual\nexploitation", "CSE", ["child sexual\nexploitation"]),
        ("Child\nM was", "child m", ["Child\nM"]),
        # Phrases over a word that the end of a line divides, or over a name with an apostrophe.
        (
            "All safe-\nguarding partners met",
            '"safeguarding partners"',
            ["safe-\nguarding partners"],
        ),
        ("All safe-\nguarding partners", '"all safeguarding"', ["All safe-\nguarding"]),
        ("All safe-\nguarding partners", '"safe-guarding"', ["safe-\nguarding"]),
        ("it was re-\nferred to us", '"was referred to us"', ["was re-\nferred to us"]),
        ("the multi-\nagency team", '"multi-agency team"', ["multi-\nagency team"]),
        ("the multi-\nagency team", '"multiagency team"', ["multi-\nagency team"]),
        ("safe-\nguarding of partners", '"safeguarding partners"', []),
        ("Siân O’Neill wrote", '"sian o neill"', ["Siân O’Neill"]),
        ("SIÂN O'NEILL wrote", '"sian o neill wrote"', ["SIÂN O'NEILL wrote"]),
        ("Sian O Neill wrote", '"sian o neill"', ["Sian O Neill"]),
        ("Sian ONeill wrote", '"sian o neill"', ["Sian ONeill"]),
        ("Siân O’Neill wrote", '"sian o\'neill"', ["Siân O’Neill"]),
        ("Siân O’Neill wrote", "sian o neill", ["Siân", "O’Neill"]),
        ("Maria D’Souza wrote", "maria d souza", ["Maria", "D’Souza"]),
        ("Maria D`Souza wrote", '"maria d souza"', ["Maria D`Souza"]),
        ("Siân and O’Neill", '"sian o neill"', []),
        ("Child O was known", '"child o was known"', ["Child O was known"]),
        # Ligatures, marks of notes, soft hyphens and signs between the words of a phrase.
        ("ﬁnan-\ncial harm", "financial", ["ﬁnan-\ncial"]),
        ("ﬁnancial¹\nharm", '"financial harm"', ["ﬁnancial¹\nharm"]),
        ("ﬁnan\u00ad\ncial harm", '"financial harm"', ["ﬁnan\u00ad\ncial harm"]),
        ("He did not¹² attend", '"did not attend"', ["did not¹² attend"]),
        ("He “did not” attend", '"did not attend"', ["did not” attend"]),
        ("He did—not—attend", '"did not attend"', ["did—not—attend"]),
        ("co-operation of co\u2011operators", "cooperation", ["co-operation", "co\u2011operators"]),
        # What was pasted with the end of a line in it.
        ("Safeguarding partners", "safe- guarding", ["Safeguarding"]),
        ("post-natal care", "pre- and post-natal", ["post-natal"]),
        # What only looks like it.
        ("a list -\nneglect", "listneglect", []),
    ],
)
def test_what_is_found_is_marked_whole(text: str, query: str, marked: list[str]) -> None:
    clauses = read(query).wanted
    found = [one for one, is_found in pieces(text, read(query)) if is_found]
    assert found == marked
    words = stream(text)
    assert any(clause.count_in(words) for clause in clauses) == bool(marked)
