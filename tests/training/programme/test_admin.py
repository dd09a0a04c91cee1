"""The import in the admin: who may, what survives a refusal, and how lines are mended."""

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mscp.publishing.gate import State
from tests.factories import make_course, make_session, make_venue, put_in_state
from tests.pages import assert_valid, text_of
from tests.training.programme.sheet_files import xlsx
from tests.training.programme.steps import (
    ADD,
    LIST,
    PAGE,
    address,
    counts,
    form_of,
    paste,
    press,
    tick,
    upload,
)
from training.models import Course, ProgrammeImport, Session, Venue
from training.programme.preview import LINES_A_PAGE
from training.programme.writing import NotWrittenError, write

pytestmark = pytest.mark.django_db

LINES = "- Neglect - 14/01/2027\n- Trauma - 21/01/2027\nTown Hall, Morden SM4 5DX\n"


# --- who may ----------------------------------------------------------------------------------


def test_who_may_not_add_sessions_sees_nothing_of_it(sign_in: Any, publisher: Client) -> None:
    programme = paste(publisher)
    onlooker = sign_in(username="olive")
    onlooker.user.user_permissions.set(
        Permission.objects.filter(
            codename__in=["view_session", "view_course", "change_course", "view_venue"]
        )
    )
    for path in (LIST, ADD, address(programme), f"{LIST}{programme.pk}/throw-away/"):
        assert onlooker.get(path).status_code == 403, path
        assert onlooker.post(path, {"text": PAGE}).status_code == 403, path
        assert Client().get(path).status_code == 302, path
    for path in ("/admin/", "/admin/training/session/", "/admin/training/course/"):
        assert b"programmeimport/add" not in onlooker.get(path).content, path
    assert counts()[3] == 1
    for path in ("/admin/training/session/", "/admin/training/course/"):
        assert b"Import a programme" in publisher.get(path).content, path


def test_a_form_from_elsewhere_is_refused(publisher: Client) -> None:
    programme = paste(publisher)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(
        publisher.user,  # type: ignore[attr-defined]
        backend="allauth.account.auth_backends.AuthenticationBackend",
    )
    for path in (ADD, address(programme), f"{LIST}{programme.pk}/throw-away/"):
        assert strict.post(path, {"text": PAGE}).status_code == 403
    assert counts() == [0, 0, 0, 1]


@pytest.mark.parametrize("key", ["0", "999999", "x", "9" * 30, "1%00"])
def test_an_import_that_is_not_there_is_not_found(publisher: Client, key: str) -> None:
    assert publisher.get(f"{LIST}{key}/change/").status_code == 404
    assert publisher.get(f"{LIST}{key}/delete/").status_code in (302, 403, 404)
    if key.isdigit() and len(key) < 18:
        assert publisher.get(f"{LIST}{key}/throw-away/").status_code == 404


def test_an_editor_prepares_and_a_publisher_finishes(editor: Client, publisher: Client) -> None:
    make_course(title="Neglect", state=State.WITHDRAWN)
    programme = paste(editor, LINES)
    page = text_of(editor.get(address(programme)))
    assert "“Neglect” is withdrawn, and only a publisher may add sessions to it" in page
    assert "only a publisher may add venues" in page
    assert "2 lines cannot be imported like this" in page
    assert "A new venue" not in page and "Not known: choose one" in page
    assert "1 programme import to look through" in text_of(publisher.get("/admin/"))
    waiting = text_of(publisher.get(f"{LIST}?imported_at_missing=yes"))
    assert "1 programme import" in waiting
    assert "Import 2 sessions" not in page
    refused = press(editor, programme, "_confirm")
    assert "Some lines cannot be imported as they are" in text_of(refused)
    assert counts() == [1, 0, 0, 1]
    tick(publisher, programme)
    assert "Import 2 sessions" in publisher.get(address(programme)).content.decode()
    press(publisher, programme, "_confirm")
    assert counts() == [2, 2, 1, 1]
    session = Session.objects.get(course__title="Neglect")
    assert session.created_by == publisher.user  # type: ignore[attr-defined]


def test_an_editor_leaves_out_what_needs_a_publisher(editor: Client) -> None:
    make_course(title="Neglect", state=State.WITHDRAWN)
    programme = paste(editor, LINES)
    press(editor, programme, "_look", line_1_place="none")
    press(editor, programme, "_leave_out_stopped")
    assert "1 session was imported" in text_of(press(editor, programme, "_confirm"))
    assert Course.objects.get(title="Trauma").current_state is State.DRAFT
    assert counts() == [2, 1, 0, 1]


