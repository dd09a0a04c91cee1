"""One table of queries finds the same publications on every database, and the index stays true."""

from datetime import timedelta
from html import escape, unescape
from typing import Any

import pytest
from django.db import connection, transaction
from django.test import Client
from django.utils import timezone

from mscp.publishing.gate import State
from mscp.records.partial_dates import PartialDate
from mscp.search.query import read
from reviews import search
from reviews.models import (
    Document,
    DocumentFile,
    FileWords,
    Publication,
    Theme,
)
from tests.factories import (
    HIDDEN_STAGES,
    MINIMAL_PDF,
    make_briefing,
    make_course,
    make_document,
    make_file,
    make_finding,
    make_identity,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_user,
    make_venue,
    past_the_gate,
)
from tests.pages import body_of, text_of, titles

pytestmark = pytest.mark.django_db


def with_pages(publication: Any, *pages: str, **fields: Any) -> Document:
    return make_document(publication, file=make_file(MINIMAL_PDF, pages=list(pages)), **fields)


@pytest.fixture
def library() -> None:
    """A small fixed library, all of it invented."""
    neglect = make_theme(name="Neglect")
    infants = make_theme(name="Bruising in infants")
    vamp = make_review(
        pseudonym="Vamp",
        child_reference="Child M",
        aliases="Quill",
        listed_as="LCSPR July 2024",
        report_date=PartialDate(2024, 7),
        themes=[infants],
    )
    with_pages(
        vamp,
        "The baby was seen by the health visitor.",
        "Bruising on a non-mobile baby must always be explained. Café visits were noted.",
        "Professionals showed disguised compliance of the parents.",
        title="Report",
    )
    with_pages(vamp, "Easy words for young people.", title="Easy read")
    ash = make_review(
        title="Ash",
        type="scr",
        summary="A case of long neglect in one family.",
        report_date=PartialDate(2016),
        themes=[neglect],
        reviewer="Robin Sampleman",
    )
    with_pages(
        ash,
        "Compliance that was disguised is another thing.",
        "The organisation did not recognise the behaviour. Paediatric advice came late.",
    )
    make_review(title="Child D", type="scr", report_date=PartialDate(2010))
    report = make_report(
        title="Safeguarding babies",
        publisher="National panel",
        summary="On sudden unexpected death in infancy.",
        report_date=PartialDate(2020),
    )
    with_pages(report, "Bruises, bruises and more bruises.", "Police and school met.")
    make_report(
        title="Annual report",
        type="annual_report",
        publisher="National panel",
        report_date=PartialDate(2023),
    )
    make_briefing(
        title="Professional curiosity",
        background="Multi agency working.",
        questions="Who was told?",
        report_date=PartialDate(2025),
    )
    withheld = make_review(title="Birch", summary="Open words.", report_date=PartialDate(2022))
    make_finding(with_pages(withheld, "Secret bruising of a kestrel.").file)


VAMP, ASH, D = "Vamp (Child M)", "Ash", "Child D"
BABIES, ANNUAL, CURIOSITY, BIRCH = (
    "Safeguarding babies",
    "Annual report",
    "Professional curiosity",
    "Birch",
)
REVIEWS = {VAMP, ASH, D, BIRCH}
ALL = REVIEWS | {BABIES, ANNUAL, CURIOSITY}

