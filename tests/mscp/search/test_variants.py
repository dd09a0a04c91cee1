"""One term in any of its spellings is found by each of them, and marked."""

from html import unescape

import pytest

from mscp.search.analysis import stream, tokens
from mscp.search.query import read
from mscp.search.snippets import snippet
from mscp.search.variants import respelt

TERMS = [
    ["section 47", "s47", "s.47", "s 47", "S47", "S. 47", "Section 47", "sec. 47", "§ 47"],
    *([f"section {n}", f"s{n}", f"s.{n}", f"s {n}"] for n in (17, 20, 31, 42, 85, 175)),
    ["section 8A", "s8a", "s.8A"],
    ["A&E", "A & E", "A and E", "A+E", "accident and emergency", "Accident & Emergency"],
    ["CSE", "C.S.E.", "C.S.E", "child sexual exploitation"],
    ["GP", "G.P.", "GPs", "general practitioner", "General Practitioners"],
    ["CAMHS", "C.A.M.H.S.", "child and adolescent mental health services"],
    ["CAMHS", "child & adolescent mental health services"],
    ["well-being", "wellbeing", "well being", "Well-being", "Well\u2011being"],
    ["£1,200", "1200", "1,200", "GBP 1,200", "GBP1200", "£1,200.00"],
    ["1,250,000", "1250000", "£1,250,000"],
    ["R&D", "R & D", "r&d"],
    ["DSL", "D.S.L.", "designated safeguarding lead", "Designated Safeguarding Leads"],
    ["IDVA", "independent domestic violence adviser", "independent domestic violence advisors"],
    ["ISVAs", "Independent Sexual Violence Advocates"],
    ["UASC", "unaccompanied asylum-seeking child", "unaccompanied asylum seeking children"],
    ["UASC", "unaccompanied asylum-seeking boys"],
    ["UASC", "unaccompanied asylum-seeking young people"],
    ["LSCPR", "local child safeguarding practice review"],
    ["LSCPR", "Local Safeguarding Children Practice Review"],
    ["SEND", "special educational needs and disability"],
    ["ASD", "autistic spectrum disorders"],
    ["O\u2019Neill", "O'Neill", "ONeill"],
    # Marks of notes, soft hyphens, also at the end of a line, and ligatures.
    ["thresholds", "thresholds³", "thres\u00adholds", "thres\u00ad\nholds"],
    ["financial", "ﬁnancial", "ﬁnan\u00adcial²"],
    # Letters of Arabic and Urdu that look the same; signs of vowels; digits.
    ["علي", "علی", "على", "عَلي", "عـلي"],
    ["كتاب", "کتاب", "كتــاب"],
    ["احمد", "أحمد", "إحمد", "ٱحمد"],
    ["مدرسة", "مدرسه", "مدرسۃ", "مدرسہ"],
    ["2021", "٢٠٢١", "۲۰۲۱", "２０２１"],
]


@pytest.mark.parametrize("spellings", TERMS, ids=lambda spellings: spellings[0])
def test_each_spelling_finds_each_and_marks_it(spellings: list[str]) -> None:
    wrong = []
    for typed in spellings:
        for written in spellings:
            text = f"There was one {written} then."
            for query in (read(typed), read(f"x -{typed}" if " " not in typed else typed)):
                clause = (query.unwanted or query.wanted)[-1]
                if not clause.count_in(stream(text)):
                    wrong.append((typed, written, "not found"))
            marked = str(snippet(text, read(typed)))
            first = written.removeprefix("£").removeprefix("GBP").lstrip()[0]
            if f"<mark>{first}" not in marked and f"<mark>{written[0]}" not in marked:
                wrong.append((typed, written, marked))
    assert not wrong