MANY_OF_ONE = "- Neglect - 14/01/2027\n- Neglect - 21/01/2027\n- Loss - 28/01/2027\n"


@pytest.mark.parametrize("two_people", [False, True])
def test_sessions_of_live_courses_wait_in_one_change_each(
    editor: Client, publisher: Client, settings: Any, two_people: bool
) -> None:
    neglect, loss = make_course(title="Neglect"), make_course(title="Loss")
    make_session(neglect, start_date=date(2027, 1, 7))
    settings.TWO_PEOPLE = two_people
    client = publisher if two_people else editor
    programme = paste(client, MANY_OF_ONE)
    page = text_of(client.get(address(programme)))
    assert "3 sessions of these are of live courses and go into 2 proposed changes" in page
    assert "public at once" not in page
    done = text_of(press(client, programme, "_confirm"))
    assert "3 sessions were imported. Those of live courses wait in 2 proposed changes." in done
    assert "Proposed changes of live courses" in done and "in its proposed change" in done
    assert neglect.sessions.count() == 1 and not loss.sessions.exists()
    change = Course.objects.get(revises=neglect)
    added = change.sessions.filter(revises=None)
    assert {one.when for one in added} == {"14 January 2027", "21 January 2027"}
    assert not Session.objects.published().filter(start_date__gte="2027-01-14").exists()
    # A second import finds them, and goes on with the same changes.
    again = paste(client, f"{MANY_OF_ONE}- Loss - 04/02/2027\n")
    assert "3 lines are there already" in text_of(client.get(address(again)))
    press(client, again, "_confirm")
    assert Course.objects.proposed_changes().count() == 2
    assert Course.objects.get(revises=loss).sessions.count() == 2


def test_a_course_that_goes_live_before_the_import_is_told_of_first(
    publisher: Client, settings: Any
) -> None:
    course = make_course(title="Neglect", state=State.DRAFT)
    settings.TWO_PEOPLE = True
    programme = paste(publisher, MANY_OF_ONE)
    form = form_of(publisher, programme)
    put_in_state(course, State.PUBLISHED)
    refused = publisher.post(address(programme), {**form, "_confirm": "1"}, follow=True)
    assert "Something changed after you had opened this page" in text_of(refused)
    assert not Session.objects.exists() and not Course.objects.proposed_changes().exists()


# --- reading ----------------------------------------------------------------------------------


def test_a_refused_text_stays_where_it_was_typed(publisher: Client) -> None:
    response = publisher.post(ADD, {"text": "Neglect & <Co>, some day"})
    assert response.status_code == 200
    assert "No line with a day was found" in text_of(response)
    assert "Neglect &amp; &lt;Co&gt;, some day" in response.content.decode()
    both = publisher.post(
        ADD, {"text": LINES, "file": SimpleUploadedFile("a.csv", b"Course,Date\n")}
    )
    assert "not both at once" in text_of(both) and "Town Hall" in both.content.decode()
    assert counts() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.xlsx", b"", "This file is empty"),
        ("a.xlsx", b"\x89PNG\r\n", "This is a picture, whatever its name says"),
        ("a.csv", b"Course,Venue\nx,y\n", "There is no column “Day”"),
        ("a.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old Excel file"),
        (f"{'a' * 300}.csv", b"\0", "Row 1 holds a character"),
    ],
)
def test_a_refused_file_says_why(publisher: Client, name: str, content: bytes, says: str) -> None:
    response = publisher.post(ADD, {"text": "", "file": SimpleUploadedFile(name, content)})
    assert says in text_of(response) and counts() == [0, 0, 0, 0]
    assert_valid(response)


def test_what_was_not_used_is_named(publisher: Client) -> None:
    content = b"Course,Date,Minibus\nNegl\xe9ct,14/01/2027,Sam\n"
    page = text_of(publisher.get(address(upload(publisher, content))))
    assert "The column “Minibus” (C) is not used." in page
    assert "was read as Windows text (cp1252)" in page


# --- looking through --------------------------------------------------------------------------