QUERIES: list[tuple[str, set[str]]] = [
    # Names and references, in any order and case.
    ("vamp", {VAMP}),
    ("VAMP", {VAMP}),
    ("quill", {VAMP}),
    ("child m", {VAMP}),
    ("m child", {VAMP}),
    ("Vamp (Child M)", {VAMP}),
    ("LCSPR July 2024", {VAMP}),
    ("july 2024", {VAMP}),
    ("child d", {D}),
    ("ash", {ASH}),
    ("robin sampleman", {ASH}),
    ("national panel", {BABIES, ANNUAL}),
    # Types, short and long.
    ("scr", {ASH, D}),
    ("SCRs", {ASH, D}),
    ("serious case review", {ASH, D}),
    ('"serious case review"', {ASH, D}),
    ("lcspr", {VAMP, BIRCH}),
    ("local child safeguarding practice review", {VAMP, BIRCH}),
    ("sudi", {BABIES}),
    ("sudden death infancy", {BABIES}),
    # Themes.
    ("neglect", {ASH}),
    ("infant", {VAMP, BABIES}),
    ('"bruising in infants"', {VAMP}),
    # The pages of documents, and words on different pages.
    ("health visitor", {VAMP}),
    ("hv", {VAMP}),
    ("visitor compliance", {VAMP}),
    ("easy people", {VAMP}),
    ("police", {BABIES}),
    ("police compliance", set()),
    # Every form of a word.
    ("bruise", {VAMP, BABIES}),
    ("bruised", {VAMP, BABIES}),
    ("bruises babies", {VAMP, BABIES}),
    ("children", {VAMP, D, BIRCH}),
    ("person", {VAMP}),
    ("neglected families", {ASH}),
    ("safeguards", {VAMP, BABIES, BIRCH}),
    # British, American, accents, hyphens.
    ("organization", {ASH}),
    ("recognize behavior", {ASH}),
    ("pediatric", {ASH}),
    ("cafe", {VAMP}),
    ("CAFÉ", {VAMP}),
    ("multi-agency", {CURIOSITY}),
    ("multiagency", {CURIOSITY}),
    ("non-mobile", {VAMP}),
    ("non mobile", {VAMP}),
    # Phrases.
    ('"disguised compliance"', {VAMP}),
    ("disguised compliance", {VAMP, ASH}),
    ("“disguised compliance”", {VAMP}),
    ('"compliance disguised"', set()),
    ('"compliance that was disguised"', {ASH}),
    ('"compliance of disguised parents"', set()),
    ('"disguised', {VAMP, ASH}),
    ('"baby must always"', {VAMP}),
    # Without a word.
    ("compliance -disguised", set()),
    ("review -scr", {VAMP, BIRCH}),
    ("-review", {BABIES, ANNUAL, CURIOSITY}),
    ('compliance -"disguised compliance"', {ASH}),
    # Beginnings, asked for or meant.
    ("brui*", {VAMP, BABIES}),
    ("safeguardin", {VAMP, BABIES, BIRCH}),
    ("vam", {VAMP}),
    ("curio*", {CURIOSITY}),
    ("multi-ag*", {CURIOSITY}),
    ("non-mob*", {VAMP}),
    ("multi-agen", {CURIOSITY}),
    ("safeguarding -multi-ag*", {VAMP, BABIES, BIRCH}),
    ("cu*", {CURIOSITY}),
    # Words too common to count, and nothing.
    ("the baby of the", {VAMP, BABIES}),
    ("kestrel", set()),
    ("zzzz", set()),
    ("vamp zzzz", set()),
    ("disguised\tcompliance\n", {VAMP, ASH}),
    ("NOT OR vamp", {VAMP}),
    ('vamp" -', {VAMP}),
]


@pytest.mark.usefixtures("library")
def test_each_query_finds_what_it_should() -> None:
    assert len(QUERIES) >= 60
    wrong = {}
    for query, expected in QUERIES:
        found = set(titles(Client().get("/search/", {"q": query})))
        if found != expected:
            wrong[query] = (sorted(found), sorted(expected))
    assert not wrong


@pytest.mark.usefixtures("library")
@pytest.mark.parametrize(
    ("query", "first"),
    [("safeguarding", BABIES), ("bruising baby", BABIES), ("child", D), ("vamp", VAMP)],
)
def test_what_is_in_the_title_comes_first(query: str, first: str) -> None:
    found = titles(Client().get("/search/", {"q": query}))
    assert found[0] == first or set(found[:2]) == {VAMP, D}


def test_a_title_beats_any_number_of_mentions() -> None:
    named = make_review(title="Bruising", report_date=PartialDate(2001))
    counted = make_review(title="Elm", report_date=PartialDate(2025), summary="Bruising.")
    with_pages(counted, *["bruising " * 200] * 5)
    assert titles(Client().get("/search/?q=bruising")) == [named.title, counted.title]


