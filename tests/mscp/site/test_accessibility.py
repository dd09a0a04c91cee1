"""The accessibility statement: what it counts and lists, how it stands, and who confirms it."""

import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mscp.models import ACCESSIBILITY, Page, StatementConfirmation
from mscp.publishing.gate import State
from mscp.site import accessibility
from mscp.site.accessibility import PAGES_TESTED_ON, Compliance, compliance
from mscp.site.dashboard import tasks_for
from reviews.barriers import Counts, count
from reviews.models import Document, Finding
from tests.admin_forms import send
from tests.factories import (
    HIDDEN_STAGES,
    MINIMAL_PDF,
    make_document,
    make_file,
    make_finding,
    make_identity,
    make_page,
    make_review,
)
from tests.pages import get, text_of

pytestmark = pytest.mark.django_db

ADDRESS = "/accessibility/"
ADD = "/admin/mscp/statementconfirmation/add/"


def hard_document(*kinds: str, publication: Any = None, **fields: Any) -> Document:
    file = make_file(MINIMAL_PDF, is_tagged="no_tags" not in kinds, has_text="no_text" not in kinds)
    for kind in kinds:
        make_finding(file, kind=kind, details=[])
    fields.setdefault("title", "The report")
    return make_document(publication or make_review(title="Oak"), file=file, **fields)


def statement(query: str = "") -> str:
    """Return the words of the statement as a visitor has them."""
    return text_of(get(f"{ADDRESS}{query}")).replace(" .", ".").replace(" ,", ",")


def part(heading: str, query: str = "") -> str:
    """Return the words of one section."""
    body = get(f"{ADDRESS}{query}").content.decode()
    section = re.search(rf'<section[^>]*aria-labelledby="{heading}".*?</section>', body, re.DOTALL)
    return " ".join(re.sub("<[^>]+>", " ", section.group()).split()) if section else ""


# --- what it counts and lists -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("kinds", "counted", "listed"),
    [
        (["no_text"], "Pages that are pictures 1 document", "Its pages are pictures without text"),
        (["no_tags"], "No tags 1 document", "Oak No tags"),
        (["no_language"], "No language 1 document", "Oak No language"),
        (["no_title"], "No title 1 document", "Oak No title"),
        (["no_tags", "no_title"], "No title 1 document", "Oak No tags , · No title"),
    ],
)
def test_each_fault_of_a_file_is_counted_and_its_document_listed(
    kinds: list[str], counted: str, listed: str
) -> None:
    document = hard_document(*kinds)
    assert counted in part("barriers")
    hard = part("hard-to-use")
    assert "1 document that is hard to use" in hard and listed in hard
    assert ("Read online" in hard) == ("no_text" not in kinds)
    body = get(ADDRESS).content.decode()
    for address in (document.get_absolute_url(), document.publication.get_absolute_url()):
        assert f'href="{address}"' in body


@pytest.mark.parametrize("kind", ["no_bookmarks", "copying_forbidden", "names_in_properties"])
def test_other_findings_are_no_barrier(kind: str) -> None:
    document = hard_document(kind)
    assert document.file is not None
    Finding.objects.update(
        accepted_reason="A test",
        accepted_sha256=document.file.sha256,
        accepted_by_name="Ed",
        accepted_at=datetime(2026, 11, 1, tzinfo=UTC),
    )
    assert count().files == 1 and count().with_barriers == 0
    assert part("hard-to-use") == ""


@pytest.mark.parametrize(
    ("pages", "words"),
    [
        ([4], "Page 4 is a picture without text"),
        ([7, 2, 3], "Pages 2, 3 and 7 are pictures without text"),
        (range(1, 8), "7 pages are pictures without text"),
    ],
)
def test_single_pages_without_text_are_named(pages: Any, words: str) -> None:
    document = hard_document()
    assert document.file is not None
    for page in pages:
        make_finding(document.file, kind="no_text", page=page, details=[])
    assert words in part("hard-to-use")
    assert "Pages that are pictures 1 document" in part("barriers")


