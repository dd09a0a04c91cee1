"""Themes that a program inferred stay marked for staff until one of them confirms each."""

from typing import Any

import pytest
from django.test import Client

from mscp.publishing.gate import State
from reviews.models import PracticeReview, Theme
from tests.admin_forms import send
from tests.factories import make_course, make_review, make_theme
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def suggested(record: Any) -> list[str]:
    return sorted(record.suggested_themes.values_list("name", flat=True))


def make_suggested(make: Any = make_review, **fields: Any) -> Any:
    names = ("Neglect", "Babies")
    themes = [Theme.objects.filter(name=name).first() or make_theme(name=name) for name in names]
    record = make(themes=themes, **fields)
    record.suggested_themes.set(record.themes.all())
    return record


@pytest.mark.parametrize("make", [make_review, make_course])
def test_a_tick_confirms_a_theme_and_a_save_without_one_confirms_none(
    make: Any, administrator: Client
) -> None:
    record = make_suggested(make, title="Oak")
    options = record._meta
    address = f"/admin/{options.app_label}/{options.model_name}/{record.pk}/change/"
    assert "saving without a tick confirms nothing" in text_of(administrator.get(address))
    assert send(administrator, address, title="Elm").status_code == 302
    assert suggested(record) == ["Babies", "Neglect"]
    before = type(record).objects.get(pk=record.pk)
    babies = record.themes.get(name="Babies")
    assert send(administrator, address, confirmed_themes=[str(babies.pk)]).status_code == 302
    assert suggested(record) == ["Neglect"]
    after = type(record).objects.get(pk=record.pk)
    # Readers see no difference, and are told of none.
    assert (after.updated_at, after.version) == (before.updated_at, before.version)
    assert set(after.themes.all()) == set(before.themes.all())
    # What is taken out is suggested no more.
    assert send(administrator, address, themes=[str(babies.pk)]).status_code == 302
    assert suggested(record) == []
    assert "Suggested themes" not in text_of(administrator.get(address))


def test_the_list_shows_which_and_one_action_confirms_all_that_one_may_change(
    editor: Client,
) -> None:
    live = make_suggested(title="Oak")
    draft = make_suggested(title="Ash", state=State.DRAFT)
    make_review(title="Elm", themes=live.themes.all())
    address = "/admin/reviews/practicereview/?suggested=yes"
    page = text_of(editor.get(address))
    assert "Oak" in page and "Ash" in page and "Elm" not in page
    chosen = [str(pk) for pk in PracticeReview.objects.values_list("pk", flat=True)]
    data = {"action": "confirm_themes", "_selected_action": chosen}
    page = text_of(editor.post(address, data, follow=True))
    assert "Themes of 1 confirmed." in page
    assert "1 not confirmed: they are live. Ask a publisher." in page
    assert suggested(draft) == [] and suggested(live) == ["Babies", "Neglect"]


def test_the_first_page_counts_them(administrator: Client) -> None:
    make_suggested(title="Oak")
    make_suggested(make_course, title="Crying")
    page = administrator.get("/admin/")
    assert "1 practice review with suggested themes to confirm" in text_of(page)
    assert "1 course with suggested themes to confirm" in text_of(page)
    assert "/admin/reviews/practicereview/?suggested=yes" in page.content.decode()