def test_of_texts_the_one_with_more_mentions_comes_first_and_of_equals_the_newer() -> None:
    for title, year, text in (
        ("A", 2010, "bruise " * 40),
        ("B", 2020, "bruise"),
        ("C", 2015, "bruise"),
    ):
        with_pages(make_review(title=title, report_date=PartialDate(year)), text)
    assert titles(Client().get("/search/?q=bruising")) == ["A", "B", "C"]
    assert titles(Client().get("/search/?q=bruising&sort=newest")) == ["B", "C", "A"]
    assert titles(Client().get("/search/?q=bruising&sort=relevance")) == ["A", "B", "C"]


def test_of_very_many_those_with_the_title_come_first_then_the_newest(monkeypatch: Any) -> None:
    monkeypatch.setattr(search, "MOST_RANKED", 2)
    for title, year in (("Bruising", 2001), ("A", 2010), ("B", 2020), ("C", 2015)):
        make_review(title=title, report_date=PartialDate(year), summary="Bruising")
    assert titles(Client().get("/search/?q=bruise")) == ["Bruising", "B", "C", "A"]


def test_without_words_relevance_is_no_order_of_its_own() -> None:
    make_review(title="Old", report_date=PartialDate(2001))
    make_review(title="New", report_date=PartialDate(2020))
    page = Client().get("/reviews/?sort=relevance")
    assert titles(page) == ["New", "Old"]
    assert "Best match" not in text_of(page) and "ignored" not in text_of(page)


# --- pages ---------------------------------------------------------------------------------------


def test_a_word_on_page_two_is_one_hit_that_opens_there() -> None:
    review = make_review(title="Oak")
    document = with_pages(review, "First page.", "Here a <b>bruise</b> was seen.", "Third page.")
    page = Client().get("/search/?q=bruising")
    body = page.content.decode()
    assert body.count('class="hit"') == 1
    assert f'href="{document.reading_address}?q=bruising#page-2-match"' in body
    assert f'href="{document.get_absolute_url()}#page=2"' in body
    assert "Page 2 of 3" in text_of(page)
    assert "&lt;b&gt;<mark>bruise</mark>&lt;/b&gt;" in body


def test_the_pages_with_most_of_the_words_are_shown_the_best_first_and_three_at_most() -> None:
    with_pages(
        make_review(),
        "bruise",
        "baby",
        "bruise baby",
        "bruise",
        "baby and bruise",
        "baby bruise baby",
        "bruise baby",
    )
    page = Client().get("/reviews/?q=bruise+baby")
    shown = [hit.place.number for hit in page.context["object_list"][0].hits]
    assert shown == [6, 3, 5]


def test_a_result_says_who_published_it_unless_the_partnership_did() -> None:
    make_identity(name="Anytown Partnership")
    make_report(title="Oak", publisher="A national panel")
    make_review(title="Oak Lane", publisher="Anytown Partnership")
    results = str(Client().get("/search/?q=oak").content.decode()).split('id="found"')[1]
    assert results.count("published by </span>A national panel") == 1
    assert "Anytown" not in results.split("</main>")[0]


def test_a_result_with_a_passage_shows_neither_its_themes_nor_its_cover() -> None:
    theme = make_theme(name="Bruising")
    with_pages(make_review(title="Oak", themes=[theme]), "A bruise was seen.")
    make_review(title="Elm", themes=[theme])
    page = Client().get("/search/?q=bruising")
    assert {row.title: bool(row.hits) for row in page.context["object_list"]} == {
        "Oak": True,
        "Elm": False,
    }
    found = page.content.decode().split('id="found"')[1]
    assert found.count("themes: </span>Bruising") == 1
    assert "item-cover" not in found


def test_words_on_different_pages_are_shown_where_each_stands() -> None:
    with_pages(make_review(), "bruise", "nothing", "baby")
    page = Client().get("/reviews/?q=bruise+baby")
    assert [hit.place.number for hit in page.context["object_list"][0].hits] == [1, 3]


def test_a_document_of_pictures_links_to_the_file_alone() -> None:
    review = make_review()
    with_pages(review, "")
    body = Client().get("/reviews/?q=sample").content.decode()
    assert 'class="hit"' not in body


def test_a_hit_in_the_summary_is_shown_with_the_word_marked() -> None:
    make_review(summary="A long story of neglect.")
    assert b"story of <mark>neglect</mark>" in Client().get("/reviews/?q=neglected").content


