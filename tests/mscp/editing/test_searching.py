"""What staff look for they find, however it is typed; and lists open on what is worked on."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils.http import urlencode

from mscp.database import clock
from mscp.editing.searching import FoldedSearch, find
from mscp.models import BulkChange, ConcernContact, PreviewLink
from mscp.publishing.gate import State
from reviews.models import Kind
from tests.admin_forms import send
from tests.factories import (
    make_audience,
    make_briefing,
    make_contact,
    make_course,
    make_document,
    make_page,
    make_pending_change,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_user,
    make_venue,
    put_in_state,
)
from tests.pages import assert_valid, text_of

pytestmark = pytest.mark.django_db

EVERYTHING = "/admin/search/"
REVIEWS, SESSIONS = "/admin/reviews/practicereview/", "/admin/training/session/"


def found_in(client: Client, address: str, typed: str, **query: str) -> set[str]:
    response = client.get(address, {"q": typed, **query})
    assert response.status_code == 200, (address, typed)
    return {str(row) for row in response.context["cl"].result_list}


def everything(client: Client, typed: str) -> dict[str, list[str]]:
    """Return what is found, by heading."""
    response = client.get(EVERYTHING, {"q": typed})
    assert_valid(response)
    groups = response.context["groups"]
    return {group.heading: [one.name for one in group.found] for group in groups}


SPELLINGS = {
    "Élodie": [
        "élodie",
        "ELODIE",
        "elodie",
        "ÉLODIE",
        "élo",
        "e\u0301lodie",
        "ｅｌｏｄｉｅ",
        "lod",
    ],
    "Siân (Child S)": ["SIÂN", "sian", "Sia\u0302n", '"child s"', "“Child S”", "‘sian’"],
    "O’Neill family": [
        "O'Neill",
        "O’NEILL",
        "oneill",
        "O\u02bcNeill",
        "o`neill",
        '"o´neill family"',
    ],
    "Multi–agency working": ["multi-agency", "multiagency", "Multi\u2011Agency", "agency multi"],
    "Multiagency working": ["multi-agency", "multi\u2212agency", "multiagency"],
    "Łukasz and Søren": [
        "lukasz",
        "soren",
        "ŁUKASZ",
        "\u200eSØREN",
        "sø\u00adren",
        "søren\u00a0and",
    ],
    "Straße\u00a047": ["strasse 47", "STRASSE", "stra\u00dfe", "４７", "٤٧", '"strasse 47"'],
    "ﬁnal o\u00adffi\u200bce": ["final", "ﬁnal", "office", "OFFICE", "oﬃce", "ﬁnal–office"],
    "Παπαδόπουλος": ["παπαδοπουλος", "ΠΑΠΑΔΟΠΟΥΛΟΣ", "Παπαδόπουλοσ"],
    "50% of_them": ["50%", "of_them", "0% O"],
}
OTHERS = [
    "élodei",
    "sina",
    "O'Neal",
    "multi-agent",
    "lucasz",
    "4_7",
    "%%",
    "παπας",
    '"s child"',
]


@pytest.mark.parametrize("name", SPELLINGS)
@pytest.mark.parametrize("where", [make_review, make_contact], ids=["with words", "without"])
def test_accents_capitals_apostrophes_and_dashes_make_no_difference(where: Any, name: str) -> None:
    field = "title" if where is make_review else "label"
    record, _ = where(**{field: name}), where(**{field: "Other"})
    for typed in SPELLINGS[name]:
        assert [*find(type(record).objects.all(), [field], typed)] == [record], typed
    for typed in OTHERS:
        assert [*find(type(record).objects.all(), [field], typed)] == [], typed


@pytest.mark.parametrize("typed", ["", " ", "'", "–", "\u200e", '""', "\x00"], ids=ascii)
def test_what_holds_nothing_to_look_for_finds_nothing(typed: str) -> None:
    make_contact(label="– It’s –")
    assert [*find(ConcernContact.objects.all(), ["label"], typed)] == []


def _made(model: Any) -> Any:
    """Make a record of a model that has a search."""
    user = make_user()
    bare: dict[str, dict[str, Any]] = {
        "release": {"title": "Monday"},
        "listlink": {"kind": Kind.PRACTICE_REVIEW, "text": "List", "address": "/list/"},
        "group": {"name": str(user.pk)},
        "accountevent": {"at": clock.now(), "kind": "signed in"},
        "redirect": {"old_path": f"/{user.pk}/", "new_path": "/new/"},
        "bulkchange": {"made_at": clock.now(), "model": "reviews.theme"},
        "programmeimport": {"source": "x"},
        "searchsynonym": {"terms": f"a {user.pk}, b"},
    }
    name = model._meta.model_name
    if name in bare:
        return model.objects.create(**bare[name])
    if name == "previewlink":
        review = make_review(state=State.DRAFT)
        return PreviewLink.make(review, name="Anne", days=7, user=user)[0]
    make = {
        "practicereview": make_review,
        "publication": make_review,
        "nationalreport": make_report,
        "briefing": make_briefing,
        "document": lambda: make_document(make_review()),
        "theme": make_theme,
        "course": make_course,
        "session": lambda: make_session(venue=make_venue()),
        "venue": make_venue,
        "audience": make_audience,
        "pendingchange": make_pending_change,
        "user": make_user,
        "concerncontact": make_contact,
        "page": make_page,
    }
    return make[name]()


SEARCHED = [
    (model, field)
    for model, one in admin.site._registry.items()
    for field in one.search_fields
    if field != "start_words"
]


@pytest.mark.parametrize(
    ("model", "field"), SEARCHED, ids=[f"{model._meta.model_name} {f}" for model, f in SEARCHED]
)
def test_every_list_is_as_blind_in_every_field_that_it_is_searched_by(
    model: Any, field: str, rf: RequestFactory
) -> None:
    record, other = _made(model), _made(model)
    *path, last = field.split("__")
    owner = getattr(record, path[0]) if path else record
    text = {"url": "https://example.org/Éa–b", "address": "/Éa–b/"}.get(last, "Éa–b O’C")
    text = f"/{text.replace(' ', '')}/" if last.endswith("_path") else text[: _longest(owner, last)]
    setattr(owner, last, text)
    owner.save()
    request = rf.get("/")
    request.user = make_user(is_superuser=True)
    searched: Any = admin.site._registry[model]
    for typed in ("éa-b", "EA\u2011B", "ｅａ–ｂ", "\u200eÉA\u00adB", '"e\u0301a b"'):
        with CaptureQueriesContext(connection) as queries:
            found = searched.get_search_results(request, searched.get_queryset(request), typed)[0]
            keys = [one.pk for one in found]
        assert keys == [record.pk] and other.pk not in keys, typed
        # One reads the texts, one the rows; the others know who may see which.
        table = f'FROM "{model._meta.db_table}"'
        assert len([one for one in queries if table in one["sql"]]) == 2, typed


def _longest(record: Any, field: str) -> int:
    return getattr(record._meta.get_field(field), "max_length", None) or 100


def test_no_list_has_a_search_of_its_own() -> None:
    searched = [one for one in admin.site._registry.values() if one.search_fields]
    assert len(searched) > 20 and all(isinstance(one, FoldedSearch) for one in searched)


def test_a_search_of_the_admin_goes_by_it(administrator: Client) -> None:
    make_review(title="Élodie", state=State.DRAFT), make_session(make_course(title="Élodie"))
    make_user(first_name="Élodie"), make_contact(label="Élodie"), make_theme(name="Other")
    for address in (REVIEWS, SESSIONS, "/admin/auth/user/", "/admin/mscp/concerncontact/"):
        assert len(found_in(administrator, address, "ELODIE")) == 1, address
    assert len(everything(administrator, "ELODIE")) == 5


def test_texts_are_searched_and_all_words_must_be_there(editor: Client) -> None:
    review = make_review(title="Oak", summary="The family of Zoë moved twice.", state=State.DRAFT)
    make_review(title="Elm", summary="The family stayed.")
    for typed in ("zoe moved", "MOVED Zoë", "Zo", "oak families", "the zoë"):
        assert found_in(editor, REVIEWS, typed) == {"Oak"}, typed
    assert found_in(editor, REVIEWS, "zoe stayed") == set()
    assert found_in(editor, REVIEWS, "family") == {"Oak", "Elm"}
    assert everything(editor, "zoe")["Practice reviews"] == [review.title]


@pytest.mark.parametrize(
    "typed",
    [
        "'",
        '"',
        "%",
        "_",
        "\\",
        "the",
        "–",
        "\x00",
        "x" * 5_000,
        "x " * 500,
        "👶🏽",
        "日本語",
        "(",
        "''",
    ],
)
def test_whatever_is_typed_is_answered(administrator: Client, typed: str) -> None:
    make_review(title="Oak"), make_session(), make_page(title="Oak")
    for address in (REVIEWS, SESSIONS, "/admin/mscp/page/", EVERYTHING):
        assert administrator.get(address, {"q": typed}).status_code == 200, address


def test_an_underscore_is_no_wildcard(editor: Client) -> None:
    make_review(title="Oak")
    assert found_in(editor, REVIEWS, "O_k") == set() and found_in(editor, REVIEWS, "%") == set()


def test_the_choice_of_a_related_record_is_as_blind(publisher: Client) -> None:
    make_theme(name="Siân")
    query = {"app_label": "reviews", "model_name": "practicereview", "field_name": "themes"}
    answer = publisher.get("/admin/autocomplete/", {"term": "SIÂN", **query}).json()
    assert [one["text"] for one in answer["results"]] == ["Siân"]


NAMED, TYPED = "Élodie O’Neill–Siân", "elodie o'neill-sian"


def _chosen() -> list[Any]:
    """List each field of the admin, of its inlines too, whose records are chosen by typing."""
    found = []
    for one in admin.site._registry.values():
        for holder in (one, *(inline(one.model, admin.site) for inline in one.inlines)):
            fields = holder.autocomplete_fields
            found += [holder.model._meta.get_field(name) for name in fields]
    return found


CHOSEN = _chosen()


@pytest.mark.parametrize("field", CHOSEN, ids=map(str, CHOSEN))
def test_every_choice_of_a_related_record_is_as_blind(field: Any, administrator: Client) -> None:
    chosen, other = _made(field.related_model), _made(field.related_model)
    name = next(
        one
        for one in ("title", "name")
        if any(one == field.name for field in chosen._meta.concrete_fields)
    )
    setattr(chosen, name, NAMED)
    chosen.save()
    asked = {
        "app_label": field.model._meta.app_label,
        "model_name": field.model._meta.model_name,
        "field_name": field.name,
    }
    for typed in (TYPED, TYPED.upper(), NAMED, "ÉLODIE O`NEILL\u2011SIÂN"):
        answer = administrator.get("/admin/autocomplete/", {"term": typed, **asked}).json()
        ids = [one["id"] for one in answer["results"]]
        assert ids == [str(chosen.pk)] and str(other.pk) not in ids, typed


LISTED = [(model, one) for model, one in admin.site._registry.items() if one.search_fields]


@pytest.mark.parametrize("model", [m for m, _ in LISTED], ids=lambda m: m._meta.model_name)
def test_every_list_of_staff_finds_a_name_however_it_is_typed(
    model: Any, administrator: Client
) -> None:
    searched: Any = admin.site._registry[model]
    field = next(one for one in searched.search_fields if one != "start_words" and "__" not in one)
    record, _ = _made(model), _made(model)
    is_address = field in ("address", "url") or field.endswith("_path")
    text = f"/{NAMED.replace(' ', '')}/" if is_address else NAMED
    setattr(record, field, text[: _longest(record, field)])
    record.save()
    address = f"/admin/{model._meta.app_label}/{model._meta.model_name}/"
    typed = TYPED.replace(" ", "") if " " not in getattr(record, field) else TYPED
    listed = administrator.get(address, {"q": typed})
    assert listed.status_code == 200
    assert [one.pk for one in listed.context["cl"].result_list] == [record.pk]


# --- everything -------------------------------------------------------------------------------


def test_one_search_finds_all_that_staff_keep(administrator: Client) -> None:
    review = make_review(title="Oak", state=State.DRAFT)
    make_document(review, title="Oak, the report"), make_report(title="Oak")
    make_briefing(title="Oak"), make_theme(name="Oak"), make_venue(name="Oak hall")
    make_session(make_course(title="Oak"), in_days=-9)
    found = everything(administrator, "oak")
    assert list(found) == [
        *("Practice reviews", "National reports", "7-minute learnings", "Documents", "Themes"),
        *("Courses", "Sessions", "Venues"),
    ]
    page = administrator.get(EVERYTHING, {"q": "oak"}).content.decode()
    assert f'href="/admin/reviews/practicereview/{review.pk}/change/"' in page
    assert "Draft" in page and 'value="oak"' in page


def test_more_are_in_the_list_and_names_come_first(administrator: Client) -> None:
    for number in range(8):
        make_review(title=f"Review {number}", summary="About an oak.")
        make_session(make_course(title=f"Oak {number}"), in_days=-number)
    make_review(title="Oak")
    assert everything(administrator, "oak")["Practice reviews"][0] == "Oak"
    page = administrator.get(EVERYTHING, {"q": "oak"}).context["groups"]
    more = {group.heading: group.more for group in page}
    assert more["Practice reviews"] == f"{REVIEWS}?q=oak"
    assert administrator.get(more["Practice reviews"]).context["cl"].result_count == 9
    assert administrator.get(more["Sessions"]).context["cl"].result_count == 8


def test_only_what_a_person_may_view_is_found(sign_in: Any, editor: Client) -> None:
    make_review(title="Öak"), make_theme(name="Öak"), make_user(first_name="Öak")
    for model in ("auth.user", "reviews.theme", "training.session"):
        BulkChange.objects.create(what=f"Öak: {model}", model=model, made_at=clock.now())
    bare, trainer = sign_in(), sign_in("Training", username="tess")
    many = "Changes of many at once"
    for typed in ("oak", "ｏ\u00adak", "ÖAK"):
        assert "Öak" not in text_of(bare.get(EVERYTHING, {"q": typed})), typed
        found = everything(editor, typed)
        assert set(found) == {"Practice reviews", "Themes", many}
        assert found[many] == ["Öak: training.session"]
        found = everything(trainer, typed)
        assert set(found) == {"Themes", many} and found[many] == ["Öak: training.session"]


def test_a_visitor_is_sent_to_sign_in_and_learns_nothing() -> None:
    make_review(title="Oak", state=State.DRAFT)
    answers = [Client().get(EVERYTHING, {"q": typed}) for typed in ("oak", "ash")]
    assert [answer.status_code for answer in answers] == [302, 302]
    assert b"Oak" not in answers[0].content


def test_searching_everything_takes_as_many_queries_for_much_as_for_little(
    administrator: Client,
) -> None:
    counts = []
    for number in range(3):
        for index in range(6 * number):
            review = make_review(title=f"Oak {number} {index}")
            make_document(review, title="Oak")
            make_session(make_course(title=f"Oak {number} {index}"), venue=make_venue())
            make_page(title=f"Oak {number} {index}")
        with CaptureQueriesContext(connection) as queries:
            administrator.get(EVERYTHING, {"q": "oak"})
        counts.append(len(queries))
    # The first also reads what a worker keeps.
    assert counts[1] == counts[2]


def test_the_box_is_on_every_page_of_staff_and_says_what_it_is(editor: Client) -> None:
    for address in ("/admin/", REVIEWS, f"{REVIEWS}add/", EVERYTHING):
        page = editor.get(address).content.decode()
        assert 'action="/admin/search/"' in page and ">Search everything</label>" in page
    assert 'action="/admin/search/"' not in editor.get(f"{REVIEWS}add/?_popup=1").content.decode()


# --- lists ------------------------------------------------------------------------------------


def test_what_i_changed_is_found_whoever_changed_it_since(
    publisher: Client, editor: Client
) -> None:
    mine, theirs = (make_review(title=name, state=State.DRAFT) for name in ("Oak", "Elm"))
    send(editor, f"{REVIEWS}{mine.pk}/change/", summary="Mine.")
    send(publisher, f"{REVIEWS}{mine.pk}/change/", summary="Theirs.")
    send(publisher, f"{REVIEWS}{theirs.pk}/change/", summary="Theirs.")
    listed = editor.get(f"{REVIEWS}?changed-by=me").context["cl"]
    assert [str(row) for row in listed.result_list] == ["Oak"]
    assert editor.get(f"{REVIEWS}?changed-by=you").context["cl"].result_count == 2
    for address in (
        "/admin/training/course/",
        SESSIONS,
        "/admin/reviews/theme/",
        "/admin/mscp/page/",
    ):
        response = publisher.get(f"{address}?changed-by=me")
        assert response.status_code == 200 and "By who changed it" in text_of(response), address


def test_sessions_open_on_what_comes_next(publisher: Client) -> None:
    for days in (-9, -1, 0, 3, 1):
        make_session(make_course(title=f"Course {days}"), in_days=days)

    def listed(**query: str) -> list[str]:
        rows = publisher.get(SESSIONS, query).context["cl"].result_list
        return [row.course.title.removeprefix("Course ") for row in rows]

    assert listed() == listed(when="upcoming") == ["0", "1", "3"]
    assert listed(when="past") == ["-1", "-9"]
    assert listed(when="all") == ["3", "1", "0", "-1", "-9"]
    assert listed(q="Course") == ["3", "1", "0", "-1", "-9"]
    assert listed(q="Course", when="past") == ["-1", "-9"]
    year = str((clock.today() - timedelta(days=9)).year)
    assert len(listed(start_date__year=year)) == 5
    page = publisher.get(SESSIONS).content.decode()
    assert re.search(r'<li class="selected">\s*<a href="\?when=upcoming">To come</a>', page)


def test_what_is_scheduled_says_when(editor: Client) -> None:
    review = make_review(state=State.DRAFT)
    put_in_state(review, State.SCHEDULED)
    assert "Scheduled 24 Nov 2026, 10:00" in text_of(editor.get(REVIEWS))


def test_themes_say_what_has_them_in_as_many_queries_as_ever(publisher: Client) -> None:
    used = make_theme(name="Sleep")
    make_theme(name="Neglect")
    make_review(themes=[used]), make_report(themes=[used], state=State.DRAFT)
    make_course(themes=[used])
    publisher.get("/admin/reviews/theme/")
    with CaptureQueriesContext(connection) as few:
        page = text_of(publisher.get("/admin/reviews/theme/"))
    assert "2 publications, 1 course" in page and "nothing" in page
    for _ in range(12):
        make_review(themes=[make_theme(), used])
    publisher.get("/admin/reviews/theme/")
    with CaptureQueriesContext(connection) as many:
        page = text_of(publisher.get("/admin/reviews/theme/"))
    assert "14 publications, 1 course" in page and len(few) == len(many)


def test_the_words_of_drafts_stay_with_staff(editor: Client) -> None:
    make_review(title="Oak", summary="Zoë", state=State.DRAFT)
    for typed in ("zoe", "oak"):
        query = urlencode({"q": typed})
        visitor = text_of(Client().get(f"/search/?{query}"))
        assert "Oak" not in visitor and "Zoë" not in visitor
