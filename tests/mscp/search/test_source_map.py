"""What a clause was typed as is what the person typed, whatever spelling is looked for."""

import pytest

from mscp.search.analysis import folded
from mscp.search.query import read
from mscp.search.source_map import Mapped
from mscp.search.synonyms import made_of
from mscp.search.variants import respelt, respelt_map

SYNONYMS = made_of(["CE, child exploitation", "rough sleeping, no fixed abode"])


@pytest.mark.parametrize(
    ("typed", "clauses"),
    [
        ("section 47 neglect", ["section 47", "neglect"]),
        ("a s.47 enquiry", ["s.47", "enquiry"]),
        ("s47 A & E", ["s47", "A & E"]),
        ("§ 20 -s17", ["§ 20", "-s17"]),
        ("C.S.E. tool", ["C.S.E.", "tool"]),
        ("GBP 1,200 owed", ["GBP 1,200", "owed"]),
        ("emotional well being today", ["emotional", "well being", "today"]),
        ('in "A&E twice" s47', ['"A&E twice"', "s47"]),
        ("“section 47 call” Siân’s mother’s", ['"section 47 call"', "Sian", "mother"]),
        ("Siân’s,mother’s", ["Sian", "mother"]),
        ("child exploitation tool", ["child exploitation", "tool"]),
        ("the tool of ce", ["tool", "ce"]),
        ("rough sleeping near s.47", ["rough sleeping", "near", "s.47"]),
        ("brui* -ce no fixed abode", ["brui*", "-ce", "no fixed abode"]),
        ("ꙮ0 ce ꙮ1", ["0", "ce", "1"]),
        ("ﬁnan\u00adcial naïve", ["financial", "naive"]),
    ],
)
def test_each_clause_holds_what_was_typed_for_it(typed: str, clauses: list[str]) -> None:
    query = read(typed, SYNONYMS)
    found = [one.typed for one in (*query.wanted, *query.unwanted)]
    assert sorted(found) == sorted(clauses)


@pytest.mark.parametrize(
    "typed", ["s.47 -C.S.E. A&E", "“well being” ce 1,200", "rough sleeping s 8a"]
)
def test_what_was_typed_is_read_again_as_the_same(typed: str) -> None:
    query = read(typed, SYNONYMS)
    again = read(" ".join(one.typed for one in (*query.wanted, *query.unwanted)), SYNONYMS)
    assert (again.wanted, again.unwanted) == (query.wanted, query.unwanted)


@pytest.mark.parametrize(
    "typed",
    [
        "s.47, A&E; C.S.E. £1,200.00 well-being",
        "Siân’s mother's O’Neill — “quoted” ﬁnan\u00adcial",
        "thres\u00ad\nholds¹² guidanceⁱᵛ 12 m²",
        "عَلي كتــاب ٢٠٢١ ２０２１ straße ß",
        "§§ 17 & x_'s_ (a'b)",
        "",
    ],
)
def test_the_text_is_that_of_the_analysis(typed: str) -> None:
    mapped = respelt_map(Mapped.of(typed)).folded(folded)
    assert mapped.text == folded(respelt(typed))
    assert len(mapped.spans) == len(mapped.text)


def test_what_is_beyond_the_limits_is_told_as_typed() -> None:
    query = read(" ".join(f"word{n}" for n in range(12)) + " s.47 “A&E”")
    assert query.is_cut and query.unread == 's.47 "A&E"'