def test_courses_and_venues_are_found_beside_publications() -> None:
    make_course(title="Bruising in babies", themes=[make_theme(name="Neglect")])
    make_course(title="Hidden bruising", state=State.DRAFT)
    make_venue(name="Bruising House", town="Sampleton")
    make_review(title="Bruising")
    found = titles(Client().get("/search/?q=bruise"))
    assert found == ["Bruising", "Bruising in babies", "Bruising House"]
    assert titles(Client().get("/search/?q=neglected")) == ["Bruising in babies"]
    assert titles(Client().get("/search/?q=sampleton")) == ["Bruising House"]
    assert titles(Client().get("/search/?q=-bruise")) == []
    assert titles(Client().get('/search/?q="in+babies"')) == ["Bruising in babies"]


def test_a_course_that_was_found_tells_its_next_date_and_the_soonest_come_first() -> None:
    for title, days in (("Later", [-3, 9]), ("Sooner", [2]), ("Without a date", [-3])):
        course = make_course(title=f"{title}: bruising")
        for number in days:
            make_session(course, in_days=number)
    for words in ("bruise", '"bruising"', "bruis*"):
        page = text_of(Client().get("/search/", {"q": words}))
        counted = [
            "Sooner: bruising Next date: 25 November 2026",
            "Later: bruising Next date: 2 December 2026",
            "Without a date: bruising No date set at present",
        ]
        assert [page.index(one) for one in counted] == sorted(page.index(one) for one in counted)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("the", "“the” is too common to search for."),
        ("of the", "“of the” are too common to search for."),
        ("??", "“??” holds no word to look for."),
    ],
)
def test_what_cannot_be_looked_for_is_answered_as_such(typed: str, answer: str) -> None:
    make_review(title="Oak")
    page = Client().get("/search/", {"q": typed})
    assert titles(page) == []
    text = text_of(page)
    assert answer in text and f"Search: {typed}" in text
    assert "Nothing was looked for" in text and "Looked for" not in text
    # Nor does any other list, or another format of it.
    assert titles(Client().get("/reviews/", {"q": typed})) == []
    assert Client().get("/reviews/export.v1.json", {"q": typed}).json()["total"] == 0
    # Nobody made a mistake in an address.
    assert "We ignored part of this link" not in text
    title = "no word to look for" if typed == "??" else "too common to search for"
    assert f"<title>{typed} – search – {title} –" in page.content.decode()
    both = text_of(Client().get("/search/", {"q": typed, "year": "now"}))
    assert answer in both and "We ignored part of this link; the rest applies: Year: now" in both


def test_each_result_bears_its_kind_and_shows_one_passage_the_best() -> None:
    with_pages(make_review(title="Oak"), "bruise", "bruise, purple bruise", "bruise")
    make_briefing(title="Ash", summary="About a bruise.")
    page = Client().get("/search/?q=bruises")
    text = text_of(page)
    assert "Oak Practice review , " in text and "Ash 7-minute learning , date not known" in text
    best, others = text.index("Page 2 of 3"), text.index("2 more pages with these words")
    assert best < others < text.index("Page 1 of 3") < text.index("Page 3 of 3")


def test_a_course_says_which_of_its_themes_has_the_words() -> None:
    babies, other = make_theme(name="Vulnerable babies"), make_theme(name="Neglect")
    make_course(title="Crying", summary="About bruises.", themes=[babies, other])
    make_course(title="Babies and bruises", themes=[babies])
    page = text_of(Client().get("/search/?q=baby+bruise"))
    shown = (
        "No date set at present In its summary: About bruises . Matches theme: Vulnerable babies"
    )
    assert f"Crying {shown}" in page and page.count("Matches theme") == 1
    assert "Babies and bruises No date set at present In its title" in page


# --- the gate ------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", HIDDEN_STAGES)
def test_nothing_hidden_is_found_and_only_what_will_be_live_has_a_row(state: State) -> None:
    review = make_review(state=state, title="Kestrel")
    with_pages(review, "kestrel")
    for address in ("/search/", "/reviews/"):
        assert titles(Client().get(f"{address}?q=kestrel")) == []
    assert (review.pk in indexed()) is (state is State.SCHEDULED)