@pytest.mark.parametrize(
    ("text", "phrase", "marked"),
    [
        ("A s.47 enquiry was begun", '"section 47 enquiry"', "s.47 enquiry"),
        ("A section 47 enquiry was begun", '"a s47 enquiry"', "A section 47 enquiry"),
        ("Seen in A&E twice", '"in A & E twice"', "in A&amp;E twice"),
        ("Children & Families Act", '"children and families"', "Children &amp; Families"),
        ("The C.S.E. tool", '"CSE tool"', "C.S.E. tool"),
        ("emotional well-being", '"emotional wellbeing"', "emotional well-being"),
        ("cost £1,200 a week", '"cost 1200 a week"', "cost £1,200 a week"),
    ],
)
def test_a_phrase_holds_a_term_in_any_spelling(text: str, phrase: str, marked: str) -> None:
    query = read(phrase)
    assert query.wanted[0].count_in(stream(text)) == 1
    assert f"<mark>{marked}</mark>" in snippet(text, query)


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("s47", "Section 17 and a mother of 47"),
        ("section 17", "section 175"),
        ("s.47", "his sister's 47 visits"),
        ("1200", "1,2001"),
        ("A&E", "vitamin E"),
        ("1200", "in 2019,200 children"),
    ],
)
def test_other_terms_are_not_found(typed: str, text: str) -> None:
    assert not all(clause.count_in(stream(text)) for clause in read(typed).wanted)


@pytest.mark.parametrize("listed", ["sections 17, 20 and 47", "Sections 17 or 47", "s17 and 47"])
def test_a_list_of_sections_names_each(listed: str) -> None:
    assert read("s47").wanted[0].count_in(stream(f"Under {listed} of the Act"))


@pytest.mark.parametrize(
    "text",
    ["p.12", "mother's 12 weeks", "1990s 20", "5+5", "page 1, 200", "swell being", "visits 47"],
)
def test_what_is_no_variant_stays(text: str) -> None:
    assert respelt(text) == text


def test_a_section_in_quotes_has_its_words_apart() -> None:
    assert read('"section 47" child').wanted[0].phrase == tuple(tokens("section 47"))
    assert read('child "s47').wanted[-1].phrase == tuple(tokens("section 47"))


@pytest.mark.parametrize(
    ("typed", "written", "marked"),
    [
        ("o neill", "Siân O\u2019Neill was six.", "O\u2019Neill"),
        ('"o neill"', "Siân O\u2019Neill was six.", "O\u2019Neill"),
        ("neill", "Siân O`Neill was six.", "Neill"),
        ("d angelo", "Mr D'Angelo wrote", "D'Angelo"),
        ("o'neill", "Sian O Neill was six.", "O</mark> <mark>Neill"),
        ("O\u2019NEILL", "Sian O Neill was six.", "O</mark> <mark>Neill"),
        ("o`neill", "Sian O-Neill was six.", "O-Neill"),
        ("o'neill", "Si\u00e2n O\u2019Neill was six.", "O\u2019Neill"),
        ("o'neill", "Sian ONeill was six.", "ONeill"),
        ('"sian o\'neill"', "Sian O Neill was six.", "Sian O Neill"),
        ('"sian o\'neill"', "Sian O\u2019Neill was six.", "Sian O\u2019Neill"),
        ("d'angelo", "Mr D Angelo wrote", "D</mark> <mark>Angelo"),
        ("shaken baby", "No one must shake a baby.", "shake"),
        ("shake a baby", "The baby was shaken.", "shaken"),
        ("was not brought", "Nobody could bring him.", "bring"),
        ("withheld", "She withdrew and withholds it.", "withholds"),
        ("slept", "sleeping on a sofa", "sleeping"),
        ("overslept", "She oversleeps.", "oversleeps"),
        ("knew", "It was known.", "known"),
    ],
)
def test_another_form_of_a_word_finds_it_and_it_is_marked(
    typed: str, written: str, marked: str
) -> None:
    query = read(typed)
    assert query.wanted[-1].count_in(stream(written)) or query.wanted[0].count_in(stream(written))
    assert f"<mark>{marked}" in unescape(snippet(written, query))


@pytest.mark.parametrize(
    ("typed", "written"),
    [
        ("find", "The found children"),
        ("wind", "a wound"),
        ("see", "a saw"),
        ("leave", "on the left"),
        ("M", "I'm at a school's gate, we've"),
        ("send", "It was sent"),
        ("neill", "o'neillian"),
        ("o'neill", "Mr Neill wrote"),
        ("d'you", "a d"),
    ],
)
def test_what_only_looks_like_another_form_is_another_word(typed: str, written: str) -> None:
    assert not read(typed).wanted[0].count_in(stream(written))