def test_a_document_leaves_with_its_better_file(settings: Any) -> None:
    settings.PAGE_CACHE_BYTES = 10**6
    document = hard_document("no_tags")
    hard_document("no_title", title="Another")
    assert "The report" in part("hard-to-use")
    document.file = make_file(MINIMAL_PDF)
    document.save()
    assert "No tags" not in statement()
    assert "1 document that is hard to use" in part("hard-to-use")


@pytest.mark.parametrize("state", HIDDEN_STAGES)
def test_what_is_not_public_is_neither_counted_nor_listed(state: State, settings: Any) -> None:
    settings.PAGE_CACHE_BYTES = 0

    def spent() -> tuple[int, bytes]:
        Client().get(ADDRESS)
        with CaptureQueriesContext(connection) as captured:
            content = Client().get(ADDRESS).content
        return len(captured), content

    nothing = spent()
    hard_document("no_tags", publication=make_review(state=state))
    hard_document(
        "no_text", publication=make_review(state=state), is_exempt=True, exemption_reason="Old"
    )
    make_finding(hard_document("no_tags", publication=make_review(state=state)).file)  # type: ignore[arg-type]
    assert spent() == nothing


def test_a_file_with_open_findings_is_not_counted() -> None:
    document = hard_document("no_tags")
    make_finding(document.file)  # type: ignore[arg-type]
    assert count().files == 0


def test_an_exempt_file_stands_apart_with_its_reason() -> None:
    hard_document("no_tags")
    hard_document("no_language", title="An old one", is_exempt=True, exemption_reason="Of 2015.")
    assert "An old one" not in part("hard-to-use")
    old = part("old-files")
    assert "1 old file that the regulations leave out" in old
    assert "An old one" in old and "No language" in old and "Of 2015." in old
    assert "No language 1 document" not in part("barriers")


def test_an_exempt_file_without_faults_is_not_listed() -> None:
    hard_document(is_exempt=True, exemption_reason="Of 2015.")
    assert part("old-files") == "" and count().exempt == 0


def test_documents_elsewhere_are_only_counted() -> None:
    make_document(make_review()), make_document(make_review())
    assert "2 documents are links to other websites" in part("barriers")
    assert count().files == 0


def test_many_are_on_several_pages_each_list_with_its_own(monkeypatch: Any) -> None:
    monkeypatch.setattr(accessibility, "PER_PAGE", 2)
    review = make_review(title="Oak")
    for number in range(3):
        hard_document("no_tags", publication=review, title=f"Hard {number:02}", position=number)
        hard_document(
            "no_tags",
            publication=review,
            title=f"Old {number:02}",
            position=number,
            is_exempt=True,
            exemption_reason="Of 2015.",
        )
    first = statement()
    assert "3 documents that are hard to use" in first
    assert "Hard 00" in first and "Hard 02" not in first
    assert "Old 00" in first and "Old 02" not in first
    second = statement("?page=2")
    assert "Hard 02" in second and "Old 00" in second
    both = get(f"{ADDRESS}?page=2&old=2").content.decode()
    assert "Hard 02" in both and "Old 02" in both
    assert 'href="?page=2&amp;old=1#old-files"' in both
    for odd in ("0", "-1", "x", "²", "%00", "9" * 5000):
        assert "documents that are hard to use" in statement(f"?page={odd}&old={odd}")


def copies(record: Any, number: int, **expressions: str) -> None:
    """Insert copies of a row with other keys, by SQL: triggers for each row take minutes."""
    table = record._meta.db_table
    columns = [field.column for field in record._meta.concrete_fields]
    values = [expressions.get(column, f"old.{column}") for column in columns]
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (trigger,) in cursor.fetchall():
            cursor.execute(f'DROP TRIGGER "{trigger}"')
        cursor.execute(
            f"INSERT INTO {table} ({', '.join(columns)}) "  # noqa: S608 - our own names
            f"WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < {number}) "
            f"SELECT {', '.join(values)} FROM n, {table} AS old WHERE old.id = {record.pk}"
        )


