"""Words that must not appear are found in every place, and what was typed is kept in none."""

import logging
import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache
from io import BytesIO
from itertools import chain
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from django.test import Client

from mscp.models import AbsenceCheck, Autosave
from mscp.publishing.absence import absence_status
from mscp.publishing.gate import State
from tests.admin_forms import send
from tests.factories import make_document, make_file, make_note, make_review
from tests.pages import text_of
from tests.pdfs.left_behind import appended

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("temporary")]

# Typed in this form, and standing in the texts in another: so that what is kept can be told apart.
TYPED = {
    "visible": ("Featherstone, Quillon", "Quillon Featherstone went home"),
    "over a line": ("Ossington, Barnaby", "was Barnaby\nOssington"),
    "hyphenated": ("Threlkeldson", "Mr Threl-\nkeldson"),
    "hidden": ("Wimblehurst, Tansy", "Tansy Wimblehurst"),
    "property": ("Applethwaite, Corin", "Corin Applethwaite"),
    "xmp": ("Bramblecombe, Dulcie", "Dulcie Bramblecombe"),
    "bookmark": ("Cuttlestone, Ezra", "Ezra Cuttlestone"),
    "attachment": ("Dimmockson, Fabian", "Fabian_Dimmockson.txt"),
    "note in the PDF": ("Ellerbeckson, Greta", "Greta Ellerbeckson"),
    "earlier version": ("Fothergillson, Hal", "Hal Fothergillson"),
    "title": ("Grimstonley, Ivo", "On Ivo Grimstonley"),
    "summary": ("Hollinwellby, Juno", "A summary of Juno Hollinwellby"),
    "reviewer": ("Inglethorpe, Kit", "Kit Inglethorpe"),
    "document": ("Jesmondale, Lyle", "Report on Lyle Jesmondale"),
    "note": ("Kettlewellby, Moss", "Moss Kettlewellby corrected"),
    "file name": ("Lyndhurstley, Nell", "Lyndhurstley Nell v2.pdf"),
}
# It stands nowhere at all.
NOWHERE = "Quackenbush, Zebulon"
PLACES = {
    "visible": "page 1",
    "over a line": "page 2",
    "hyphenated": "page 3",
    "hidden": "hidden text on page 4",
    "property": "properties of the file",
    "xmp": "properties of the file",
    "bookmark": "bookmarks",
    "attachment": "attached files or their names",
    "note in the PDF": "notes, links or form fields",
    "earlier version": "an earlier version that is still in the file",
    "title": "Title",
    "summary": "Summary",
    "reviewer": "Reviewer",
    "document": "Document “Report on Lyle Jesmondale”, title",
    "note": "Note on a change, what changed",
    "file name": "name it was sent under",
}


def said(name: str) -> str:
    return TYPED[name][1]


@cache
def pdf() -> bytes:
    """Make a file of four pages with the canaries inside it."""
    file = pikepdf.new()
    font = file.make_indirect(
        pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
    )
    for text, mode in (("One", 0), ("Two", 0), ("Three", 0), (said("hidden"), 3)):
        page = file.add_blank_page(page_size=(595, 842))
        page.Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=font))
        drawn = f"BT {mode} Tr /F1 12 Tf 72 700 Td ({text}) Tj ET".encode()
        page.Contents = file.make_stream(drawn)
    page.Annots = pikepdf.Array(
        [
            file.make_indirect(
                pikepdf.Dictionary(
                    Type=pikepdf.Name.Annot,
                    Subtype=pikepdf.Name.Text,
                    Rect=[0, 0, 9, 9],
                    Contents=said("note in the PDF"),
                )
            )
        ]
    )
    file.trailer.Info = file.make_indirect(pikepdf.Dictionary(Company=said("property")))
    with file.open_metadata(set_pikepdf_as_editor=False) as xmp:
        xmp["dc:creator"] = [said("xmp")]
    with file.open_outline() as outline:
        outline.root.append(pikepdf.OutlineItem(said("bookmark"), 0))
    file.attachments[said("attachment")] = b"Nothing."
    output = BytesIO()
    file.trailer.Root.Lang = pikepdf.String(said("earlier version"))
    file.save(output, object_stream_mode=pikepdf.ObjectStreamMode.disable)
    # A change that was added at the end: what the catalogue said before is still there.
    with pikepdf.open(BytesIO(output.getvalue())) as again:
        again.Root.Lang = pikepdf.String("en")
        info = b"/Info %d 0 R " % again.trailer.Info.objgen[0]
        new = appended(output.getvalue(), {again.Root.objgen[0]: again.Root.unparse(resolved=True)})
    before, _, trailer = new.rpartition(b"<< /Size")
    return before + b"<< " + info + b"/Size" + trailer


