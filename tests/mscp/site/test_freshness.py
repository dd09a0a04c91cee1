"""Pages show what is stored now, whatever was rendered before."""

import pytest
from django.test import Client

from mscp.models import ConcernContact, SiteIdentity
from tests.factories import make_identity, make_page, make_review, make_theme
from tests.pages import text_of


@pytest.mark.django_db
def test_what_stands_around_a_page_changes_with_what_it_is_made_of() -> None:
    make_identity(notice="First notice")
    number = ConcernContact.objects.create(label="First label", phone="020 1111 1111")
    page = make_page(title="First title")

    def around() -> str:
        return text_of(Client().get("/reviews/"))

    before = around()
    for text in ("First notice", "First label 020 1111 1111", "First title"):
        assert text in before, text
    SiteIdentity.objects.update(notice="Second notice", name="Second name")
    ConcernContact.objects.filter(pk=number.pk).update(label="Second label", phone="2")
    type(page).objects.filter(pk=page.pk).update(title="Second title")
    after = around()
    for text in ("Second notice", "Second label 2", "Second title", "Published by Second name."):
        assert text in after, text
    assert "First" not in after
    page.refresh_from_db()
    page.withdraw(reason="A test")
    assert "Second title" not in around()


@pytest.mark.django_db
def test_an_item_changes_with_its_publication_and_its_themes() -> None:
    theme = make_theme(name="Neglect")
    review = make_review(title="Oak", summary="First words.", themes=[theme])

    def item() -> str:
        return text_of(Client().get("/reviews/"))

    assert "First words." in item()
    review.summary, review.pseudonym = "Second words.", "Elm"
    review.save()
    theme.name = "Babies"
    theme.save()
    after = item()
    assert "Second words." in after and "Elm" in after and "First words." not in after
    assert "Neglect" not in after
    review.themes.clear()
    assert "Babies" not in item().split("Oak", 1)[1]