def test_what_is_scheduled_is_found_from_its_moment_on(clock: Any) -> None:
    review = make_review(state=State.DRAFT, title="Kestrel", summary="Words.")
    review.publish(at=timezone.now() + timedelta(hours=1))
    assert titles(Client().get("/search/?q=kestrel")) == []
    clock.shift(timedelta(hours=1))
    assert titles(Client().get("/search/?q=kestrel")) == ["Kestrel"]


def test_what_is_withdrawn_leaves_the_index_in_the_same_transaction() -> None:
    review = make_review(title="Kestrel")
    with transaction.atomic():
        review.withdraw(reason="A test")
        assert review.pk not in indexed()
    review.return_to_draft()
    assert review.pk not in indexed()
    review.documents.create(title="Report", url="https://example.org/")
    review.publish()
    assert review.pk in indexed()


def test_text_with_a_finding_to_settle_is_not_found() -> None:
    review = make_review(title="Oak")
    finding = make_finding(with_pages(review, "kestrel").file)
    assert titles(Client().get("/search/?q=kestrel")) == []
    assert titles(Client().get('/search/?q="kestrel+nest"')) == []
    finding.accept(reason="A test", user=make_user())
    assert titles(Client().get("/search/?q=kestrel")) == ["Oak"]
    finding.take_back()
    assert titles(Client().get("/search/?q=kestrel")) == []


def test_a_phrase_in_a_document_with_a_finding_is_not_found() -> None:
    review = make_review(title="Oak", summary="Kestrel here, nest there.")
    make_finding(with_pages(review, "The kestrel nest.").file)
    assert titles(Client().get('/search/?q="kestrel+nest"')) == []


# --- the index follows every change ---------------------------------------------------------------


def found(words: str) -> set[str]:
    rows = Publication.objects.published().filter(pk__in=search.publications.find(read(words)))
    return {publication.title for publication in rows}


def indexed() -> set[int]:
    column = "rowid" if connection.vendor == "sqlite" else "id"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {column} FROM search_publication")  # noqa: S608
        return {row[0] for row in cursor.fetchall()}


def test_a_save_changes_what_is_found() -> None:
    review = make_review(title="Oak", summary="heron")
    review.summary = "kestrel"
    review.save()
    assert found("kestrel") == {"Oak"} and found("heron") == set()


def test_changes_that_pass_by_the_models_are_followed() -> None:
    review, theme = (
        make_review(title="Oak", themes=[make_theme(name="Herons")]),
        Theme.objects.get(),
    )
    Publication.objects.filter(pk=review.pk).update(words=" kestrel | ")
    assert found("kestrel") == {"Oak"}
    Theme.objects.filter(pk=theme.pk).update(words=" egret ")
    assert found("egret") == {"Oak"} and found("heron") == set()
    rows = Publication.objects.filter(pk=review.pk)
    past_the_gate(rows, state="draft", published_at=None)
    assert indexed() == set()


def test_themes_are_followed() -> None:
    theme = make_theme(name="Kestrels")
    review = make_review(title="Oak")
    assert found("kestrel") == set()
    review.themes.add(theme)
    review.themes.add(theme)
    assert found("kestrel") == {"Oak"}
    theme.name = "Herons"
    theme.save()
    assert found("heron") == {"Oak"} and found("kestrel") == set()
    review.themes.clear()
    assert found("heron") == set()


def test_documents_and_their_files_are_followed() -> None:
    oak, elm = make_review(title="Oak"), make_review(title="Elm")
    document = with_pages(oak, "kestrel", title="Nesting")
    assert found("kestrel") == found("nesting") == {"Oak"}
    document.file = make_file(MINIMAL_PDF, pages=["heron"])
    document.save()
    assert found("heron") == {"Oak"} and found("kestrel") == set()
    document.publication = Publication.objects.get(pk=elm.pk)
    document.save()
    assert found("heron") == {"Elm"}
    FileWords.objects.filter(file=document.file).update(words=" egret ")
    assert found("egret") == {"Elm"}
    document.delete()
    assert found("egret") == found("nesting") == set()


def test_a_deleted_publication_leaves_nothing_behind() -> None:
    with_pages(make_review(title="Oak"), "kestrel")
    Publication.objects.all().delete()
    assert indexed() == set() and found("kestrel") == set()