def publication(**fields: Any) -> Any:
    review = make_review(
        state=State.DRAFT,
        title=said("title"),
        summary=said("summary"),
        reviewer=said("reviewer"),
        **fields,
    )
    file = make_file(
        pdf(),
        pages=[said("visible"), said("over a line"), said("hyphenated"), "Nothing."],
        original_name=said("file name"),
    )
    make_document(review, file=file, title=said("document"))
    make_note(review, said("note"))
    return review


def address_of(record: Any) -> str:
    model = record._meta.model_name
    return f"/admin/reviews/{model}/{record.pk}/must-not-appear/"


def ask(client: Client, record: Any, *lines: str) -> Any:
    return client.post(address_of(record), {"words": "\n".join(lines)})


@contextmanager
def watching(*folders: Path) -> Iterator[list[bytes]]:
    """Collect what child processes are told, and what stands in temporary files, meanwhile."""
    seen: list[bytes] = []
    done = threading.Event()

    def watch() -> None:
        own = str(os.getpid())
        while not done.is_set():
            for process in Path("/proc").glob("[0-9]*"):
                with suppress(OSError, IndexError):
                    if (process / "stat").read_text().rsplit(")", 1)[1].split()[1] == own:
                        seen.append((process / "cmdline").read_bytes())
                        seen.append((process / "environ").read_bytes())
            for path in chain.from_iterable(folder.rglob("*") for folder in folders):
                with suppress(OSError):
                    if path.is_file():
                        seen.append(path.read_bytes())
            done.wait(0.02)

    thread = threading.Thread(target=watch)
    thread.start()
    try:
        yield seen
    finally:
        done.set()
        thread.join()


def whole_database() -> str:
    """Return every value of every row of every table."""
    values = []
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names():
            cursor.execute(f'SELECT * FROM "{table}"')  # noqa: S608 - of our own database
            values += [str(row) for row in cursor.fetchall()]
    return "\n".join(values)


def test_words_are_found_in_every_place_and_kept_in_none(
    editor: Client, uploads: Path, temporary: Path, caplog: pytest.LogCaptureFixture, settings: Any
) -> None:
    review = publication()
    typed = [*(one for one, _ in TYPED.values()), NOWHERE]
    with caplog.at_level(logging.DEBUG), watching(uploads, temporary) as seen:
        answer = ask(editor, review, *typed)
    assert answer.status_code == 200
    shown = text_of(answer)
    missing = {name for name, place in PLACES.items() if place not in shown}
    assert missing == set()
    # The answer says where, and never what; nor does anything that is kept.
    assert any(b"texts" in one for one in seen), "The child was seen."
    everything = {
        "the answer": answer.content.decode(),
        "its headers": str(answer.headers),
        "the database": whole_database(),
        "the session": str(dict(editor.session.items())),
        "the cookies": str(editor.cookies),
        "the log": "\n".join(str(record.__dict__) for record in caplog.records),
        "child and files": b"\n".join(seen).decode("utf-8", "replace"),
        "files afterwards": "".join(
            path.read_bytes().decode("utf-8", "replace")
            for path in [*uploads.rglob("*"), *temporary.rglob("*")]
            if path.is_file()
        ),
    }
    found = {(one, where) for where, text in everything.items() for one in typed if one in text}
    assert found == set()
    # A word that stands nowhere else must not even be there in another form.
    assert not [where for where, text in everything.items() if "Quackenbush" in text]
    kept = AbsenceCheck.objects.get()
    assert (kept.words, kept.asked_by_name) == (len(typed), editor.user.username)  # type: ignore[attr-defined]
    assert kept.places >= len(set(PLACES.values()))
    assert not Autosave.objects.exists() and not LogEntry.objects.exists()


