"""Whatever is typed or pasted into a form of staff comes back whole, or is taken whole."""

from typing import Any

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

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