@pytest.mark.one_database
def test_ten_thousand_documents_cost_no_query_more(settings: Any) -> None:
    settings.PAGE_CACHE_BYTES = 0

    def spent() -> int:
        Client().get(ADDRESS)
        with CaptureQueriesContext(connection) as captured:
            assert Client().get(ADDRESS).status_code == 200
        return len(captured)

    document = hard_document("no_tags")
    hard_document("no_title", is_exempt=True, exemption_reason="Of 2015.")
    few = spent()
    number = 10_000
    key, uid = "1000 + i", "printf('%032x', 1000 + i)"
    copies(document.file, number, id=key, uid=uid, document_id="NULL")
    copies(Finding.objects.get(file=document.file), number, id=key, file_id=key)
    is_old = {"is_exempt": "i % 2", "exemption_reason": "'Of 2015.'"}
    copies(document, number, id=key, uid=uid, file_id=key, **is_old)
    assert spent() == few
    counts = count()
    assert (counts.with_barriers, counts.exempt) == (number // 2 + 1, number // 2 + 1)


# --- how the site stands ----------------------------------------------------------------------

NOTHING_WRONG = Counts(
    files=3, elsewhere=0, with_barriers=0, pictures=0, by_check={}, exempt=0, last_checked=None
)


def confirmed(*, days_ago: int, **fields: Any) -> StatementConfirmation:
    made = StatementConfirmation.objects.create(**fields)
    made.created_at -= timedelta(days=days_ago)
    StatementConfirmation.objects.update(created_at=made.created_at)
    return made


@pytest.mark.parametrize(
    ("change", "confirmation", "expected"),
    [
        ({}, {"days_ago": 1}, Compliance.FULLY),
        ({}, None, Compliance.PARTIALLY),
        ({}, {"days_ago": 400}, Compliance.PARTIALLY),
        ({}, {"days_ago": 1, "other_problems": True}, Compliance.PARTIALLY),
        ({"with_barriers": 1}, {"days_ago": 1}, Compliance.PARTIALLY),
        ({"exempt": 1}, {"days_ago": 1}, Compliance.PARTIALLY),
        ({"with_barriers": 1, "pictures": 1}, {"days_ago": 1}, Compliance.PARTIALLY),
        ({"with_barriers": 2, "pictures": 2}, {"days_ago": 1}, Compliance.NOT),
        # Of four, two are exempt: what remains is half and half.
        ({"files": 4, "exempt": 2, "pictures": 1}, None, Compliance.PARTIALLY),
        ({"files": 4, "exempt": 3, "pictures": 1}, None, Compliance.NOT),
        ({"files": 0}, {"days_ago": 1}, Compliance.FULLY),
    ],
)
def test_the_status_follows_from_documents_and_confirmation(
    change: dict[str, int], confirmation: dict[str, Any] | None, expected: Compliance
) -> None:
    made = confirmed(**confirmation) if confirmation else None
    assert compliance(NOTHING_WRONG._replace(**change), made) is expected


def test_the_page_says_the_status_and_each_reason() -> None:
    assert "This website is partially compliant with level AA" in part("status")
    assert "nobody has looked through the whole of it yet" in part("status")
    StatementConfirmation.objects.create()
    assert "This website is fully compliant" in part("status") and "because" not in part("status")
    hard_document("no_tags"), make_document(make_review(), file=make_file(MINIMAL_PDF))
    hard_document("no_tags", is_exempt=True, exemption_reason="Of 2015.")
    StatementConfirmation.objects.create(other_problems=True)
    text = part("status")
    assert "1 PDF document of 3 has faults" in text
    assert "1 old file that the regulations leave out has such faults too" in text
    assert "we know of other problems, which we describe in our own words" in text
    hard_document("no_text"), hard_document("no_text"), hard_document("no_text")
    assert "not compliant because: most of the PDF documents here are pictures" in part("status")


# --- the yearly confirmation ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "now", "due"),
    [
        ("2026-11-23", "2026-11-23", False),
        ("2026-11-23", "2027-11-23", False),
        ("2026-11-23", "2027-11-24", True),
        ("2028-02-29", "2029-02-28", False),
        ("2028-02-29", "2029-03-01", True),
        ("2027-02-28", "2028-02-29", False),
        # Half past midnight in London is still the day before in UTC.
        ("2026-06-30", "2027-07-01", True),
    ],
)
def test_a_confirmation_is_good_for_a_year(clock: Any, day: str, now: str, due: bool) -> None:
    made = StatementConfirmation.objects.create()
    made.created_at = datetime.fromisoformat(f"{day}T12:00:00+00:00")
    clock.move_to(datetime.fromisoformat(f"{now}T00:30:00+00:00"), tick=False)
    assert made.is_due is due


