"""What staff declare to mean the same finds one another, and they see what an entry does."""

import pytest
from django.test import Client

from mscp.models import SearchSynonym
from mscp.publishing.gate import State
from mscp.search.analysis import stream
from mscp.search.declared_synonyms import effects_of
from mscp.search.query import Query, read
from mscp.search.snippets import snippet
from mscp.search.synonyms import fault_of, made_of
from tests.factories import MINIMAL_PDF, make_document, make_file, make_review
from tests.pages import text_of, titles

ENTRIES = [
    "CE, child exploitation",
    "nursery, early years setting; preschool",
    "kid, child",
    "rough sleeping, no fixed abode",
    "s47, child protection enquiry",
    "A&E, casualty",
]
SYNONYMS = made_of(ENTRIES)


def has(typed: str, text: str) -> bool:
    query: Query = read(typed, SYNONYMS)
    found = all(clause.count_in(stream(text)) for clause in query.wanted)
    return found and not any(clause.count_in(stream(text)) for clause in query.unwanted)


def test_a_section_in_a_list_of_them_is_found_too() -> None:
    for typed in ("s47", "child protection enquiry"):
        assert has(typed, "Under sections 17 and 47")
    assert not has("s47", "Under sections 17 and 20")


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("ce", "Child exploitation was named"),
        ("CE", "The children's exploitation"),
        ("child exploitation", "A CE tool"),
        ("child exploitation tool", "A CE tool"),
        ("tool child exploitation", "A CE tool"),
        ("nursery", "An early years setting"),
        ("Nurseries", "Two preschools"),
        ("early years settings", "A nursery"),
        ("early years setting visit", "They visited the preschool"),
        ("rough sleeping", "of no fixed abode"),
        ("no fixed abode", "She slept rough: rough sleeping"),
        ("kids", "A child"),
        # A term of which there are many spellings.
        ("s47", "A child protection enquiry"),
        ("section 47", "A child protection enquiry"),
        ("§ 47 visit", "A child protection enquiry, and a visit"),
        ("s47", "A s.47 was begun"),
        ("child protection enquiry", "Section 47 was begun"),
        ("A and E", "She came to casualty"),
        ("casualty", "Seen in A & E"),
        ("kid -nursery", "A child at home"),
    ],
)
def test_each_term_finds_the_others(typed: str, text: str) -> None:
    assert has(typed, text)
    assert "<mark>" in snippet(text, read(typed, SYNONYMS))


@pytest.mark.parametrize(
    ("typed", "text"),
    [
        ("ce", "The exploitation of a child"),
        ("section 17", "A child protection enquiry"),
        ('"section 47"', "A child protection enquiry"),
        ("s47", "A section 17, at 47"),
        ('"ce"', "Child exploitation"),
        ('"ce tool"', "A child exploitation tool"),
        ("early years", "A nursery"),
        ("nurs*", "A preschool"),
        ("non-ce", "A child exploitation"),
        ("child m", "A kid, and 5 m of rope"),
        ("nursery ce", "A preschool"),
    ],
)
def test_what_was_typed_otherwise_is_left_as_it_is(typed: str, text: str) -> None:
    assert not has(typed, text)


def test_a_minus_takes_away_what_was_typed_alone() -> None:
    assert has("tool -ce", "A child exploitation tool")
    assert not has("tool -ce", "A CE tool")


@pytest.mark.parametrize("typed", ["ꙮ0", "ꙮ99 child", "-ꙮ0", "ꙮ", '"ꙮ0" ce-ꙮ', "ce-plan", "ce*"])
def test_nothing_typed_is_taken_for_the_number_of_an_entry(typed: str) -> None:
    for clause in read(typed, SYNONYMS).wanted:
        assert all(clause.ways)