def test_the_index_holds_the_documents_that_the_gate_lets_through() -> None:
    """The rule of Document.published() stands in SQL too; the two must agree."""
    for number in range(4):
        review = make_review(title=f"Review {number}")
        document = with_pages(review, f"only{number}")
        if number % 2:
            make_finding(document.file)
    published = {str(d.publication) for d in Document.objects.published()}
    assert published == {title for n in range(4) for title in found(f"only{n}")}


def test_the_words_of_a_file_are_those_of_its_pages() -> None:
    file = make_file(MINIMAL_PDF, pages=["One bruise", "Two babies", ""])
    kept = DocumentFile.objects.get(pk=file.pk).file_words
    assert [" bruis " in page for page in kept.pages.streams] == [True, False, False]
    assert kept.pages.counts(" bruis ") == [1, 0, 0]


def test_each_kind_is_found_by_its_own_texts() -> None:
    make_briefing(title="Learning", what_to_do="Ask about the kestrel.")
    make_review(title="Review", reviewer="Robin Heron")
    make_report(title="Report", publisher="Egret Press")
    assert found("kestrel") == {"Learning"}
    assert found("heron") == {"Review"} and found("egret press") == {"Report"}


def test_notes_for_staff_are_in_no_index() -> None:
    make_review(title="Oak", staff_note="kestrel")
    assert found("kestrel") == set()


def test_the_same_search_asked_again_finds_what_there_is_by_then() -> None:
    def asked() -> list[str]:
        return titles(Client().get("/search/?q=kestrel"))

    oak, theme = make_review(title="Oak"), make_theme(name="Kestrels")
    assert asked() == []
    document = with_pages(oak, "kestrel")
    assert asked() == ["Oak"]
    FileWords.objects.update(words=" heron ")
    assert asked() == []
    oak.themes.add(theme)
    assert asked() == ["Oak"]
    Theme.objects.update(words=" heron ")
    assert asked() == []
    document.title = "Kestrel"
    document.save()
    assert asked() == ["Oak"]
    document.delete()
    assert asked() == []


# --- help ----------------------------------------------------------------------------------------


def test_a_mistyped_word_is_answered_with_what_may_be_meant() -> None:
    with_pages(make_review(title="Oak"), "Neglect of a baby")
    page = Client().get("/search/?q=negelct+baby&type=lcspr")
    assert "Did you mean neglect baby (1 result)?" in text_of(page)
    link = page.context["offers"].respelt[0].query
    assert titles(Client().get(f"/search/?{link}")) == ["Oak"] and "type=lcspr" in link


@pytest.mark.parametrize("typed", ["negelct {}", '"negelct of a baby {}"', "{} zebra", '"{}"'])
def test_of_a_long_text_that_was_pasted_a_part_is_offered(typed: str) -> None:
    long = "baby asleep under covers beside parents who smoked and drank during evening hours"
    with_pages(make_review(title="Oak"), f"Neglect of a baby {long}. Hours evening during {long}.")
    other = " ".join(reversed(long.split())) if typed == '"{}"' else long
    page = Client().get("/search/", {"q": typed.format(other)})
    offers = [*page.context["offers"].respelt, *page.context["offers"].parts]
    assert offers
    for offer in offers:
        shown = page.content.decode().partition(f'href="?{escape(offer.query)}">')[2]
        assert 0 < len(unescape(shown.partition("</a>")[0])) <= 90
        assert titles(Client().get(f"/search/?{offer.query}")) == ["Oak"]


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("brusing infnats", "bruising infants"),
        ('"brusing of infnats"', '"bruising of infants"'),
        ("brusing -infnats", "bruising -infnats"),
        ("non-mobiel", "non-mobile"),
        ("infants zzzzzz", None),
    ],
)
def test_several_words_are_put_right_at_once(typed: str, meant: str | None) -> None:
    with_pages(make_review(title="Oak"), "Bruising of infants. A non-mobile baby.")
    page = Client().get("/search/", {"q": typed})
    assert [offer.label for offer in page.context["offers"].respelt] == ([meant] if meant else [])