def test_lines_are_mended_and_looked_at_again(publisher: Client) -> None:
    hall = make_venue(name="Civic Centre")
    known = make_course(title="Exploitation", state=State.DRAFT)
    programme = paste(publisher, LINES)
    response = press(
        publisher,
        programme,
        "_look",
        line_0_title="Child neglect",
        line_0_date="15 January 2027",
        line_0_start="9.30am - 1pm",
        line_0_note="Bring lunch",
        line_1_course=str(known.pk),
        line_1_place=str(hall.pk),
        line_1_delivery="hybrid",
    )
    assert response.status_code == 200 and counts() == [1, 0, 1, 1]
    assert_valid(response)
    # Another title is another course, which is ticked again.
    press(publisher, tick(publisher, programme), "_confirm")
    first, second = Session.objects.order_by("start_date")
    assert (first.course.title, first.start_date) == ("Child neglect", date(2027, 1, 15))
    assert (first.times, first.note) == ("9:30am to 1pm", "Bring lunch")
    assert (second.course, second.venue, second.delivery) == (known, hall, "hybrid")


def test_another_title_finds_another_course_whatever_was_chosen_before(publisher: Client) -> None:
    known = make_course(title="Exploitation", state=State.DRAFT)
    programme = paste(publisher, LINES)
    press(publisher, programme, "_look", line_0_title="exploitation")
    assert form_of(publisher, programme)["line-0-course"] == str(known.pk)
    press(publisher, programme, "_look", line_0_course="new")
    assert form_of(publisher, programme)["line-0-course"] == "new"


def test_a_line_is_left_out_and_taken_back(publisher: Client) -> None:
    programme = paste(publisher, LINES)
    press(publisher, programme, "_leave", value="0")
    assert "Import 1 session" in publisher.get(address(programme)).content.decode()
    press(publisher, programme, "_take", value="0")
    assert "Import 2 sessions" in publisher.get(address(programme)).content.decode()


def test_two_days_in_a_row_are_joined(publisher: Client) -> None:
    programme = paste(publisher, "- Trauma - 25-06-2027\n- Trauma - 26-06-2027\n")
    press(publisher, programme, "_join", value="0")
    press(publisher, programme, "_confirm")
    assert Session.objects.get().when == "25 to 26 June 2027"
    again = paste(publisher, "- Trauma - 25-06-2027\n- Trauma - 26-06-2027\n")
    assert "There is nothing to import." in text_of(publisher.get(address(again)))


def test_what_is_past_is_left_out_by_one_button(publisher: Client) -> None:
    programme = paste(publisher, PAGE + "- Neglect - 14/01/2027\n")
    press(publisher, programme, "_leave_out_past")
    assert "Import 1 session" in publisher.get(address(programme)).content.decode()
    press(publisher, programme, "_take_back")
    assert "Import 28 sessions" in publisher.get(address(programme)).content.decode()


def test_confirming_with_a_change_on_the_page_shows_it_first(publisher: Client) -> None:
    programme = paste(publisher, LINES)
    response = press(publisher, programme, "_confirm", line_0_title="Child neglect")
    assert "nothing is imported yet" in text_of(response) and counts() == [0, 0, 0, 1]
    press(publisher, tick(publisher, programme), "_confirm")
    assert Course.objects.filter(title="Child neglect").exists()


@pytest.mark.parametrize(
    "junk",
    [
        {"lines": ["x", "99999", "-1", "9" * 40]},
        {"line-0-course": "abc", "line-0-place": "' or 1=1", "line-0-was": "]["},
        {"line-0-course": "9" * 18, "line-0-place": "9" * 18},
        {"line-0-title": "x" * 10_000, "line-0-date": "\0" * 10, "line-0-was": "[1]"},
        {"_join": "x"},
        {"_join": "99"},
        {"_page": "9" * 50},
        {"version": "x", "fingerprint": "x", "_confirm": "1"},
    ],
)
def test_nonsense_sent_back_does_no_harm(publisher: Client, junk: dict[str, Any]) -> None:
    programme = paste(publisher, LINES)
    fields = {**form_of(publisher, programme), **junk}
    response = publisher.post(address(programme), fields, follow=True)
    assert response.status_code == 200 and counts() == [0, 0, 0, 1]
    assert publisher.get(f"{address(programme)}?page=zz").status_code == 200


def test_what_a_line_says_is_never_markup(publisher: Client) -> None:
    programme = paste(publisher, "<script>alert(1)</script>\" ' - 14/01/2027\n<b>Hall</b>\n")
    response = publisher.get(address(programme))
    assert b"<script>alert" not in response.content and b"<b>Hall" not in response.content
    assert_valid(response)


# --- two at once ------------------------------------------------------------------------------