def test_no_more_phrases_are_looked_for_than_without_synonyms() -> None:
    query = read('"a b" "c d" nursery ce rough sleeping', SYNONYMS)
    assert sum(clause.scans for clause in query.wanted) == 3


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ("CE, child exploitation", ""),
        ("CE", "Write 2 to 6 different terms, with commas between them."),
        ("child, children", "Write 2 to 6 different terms, with commas between them."),
        (", ;", "Write 2 to 6 different terms, with commas between them."),
        ("CE, of the", "“of the” holds no word to look for."),
        ("a, b c d e f g h", "“a” holds no word to look for."),
        ("CE, one two three four five six", "A term has at most 5 words."),
        ("b b, c c, d d, e e", "At most 3 of the terms may have several words."),
        ("b, c, d, e, f, g, h", "Write 2 to 6 different terms, with commas between them."),
    ],
)
def test_an_entry_that_no_search_could_use_is_refused_in_a_sentence(entry: str, fault: str) -> None:
    assert fault_of(entry) == fault


@pytest.mark.django_db
def test_an_entry_counts_from_the_next_search_on_and_no_longer_when_it_is_deleted() -> None:
    oak = make_review(title="Oak", summary="Child exploitation.")
    make_document(oak, file=make_file(MINIMAL_PDF, pages=["An early years", "setting."]))
    make_review(title="Ash", summary="The exploitation of a child.")

    def asked(words: str) -> list[str]:
        return titles(Client().get("/search/", {"q": words}))

    assert asked("ce") == asked("nursery") == []
    for entry in ENTRIES:
        SearchSynonym.objects.create(terms=entry)
    assert asked("ce") == asked("nursery") == ["Oak"]
    assert asked("ce -oak") == []
    page = Client().get("/search/?q=ce").content.decode()
    assert "<mark>Child exploitation</mark>" in page
    SearchSynonym.objects.all().delete()
    assert asked("ce") == []


@pytest.mark.django_db
def test_staff_see_what_an_entry_does_to_each_of_its_terms(admin_client: Client) -> None:
    make_review(title="Oak", summary="Child exploitation.")
    make_review(title="Elm", summary="A CE tool.")
    make_review(title="Draft", summary="A CE tool.", state=State.DRAFT)
    make_review(title="Soon", summary="A CE tool.", state=State.SCHEDULED)
    form = {"terms": "CE, child exploitation", "_continue": ""}
    answer = admin_client.post("/admin/mscp/searchsynonym/add/", form, follow=True)
    text = text_of(answer)
    assert "“CE” alone finds 1 published, with this entry 2. New, the latest first: “Oak”." in text
    assert "“child exploitation” alone finds 1 published, with this entry 2" in text
    assert "Draft" not in text and "Soon" not in text
    assert [one.newly_found for one in effects_of("CE, child exploitation")] == [["Oak"], ["Elm"]]
    SearchSynonym.objects.all().delete()
    shown = text_of(
        admin_client.post(
            "/admin/mscp/searchsynonym/add/", {"terms": "CE, child exploitation", "_effects": ""}
        )
    )
    assert "“CE” alone finds 1 published, with this entry 2" in shown
    assert "Please correct" not in shown and not SearchSynonym.objects.exists()
    refused = admin_client.post("/admin/mscp/searchsynonym/add/", {"terms": "CE"})
    assert "Write 2 to 6 different terms" in text_of(refused)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("CE, oak tree", "“oak tree” alone finds 0 published, with this entry 1"),
        ("CE", "Write 2 to 6 different terms"),
        ("", "This field is required"),
    ],
)
def test_what_a_changed_entry_would_do_is_shown_and_nothing_saved(
    typed: str, sentence: str, admin_client: Client
) -> None:
    make_review(title="Elm", summary="A CE tool.")
    entry = SearchSynonym.objects.create(terms="CE, child exploitation")
    address = f"/admin/mscp/searchsynonym/{entry.pk}/change/"
    answer = admin_client.post(address, {"terms": typed, "_effects": "", "_save": ""})
    assert sentence in text_of(answer)
    assert (
        not typed
        or f">{typed}</textarea>" in answer.content.decode().replace("\n", "")
        or (f'value="{typed}"' in answer.content.decode())
    )
    assert SearchSynonym.objects.get().terms == "CE, child exploitation"
