"""Formatted text in the admin: Word's lists on save, and the preview of what is typed."""

from typing import Any

import pytest
from django.test import Client

from mscp.publishing.gate import State
from tests.admin_forms import send
from tests.factories import make_briefing, make_course

pytestmark = pytest.mark.django_db
PREVIEW = "/admin/formatted/"
PASTED = "/admin/pasted/"
WORD = "It asks:\r\n•\tQuinn was 3\r\no\tSub\r\nEnd"
MARKDOWN = "It asks:\n\n- Quinn was 3\n  - Sub\n\nEnd"


@pytest.mark.parametrize("name", ["background", "questions"])
def test_lists_of_word_are_saved_as_lists(publisher: Client, name: str) -> None:
    learning = make_briefing(state=State.DRAFT)
    address = f"/admin/reviews/briefing/{learning.pk}/change/"
    assert send(publisher, address, **{name: WORD}).status_code == 302
    learning.refresh_from_db()
    assert getattr(learning, name) == MARKDOWN
    # A summary shows its lines as they are typed, so it is kept as it was typed.
    send(publisher, address, summary="• One\r\n• Two")
    learning.refresh_from_db()
    assert learning.summary == "• One\n• Two"
    assert getattr(learning, name) == MARKDOWN


def test_what_was_saved_before_is_no_change(publisher: Client) -> None:
    course = make_course(state=State.DRAFT, description="•\tOne\n•\tTwo")
    version = course.version
    address = f"/admin/training/course/{course.pk}/change/"
    history: Any = course.history  # type: ignore[attr-defined]
    before = history.count()
    form = publisher.get(address).context["adminform"].form
    assert not form.fields["description"].has_changed(course.description, "•\tOne\r\n•\tTwo")
    assert history.count() == before and course.version == version


def test_the_preview_is_what_is_saved_and_shown(editor: Client) -> None:
    shown = editor.post(PREVIEW, {"text": WORD}).content.decode()
    assert shown.startswith("<p>It asks:</p>\n<ul>\n<li>Quinn was 3") and "<p>End</p>" in shown
    shown = editor.post(PREVIEW, {"text": "One\nTwo", "shape": "list"}).content.decode()
    assert shown.count("<li>") == 2
    shown = editor.post(PREVIEW, {"text": "<script>x</script>\n## Head"}).content.decode()
    assert "<script" not in shown and "<h3>Head</h3>" in shown
    assert "too long" in editor.post(PREVIEW, {"text": "x" * 60_001}).content.decode()


def test_a_paste_becomes_what_is_saved(editor: Client) -> None:
    answer = editor.post(PASTED, {"text": "Key findings\r\n•\tOne <b>"})
    assert answer.content.decode() == "## Key findings\n\n- One <b>"
    assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert editor.post(PASTED, {"text": "x" * 60_001}).status_code == 413


@pytest.mark.parametrize("address", [PREVIEW, PASTED])
def test_formatted_text_is_for_staff_and_only_sent(address: str) -> None:
    assert Client().post(address, {"text": "x"}).status_code == 302


@pytest.mark.parametrize("address", [PREVIEW, PASTED])
def test_formatted_text_is_not_asked_for_by_a_link(editor: Client, address: str) -> None:
    assert editor.get(address).status_code == 405
    guarded = Client(enforce_csrf_checks=True)
    guarded.force_login(editor.user)  # type: ignore[attr-defined]
    assert guarded.post(address, {"text": "x"}).status_code == 403


def test_a_text_that_nobody_touched_is_not_written_anew(publisher: Client) -> None:
    old = "What happened\nOne.\n\n•\tTwo"
    learning = make_briefing(state=State.DRAFT, background=old)
    address = f"/admin/reviews/briefing/{learning.pk}/change/"
    assert send(publisher, address, summary="Other words.").status_code == 302
    learning.refresh_from_db()
    assert (learning.summary, learning.background) == ("Other words.", old)
    send(publisher, address, background=f"{old}\n•\tThree")
    learning.refresh_from_db()
    assert learning.background == "## What happened\n\nOne.\n\n- Two\n- Three"
