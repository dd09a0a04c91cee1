"""Two people who import the same programme at the same moment."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client

from mscp.publishing.gate import State
from tests.factories import make_course
from tests.mscp.editing.test_races import meanwhile
from tests.pages import text_of
from tests.training.programme.steps import address, counts, form_of, paste
from training.models import Course, ProgrammeImport
from training.programme.planning.matching import plan_all
from training.programme.writing import fingerprint, write

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        "connection.vendor == 'sqlite'",
        reason="SQLite has one writer at a time; its transactions take turns from the start",
    ),
]

LINES = "- Neglect - 14/01/2027\n- Trauma - 21/01/2027\n"


def write_as(user: Any, programme: ProgrammeImport) -> None:
    write(programme, user, fingerprint(plan_all(programme.get_lines(), user)))


@pytest.mark.parametrize("same", [True, False])
def test_lines_imported_by_two_at_once_are_added_once(publisher: Client, same: bool) -> None:
    first = paste(publisher, LINES)
    second = first if same else paste(publisher, LINES)
    mine = {**form_of(publisher, second), "_confirm": "1"}
    user = publisher.user  # type: ignore[attr-defined]
    answers: list[Any] = []
    meanwhile(
        lambda: write_as(user, first),
        lambda: answers.append(publisher.post(address(second), mine, follow=True)),
    )
    says = "A colleague imported this" if same else "Something changed after you had opened"
    assert says in text_of(answers[0])
    assert counts()[:2] == [2, 2]
    assert ProgrammeImport.objects.exclude(imported_at=None).count() == 1


def test_a_course_published_at_the_same_moment_is_asked_about_again(editor: Client) -> None:
    course = make_course(title="Neglect", state=State.DRAFT)
    programme = paste(editor, LINES)
    mine = {**form_of(editor, programme), "_confirm": "1"}

    def publish() -> None:
        held = Course.objects.select_for_update().get(pk=course.pk)
        held.publish()

    meanwhile(publish, lambda: editor.post(address(programme), mine))
    assert counts()[1] == 0
    assert connection.vendor == "postgresql"