def test_the_second_of_two_editors_is_told_and_loses_nothing(
    publisher: Client, sign_in: Any
) -> None:
    programme = paste(publisher, LINES)
    mine = form_of(publisher, programme)
    robin = sign_in("Publishers", username="robin")
    press(robin, programme, "_look", line_1_note="Robin's")
    mine["line-0-note"] = "Mine"
    page = publisher.post(address(programme), mine)
    assert "Robin changed lines of this import after you had opened it" in text_of(page)
    assert 'value="Mine"' in page.content.decode() and "Robin&#x27;s" in page.content.decode()
    assert [line.note for line in ProgrammeImport.objects.get().get_lines()] == ["", "Robin's"]


def test_two_who_confirm_the_same_import_add_it_once(publisher: Client, sign_in: Any) -> None:
    programme = paste(publisher, LINES)
    mine = {**form_of(publisher, programme), "_confirm": "1"}
    press(sign_in("Publishers", username="robin"), programme, "_confirm")
    response = publisher.post(address(programme), mine, follow=True)
    assert "A colleague imported this meanwhile" in text_of(response)
    assert counts() == [2, 2, 1, 1]


def test_two_imports_of_the_same_lines_add_them_once(publisher: Client) -> None:
    one, two = paste(publisher, LINES), paste(publisher, LINES)
    second = {**form_of(publisher, two), "_confirm": "1"}
    press(publisher, one, "_confirm")
    response = publisher.post(address(two), second, follow=True)
    assert "Something changed after you had opened this page" in text_of(response)
    assert counts() == [2, 2, 1, 2]


@pytest.mark.parametrize("change", ["publish", "add", "rename", "delete"])
def test_a_world_that_changed_since_the_preview_stops_it(publisher: Client, change: str) -> None:
    course = make_course(title="Neglect", state=State.DRAFT)
    programme = paste(publisher, LINES)
    mine = {**form_of(publisher, programme), "_confirm": "1"}
    match change:
        case "publish":
            course.publish()
        case "add":
            make_session(course, start_date=date(2027, 1, 14))
        case "rename":
            Course.objects.filter(pk=course.pk).update(title="Neglect of elders, and more")
        case _:
            course.delete()
    before = counts()
    response = publisher.post(address(programme), mine, follow=True)
    assert "Something changed after you had opened this page" in text_of(response)
    assert counts() == before


def test_an_import_thrown_away_meanwhile_is_named(publisher: Client) -> None:
    programme = paste(publisher, LINES)
    mine = {**form_of(publisher, programme), "_confirm": "1"}
    publisher.post(f"{LIST}{programme.pk}/throw-away/")
    gone = publisher.post(address(programme), mine)
    assert gone.status_code == 404 and "This was not done" in text_of(gone)
    with pytest.raises(NotWrittenError, match="threw this import away"):
        write(programme, publisher.user, "")  # type: ignore[attr-defined]