def test_staff_are_asked_until_they_confirm_and_again_after_a_year(
    publisher: Client, editor: Client, clock: Any
) -> None:
    def asked(client: Any) -> list[str]:
        return [line.text for line in tasks_for(client.user) if "statement" in line.text]

    never = "accessibility statement to read and confirm: never confirmed"
    assert asked(publisher) == [never] and asked(editor) == []
    assert never in text_of(publisher.get("/admin/"))
    assert "Nobody has reviewed this statement yet." in statement()
    response = send(publisher, ADD, how_tested="By keyboard.", is_true="")
    assert "Read the statement first." in text_of(response) and "By keyboard." in text_of(response)
    assert not StatementConfirmation.objects.exists()
    send(publisher, ADD, how_tested="By keyboard.", is_true="on")
    made = StatementConfirmation.objects.get()
    assert made.created_by == publisher.user  # type: ignore[attr-defined]
    assert asked(publisher) == []
    text = statement()
    assert "We last reviewed it on 23 November 2026." in text
    assert "By people: 23 November 2026 By keyboard." in text
    assert "pat" not in text.split()
    clock.shift(timedelta(days=366))
    assert asked(publisher) == [
        "accessibility statement to read and confirm: last confirmed on 23 November 2026"
    ]
    assert "more than a year has passed since we last looked" in part("status")


def test_a_confirmation_is_never_changed_and_editors_cannot_make_one(
    publisher: Client, editor: Client
) -> None:
    made = StatementConfirmation.objects.create(how_tested="By keyboard.")
    page = publisher.get(f"/admin/mscp/statementconfirmation/{made.pk}/change/")
    assert page.status_code == 200 and "_save" not in page.content.decode()
    assert "23 November 2026" in text_of(publisher.get("/admin/mscp/statementconfirmation/"))
    assert editor.get(ADD).status_code == 403
    assert "Confirm it" in text_of(publisher.get(ADDRESS))
    assert "Confirm it" not in text_of(editor.get(ADDRESS))


# --- what staff add ---------------------------------------------------------------------------


def test_the_words_of_staff_are_a_part_of_it() -> None:
    Page.objects.filter(slug=ACCESSIBILITY).update(body="## Maps\n\nOur maps have no text.")
    body = get(ADDRESS).content.decode()
    assert '<h2 id="own-words">In our own words</h2>' in body and "<h3>Maps</h3>" in body
    assert "Our maps have no text." in part("own-words")


@pytest.mark.parametrize("state", [*HIDDEN_STAGES, None])
def test_without_them_the_statement_stands(state: State | None, editor: Client) -> None:
    Page.objects.filter(slug=ACCESSIBILITY).delete()
    StatementConfirmation.objects.create(other_problems=True)
    missing = Client().get(ADDRESS)
    if state:
        make_page(title="Accessibility", body="Zebrafinch.", state=state)
    assert Client().get(ADDRESS).content == missing.content
    assert "In our own words" not in text_of(missing)
    assert "we know of other problems nobody" not in text_of(missing)
    preview = editor.get(ADDRESS)
    if state:
        assert "Zebrafinch." in text_of(preview)
        assert preview.headers["X-Robots-Tag"] == "noindex, nofollow"
        assert "no-store" in preview.headers["Cache-Control"]
    else:
        assert "X-Robots-Tag" not in preview.headers


