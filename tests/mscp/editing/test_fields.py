"""Whatever is typed or pasted into a form of staff comes back whole, or is taken whole."""

from datetime import date, time
from typing import Any

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from mscp.editing.fields import TypedDate, TypedTime
from mscp.publishing.gate import State
from reviews.models import PracticeReview
from tests.admin_forms import fields_of, send
from tests.factories import make_course, make_review, make_session
from tests.pages import text_of

pytestmark = pytest.mark.django_db
LONGEST_SUMMARY = 3000


def form(review: Any) -> str:
    return f"/admin/reviews/practicereview/{review.pk}/change/"


def test_no_box_of_staff_cuts_what_is_pasted(administrator: Client) -> None:
    review, session = make_review(state=State.DRAFT), make_session(make_course())
    # The forms of accounts are those of Django.
    names = [
        url.name or ""
        for model, one in admin.site._registry.items()
        for url in one.get_urls()
        if model._meta.app_label in ("mscp", "reviews", "training")
    ]
    addresses = [reverse(f"admin:{name}") for name in names if name.endswith("_add")]
    addresses += [
        f"/admin/reviews/practicereview/step/withdraw/?id={review.pk}",
        f"/admin/training/session/step/cancel/?id={session.pk}",
    ]
    texts = 0
    for address in addresses:
        response = administrator.get(address, follow=True)
        # Some things are never added by hand: publications as such, findings.
        if response.status_code == 200:
            page = response.content.decode()
            texts += page.count("<textarea") + page.count('type="text"')
            assert "maxlength" not in page, address
    assert texts > 30


@pytest.mark.parametrize(
    ("field", "longest"),
    [("summary", LONGEST_SUMMARY), ("title", 250), ("publisher", 150)],
)
def test_too_much_is_refused_in_a_sentence_and_all_of_it_stays(
    publisher: Client, field: str, longest: int
) -> None:
    review = make_review(summary="As it was.")
    words = "word " * (longest // 5) + "the end"
    refused = send(publisher, form(review), **{field: words})
    assert f"It has {len(words)} characters and at most {longest} are kept" in text_of(refused)
    assert fields_of(refused)[field] == words
    assert PracticeReview.objects.get().summary == "As it was."


def test_a_line_break_counts_once_whoever_sends_it(publisher: Client) -> None:
    review = make_review()
    lines = "\r\n".join(["x" * 99] * 30)
    assert send(publisher, form(review), summary=lines + "y").status_code == 302
    saved = PracticeReview.objects.get().summary
    assert len(saved) == LONGEST_SUMMARY and saved == lines.replace("\r\n", "\n") + "y"
    refused = send(publisher, form(review), summary=lines + "yz")
    assert f"It has {LONGEST_SUMMARY + 1} characters" in text_of(refused)


def test_line_breaks_alone_are_no_change(publisher: Client, sign_in: Any) -> None:
    """Texts saved before line breaks were counted once still have two characters for each."""
    review = make_review(summary="One.\r\nTwo.")
    mine = fields_of(publisher.get(form(review)))
    send(sign_in("Publishers", username="robin"), form(review), title="Another title")
    refused = publisher.post(form(review), {**mine, "publisher": "Mine", "_save": "Save"})
    assert "Published by (saved now: empty)" in text_of(refused)
    assert "Summary (saved now" not in text_of(refused)


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("soon", "“soon” is not a date we understand. Write a day as 14/01/2027 or 14 January"),
        ("31/02/2027", "“31/02/2027”: there is no such day."),
        ("Sept 2021", "“Sept 2021” is a month, and this is to be a day. Write a day as 14/01/"),
        ("Friday 16/9/2021", "“Friday 16/9/2021”: that day is a Thursday. Is the day wrong, or"),
    ],
)
def test_a_field_for_a_day_reads_what_an_import_does_and_takes_no_less(
    typed: str, sentence: str
) -> None:
    for written in ("16/9/21", "16\u2010Sep\u20102021", "September 16, 2021", "2021-09-16"):
        assert TypedDate().clean(written) == date(2021, 9, 16)
    with pytest.raises(ValidationError) as caught:
        TypedDate().clean(typed)
    assert caught.value.messages[0].startswith(sentence)


@pytest.mark.parametrize(
    "typed",
    ["9.30", "09:30", "9:30am", "9.30 a.m.", "0930", "９：３０", "9.30\u00a0am", "from 9.30am"],
)
def test_a_field_for_a_time_reads_what_an_import_does(typed: str) -> None:
    assert TypedTime().clean(typed) == time(9, 30)
    for wrong in ("late", "9-10am", "25:00"):
        with pytest.raises(ValidationError, match=r"“|one time"):
            TypedTime().clean(wrong)


@pytest.mark.parametrize("typed", ["", " ", "\u00a0", "\u200b", None])
def test_what_is_empty_to_the_eye_is_no_day_and_no_time(typed: str | None) -> None:
    assert TypedDate(required=False).clean(typed) is None
    assert TypedTime(required=False).clean(typed) is None