def test_all_or_nothing(publisher: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    programme = paste(publisher, LINES)
    save, saved = Session.save, []

    def break_at_the_second(self: Session, *args: Any, **kwargs: Any) -> None:
        saved.append(self)
        if len(saved) == 2:
            self.end_date = self.start_date
        save(self, *args, **kwargs)

    monkeypatch.setattr(Session, "save", break_at_the_second)
    response = press(publisher, programme, "_confirm")
    assert "The database refused one of the sessions, so nothing was imported" in text_of(response)
    assert counts() == [0, 0, 0, 1] and len(saved) == 2
    assert not ProgrammeImport.objects.get().is_done


# --- the record of it -------------------------------------------------------------------------


def test_an_import_is_kept_with_who_when_and_what(publisher: Client) -> None:
    programme = paste(publisher, LINES + "- Abuse - 1/2/2027\n")
    press(publisher, programme, "_leave", value="2")
    response = press(publisher, programme, "_confirm")
    page = text_of(response)
    assert_valid(response)
    assert "2 sessions imported" in page and "Imported 23 Nov 2026, 10:00, pat" in page
    assert "2 courses were new; 2 are still drafts, so their sessions are not public" in page
    for record in (*Course.objects.all(), *Session.objects.all(), *Venue.objects.all()):
        assert f"/{record._meta.model_name}/{record.pk}/change/" in response.content.decode()
        newest = record.history.latest()
        assert newest.history_change_reason == "Imported: Pasted text"
        assert newest.history_user == publisher.user  # type: ignore[attr-defined]
    programme.refresh_from_db()
    assert programme.imported_by == publisher.user  # type: ignore[attr-defined]
    history = text_of(publisher.get(f"{LIST}{programme.pk}/history/"))
    assert "Imported 2 sessions" in history and "Lines changed" in history
    assert "to look through" not in text_of(publisher.get("/admin/"))
    listed = text_of(publisher.get(LIST))
    assert "Imported" in listed and "Pasted text" in listed
    assert publisher.get(f"{LIST}{programme.pk}/throw-away/").status_code == 404
    assert publisher.get(f"{LIST}{programme.pk}/delete/").status_code == 403
    Session.objects.all().delete()
    assert "Some of the sessions have been deleted since" in text_of(
        publisher.get(address(programme))
    )


def test_sessions_of_published_courses_are_told_to_be_public_at_once(publisher: Client) -> None:
    make_course(title="Neglect")
    page = text_of(publisher.get(address(paste(publisher, LINES))))
    assert "1 session of these are of published courses and public at once" in page
    assert "1 new course , as drafts" in page
    assert "1 new venue , public at once: Town Hall" in page


# --- many -------------------------------------------------------------------------------------


def many(number: int) -> bytes:
    rows = [
        f"Course {n % 90},{n % 28 + 1}/{n % 12 + 1}/{2027 + n // 336},Hall {n % 7}"
        for n in range(number)
    ]
    return "\n".join(["Course,Date,Venue", *rows]).encode()


def test_a_page_of_the_preview_has_few_fields_and_all_lines_keep_theirs(publisher: Client) -> None:
    programme = upload(publisher, many(200))
    first = form_of(publisher, programme)
    assert len(first["lines"]) == LINES_A_PAGE and len(first) < 900
    last = form_of(publisher, programme, "?page=5")
    assert not set(first["lines"]) & set(last["lines"])
    index = last["lines"][0]
    sent = {**last, f"line-{index}-note": "Kept", "_page": "2"}
    response = publisher.post(address(programme), sent)
    assert response.url.endswith("?page=2")  # type: ignore[attr-defined]
    assert ProgrammeImport.objects.get().get_lines()[int(index)].note == "Kept"


def test_queries_of_the_preview_and_the_record_do_not_grow(publisher: Client) -> None:
    def queries(path: str) -> int:
        # What a worker keeps is read by the first.
        publisher.get(path)
        with CaptureQueriesContext(connection) as seen:
            assert publisher.get(path).status_code == 200
        return len(seen)

    # More lines than a page shows, and more than one of each course.
    small, large = upload(publisher, many(2), "small.csv"), upload(publisher, many(100))
    few = queries(address(small))
    assert queries(address(large)) == few <= 18
    press(publisher, small, "_confirm")
    press(publisher, large, "_confirm")
    assert Session.objects.count() == 100
    assert queries(address(large)) == queries(address(small)) <= 15
    few = queries(LIST)
    for _ in range(3):
        paste(publisher, LINES)
    assert queries(LIST) == few


# --- spreadsheets -----------------------------------------------------------------------------


def test_a_workbook_is_imported_with_all_it_says(publisher: Client) -> None:
    content = xlsx(
        ["Title", "Date", "Times", "Location", "Booking link", "Book by", "Notes"],
        [
            "Neglect",
            date(2027, 1, 14),
            "9.30am - 1pm",
            "Town Hall, Morden SM4 5DX",
            "https://example.org/book",
            date(2027, 1, 7),
            "Lunch",
        ],
    )
    press(publisher, upload(publisher, content, "programme.xlsx"), "_confirm")
    session = Session.objects.select_related("venue").get()
    assert (session.times, session.booking_url) == ("9:30am to 1pm", "https://example.org/book")
    assert session.booking_closes == date(2027, 1, 7) and session.note == "Lunch"
    assert session.venue and (session.venue.name, session.venue.town) == ("Town Hall", "Morden")
    assert ProgrammeImport.objects.get().source == "programme.xlsx"


def test_cells_copied_from_a_spreadsheet_are_pasted(publisher: Client) -> None:
    programme = paste(publisher, "Date\tTitle\tVenue\r\n14/01/2027\tNeglect, part 1\tTBC\r\n")
    (line,) = programme.get_lines()
    assert (line.title, line.date, line.venue) == ("Neglect, part 1", "14/01/2027", "")


def test_what_is_imported_is_never_written_again(publisher: Client) -> None:
    programme = paste(publisher, LINES)
    press(publisher, programme, "_confirm")
    with pytest.raises(NotWrittenError, match="imported already"):
        write(programme, publisher.user, "")  # type: ignore[attr-defined]
    assert counts() == [2, 2, 1, 1]