def test_nothing_found_is_said_and_kept_with_who_when_how_many_and_for_what(
    sign_in: Any,
) -> None:
    editor = sign_in("Editors", first_name="Jo", last_name="Sample")
    review = make_review(state=State.DRAFT, summary="Harmless.")
    assert absence_status(review).in_words == "not asked"
    answer = ask(editor, review, "Jamie Nobody", "", "1 May 2011")
    assert "Nothing found" in text_of(answer) and "In 2 entries" in text_of(answer)
    words = absence_status(review).in_words
    assert words.startswith("asked on ") and words.endswith(
        "by Jo Sample, 2 entries: nothing found"
    )
    form = editor.get(f"/admin/reviews/practicereview/{review.pk}/change/")
    assert f"Must not appear: {words}." in text_of(form)


def test_any_change_of_text_or_file_asks_anew(editor: Client) -> None:
    review = make_review(state=State.DRAFT, summary="Harmless.")
    ask(editor, review, "Jamie Nobody")
    assert absence_status(review).is_of_now
    review.summary = "Harmless!"
    review.save()
    assert not absence_status(review).is_of_now
    assert absence_status(review).in_words.startswith("not asked since it was changed; asked on")
    ask(editor, review, "Jamie Nobody")
    make_document(review)
    assert not absence_status(review).is_of_now


def test_it_keeps_nothing_from_being_published(publisher: Client) -> None:
    review = make_review(state=State.DRAFT, summary="Harmless.")
    question = publisher.get(f"/admin/reviews/practicereview/step/publish/?id={review.pk}")
    assert "Must not appear : not asked." in text_of(question).replace("appear:", "appear :")
    send(publisher, f"/admin/reviews/practicereview/step/publish/?id={review.pk}")
    review.refresh_from_db()
    assert review.is_published


def test_the_answer_is_stored_by_no_cache_and_hidden_from_reports_of_errors(
    editor: Client,
) -> None:
    review = make_review(state=State.DRAFT)
    answer = ask(editor, review, "Jamie Nobody")
    assert "no-store" in answer.headers["Cache-Control"]
    assert answer.wsgi_request.sensitive_post_parameters == "__ALL__"
    # It is never in an address, and is not read from one.
    asked = editor.get(address_of(review), {"words": "Jamie Nobody"})
    assert "Nobody" not in asked.content.decode().replace(address_of(review), "")
    assert AbsenceCheck.objects.count() == 1


def test_the_form_gives_nothing_to_what_keeps_forms(editor: Client) -> None:
    shown = editor.get(address_of(make_review(state=State.DRAFT))).content.decode()
    assert "_autosave" not in shown and "autosave.js" not in shown
    assert 'autocomplete="off"' in shown and 'spellcheck="false"' in shown


def test_a_form_that_arrives_after_the_session_ended_is_kept_nowhere(editor: Client) -> None:
    review = make_review(state=State.DRAFT)
    editor.logout()
    answer = ask(editor, review, NOWHERE)
    assert answer.status_code == 302
    assert "Quackenbush" not in whole_database() and "Quackenbush" not in str(answer.headers)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ("", "Type what must not appear"),
        (" \n ", "Type what must not appear"),
        ("...", "Type what must not appear"),
        ("J", "One letter alone"),
        ("\n".join(["Jo Nobody"] * 61), "at most 60"),
        ("x" * 121, "more than 120 characters"),
    ],
)
def test_what_cannot_be_looked_for_is_refused_with_a_sentence(
    editor: Client, words: str, sentence: str
) -> None:
    answer = ask(editor, make_review(state=State.DRAFT), words)
    assert answer.status_code == 400 and sentence in text_of(answer)
    assert words.strip() in answer.content.decode()
    assert not AbsenceCheck.objects.exists()


def test_a_file_that_cannot_be_read_is_no_answer(editor: Client) -> None:
    review = make_review(state=State.DRAFT)
    document = make_document(review, pdf=b"%PDF-1.4 no more of it", title="The report")
    assert document.file
    document.file.content.delete(save=False)
    answer = ask(editor, review, "Jamie Nobody")
    assert "Not everything could be looked through" in text_of(answer)
    assert "“The report”" in text_of(answer)
    assert not AbsenceCheck.objects.exists()


def test_only_who_may_change_it_may_ask(sign_in: Any) -> None:
    review = make_review(state=State.DRAFT)
    assert sign_in("Training").get(address_of(review)).status_code == 403
    assert ask(sign_in("Training"), review, "Jo Nobody").status_code == 403
    assert Client().get(address_of(review)).status_code == 302
    gone = address_of(review)
    review.delete()
    assert sign_in("Editors").post(gone, {"words": "Jo Nobody"}).status_code == 404