def test_what_is_meant_does_not_hang_on_drafts() -> None:
    make_review(title="Kestral")
    for title in ("Kestrel", "Kestril", "Kestrol", "Kestrula"):
        make_review(title=title, state=State.DRAFT)
    page = Client().get("/search/?q=kestrul")
    assert [offer.label for offer in page.context["offers"].respelt] == ["kestral"]


@pytest.mark.parametrize("state", HIDDEN_STAGES)
def test_what_only_hidden_texts_hold_is_never_meant(state: State) -> None:
    make_review(state=state, title="Kestrel")
    assert "Did you mean" not in text_of(Client().get("/search/?q=kestrle"))


def test_what_goes_live_by_the_clock_is_found_and_meant_from_that_moment(clock: Any) -> None:
    make_review(title="Oak")
    make_review(title="Quiet kestrel", state=State.SCHEDULED)
    # Each search is kept, and asked once more when the clock alone has changed what it finds.
    for found, meant in (([], False), (["Quiet kestrel"], True)):
        for words in ("kestrel", '"quiet kestrel"', "kestrel -oak"):
            assert titles(Client().get("/search/", {"q": words})) == found, words
        page = text_of(Client().get("/search/?q=kestrle"))
        assert ("Did you mean kestrel" in page) is meant
        clock.shift(timedelta(days=2))


def test_a_beginning_that_was_taken_is_said() -> None:
    make_review(title="Bruising")
    page = Client().get("/reviews/?q=bruisi")
    assert titles(page) == ["Bruising"]
    assert "Nothing has the word “bruisi”. These have words that begin so." in text_of(page)


def test_a_choice_never_changes_what_is_looked_for() -> None:
    """The last word is taken as a beginning where nothing has it, whatever else is chosen."""
    alpha, beta = make_theme(name="Alpha"), make_theme(name="Beta")
    make_review(title="One", summary="neg", themes=[beta])
    make_review(title="Two", summary="neglect", themes=[beta])
    make_review(title="Three", summary="neglect", themes=[alpha])
    for query in ("q=neg", "q=neg&theme=alpha", "q=neg&theme=beta"):
        page = Client().get(f"/search/?{query}")
        choices = next(f for f in page.context["facets"] if f.name == "theme").first
        assert {c.value: c.number for c in choices if c.number} == {"beta": 1}, query
    assert titles(Client().get("/search/?q=neg&theme=alpha")) == []


def test_more_words_than_are_looked_for_are_named() -> None:
    make_review(title="Oak", summary="Words " + " ".join(f"word{n}" for n in range(12)))
    query = "+".join(f"word{n}" for n in range(12))
    assert "everything after the first" not in text_of(Client().get(f"/search/?q={query}"))
    page = Client().get(f"/search/?q={query}+zebra")
    assert titles(page) == ["Oak"]
    assert "not read: zebra" in text_of(page)
    assert "at most 12 words, 3 phrases and 200 letters" in text_of(page)
    assert "everything after the first 12 words or 3 phrases" in str(
        Client().get(f"/search/export.v1.json?q={query}+zebra").json()["left_out"]
    )


def test_the_part_of_a_learning_that_has_the_words_is_shown_without_its_marks() -> None:
    make_briefing(
        title="Learning",
        summary="What it is about.",
        background="Nothing of it.",
        what_to_do="## Now\n\n- Ask the **housing officer**, see [the list](https://example.org/).",
    )
    (found,) = Client().get("/search/?q=housing+officer").context["object_list"]
    assert "Ask the <mark>housing</mark> <mark>officer</mark>, see the list." in found.excerpt
    (other,) = Client().get("/search/?q=learning").context["object_list"]
    assert other.excerpt == ""


def test_every_format_finds_the_same_in_the_same_order() -> None:
    for title, times in (("A", 1), ("B", 40), ("C", 8)):
        with_pages(make_review(title=title), "bruising " * times)
    for query in ("q=bruise", "q=bruisi"):
        page = titles(Client().get(f"/reviews/?{query}"))
        answer = Client().get(f"/reviews/export.v1.json?{query}").json()
        lines = body_of(Client().get(f"/reviews/export.csv?{query}")).decode().splitlines()[1:]
        assert [result["title"] for result in answer["results"]] == page == ["B", "C", "A"]
        assert [line.split(",")[2] for line in lines] == page