@pytest.mark.parametrize(
    ("email", "phone", "promised"),
    [
        ("ask@example.org", "", True),
        ("", "020 7946 0010", True),
        ("", "", False),
    ],
)
def test_it_promises_another_format_only_where_one_can_ask(
    email: str, phone: str, promised: bool
) -> None:
    make_identity(email=email, phone=phone, website="https://partnership.example.org/")
    text = statement()
    assert ("Ask for another format" in text) is promised
    assert ("No e-mail address or telephone for questions has been set" in text) is not promised
    assert ("Ask us" in text) is promised
    for words in ("Read it online.", "Equality Advisory and Support Service", "Commission"):
        assert words in text


def test_the_day_of_the_last_test_is_that_of_the_last_release_or_later() -> None:
    changelog = (Path(settings.BASE_DIR) / "CHANGELOG.md").read_text()
    releases = re.findall(r"^## (\d{4}-\d\d-\d\d)$", changelog, re.MULTILINE)
    assert date.fromisoformat(releases[0]) <= PAGES_TESTED_ON


# --- exemptions are claimed by a person -------------------------------------------------------


def test_a_publisher_claims_an_exemption_with_a_reason(publisher: Client) -> None:
    document = hard_document("no_tags", dated="2015")
    form = f"/admin/reviews/document/{document.pk}/change/"
    response = send(publisher, form, is_exempt="on")
    assert "A file is exempt from the accessibility regulations only with a reason" in text_of(
        response
    )
    send(publisher, form, is_exempt="on", exemption_reason="Of 2015, for the record.")
    document.refresh_from_db()
    assert document.is_exempt
    assert "Of 2015, for the record." in part("old-files")


@pytest.mark.parametrize(
    ("dated", "report_date", "possible"),
    [
        ("2018-09-22", None, True),
        ("2018-09-23", None, False),
        # Known to the month or the year only: it may have been before.
        ("2018-09", None, True),
        ("2018", None, True),
        ("2018-10", None, False),
        ("2019", None, False),
        (None, "2019", False),
        (None, "2017", True),
        ("2017", "2019", True),
        (None, None, True),
    ],
)
def test_nothing_newer_than_the_regulations_is_exempt(
    dated: str | None, report_date: str | None, possible: bool
) -> None:
    review = make_review(report_date=report_date)
    document = hard_document(publication=review, dated=dated)
    document.refresh_from_db()
    document.is_exempt, document.exemption_reason = True, "Old."
    if possible:
        document.full_clean()
    else:
        with pytest.raises(ValidationError, match="published before 23 September 2018"):
            document.full_clean()


def test_no_program_exempts_without_a_reason() -> None:
    document = hard_document("no_tags")
    with pytest.raises(IntegrityError), transaction.atomic():
        Document.objects.filter(pk=document.pk).update(is_exempt=True)


@pytest.mark.parametrize("form_of", ["document", "publication"])
def test_the_exemption_of_a_file_ends_with_it(publisher: Client, form_of: str) -> None:
    document = hard_document(
        "no_tags", title="Old report", is_exempt=True, exemption_reason="Of 2015."
    )
    newer = make_file(MINIMAL_PDF, taken_in_by=publisher.user)  # type: ignore[attr-defined]
    make_finding(newer, kind="no_tags", details=[])
    form, prefix = f"/admin/reviews/document/{document.pk}/change/", ""
    if form_of == "publication":
        form = f"/admin/reviews/practicereview/{document.publication_id}/change/"
        prefix = "documents-0-"
    send(publisher, form, **{f"{prefix}title": "Old report, renamed"})
    document.refresh_from_db()
    assert document.is_exempt and "Old report, renamed" in part("old-files")
    send(publisher, form, **{f"{prefix}file_taken": str(newer.uid)})
    document.refresh_from_db()
    assert document.file == newer and not document.is_exempt
    assert "Old report, renamed" in part("hard-to-use") and part("old-files") == ""


def test_a_date_that_ends_an_exemption_is_refused_with_what_to_do(publisher: Client) -> None:
    document = hard_document("no_tags", is_exempt=True, exemption_reason="Of 2015.")
    form = f"/admin/reviews/practicereview/{document.publication_id}/change/"
    response = send(publisher, form, **{"documents-0-dated": "2020"})
    assert "Under Documents, take the tick away or correct the date." in text_of(response)
    assert 'value="2020"' in response.content.decode()
