"""The language of a document: as staff say, as its file says, or English."""

import pytest
from django.test import Client

from reviews.languages import NAMES, direction_of, name_of
from reviews.models import Document
from tests.factories import MINIMAL_PDF, make_document, make_file, make_review
from tests.pages import body_of, text_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("chosen", "of_file", "tag", "said"),
    [
        ("", "", "en-GB", ""),
        ("", "en-US", "en-US", ""),
        ("", "pl", "pl", "Polish"),
        ("", "pl-PL", "pl-PL", "Polish"),
        ("", "not a language!", "en-GB", ""),
        ("ur", "en-GB", "ur", "Urdu"),
        ("en-GB", "pl", "en-GB", ""),
    ],
)
def test_a_page_is_read_aloud_in_its_language_and_its_link_says_which(
    chosen: str, of_file: str, tag: str, said: str
) -> None:
    review = make_review()
    file = make_file(MINIMAL_PDF, language=of_file)
    document = make_document(review, title="Report", file=file, language=chosen)
    page = body_of(Client().get(document.reading_address)).decode()
    direction = "rtl" if tag == "ur" else "ltr"
    assert f'lang="{tag}" dir="{direction}"' in page
    response = Client().get(review.get_absolute_url())
    words = text_of(response)
    assert (f" in {said}" in words) if said else (" in English" not in words)
    body = response.content.decode()
    assert f'<meta name="citation_language" content="{tag}">' in body
    assert f'"inLanguage":"{tag}"' in body.replace(": ", ":")


def test_an_address_elsewhere_may_have_a_language_too() -> None:
    document = make_document(make_review(), url="https://example.org/x", language="pl")
    page = Client().get(document.publication.get_absolute_url())
    assert "in Polish" in text_of(page)
    assert Document(url="https://example.org/x").language_tag == "en-GB"


def test_each_language_that_can_be_chosen_has_a_name_and_fits() -> None:
    longest = Document._meta.get_field("language").max_length or 0
    for tag, name in NAMES.items():
        assert len(tag) <= longest
        assert name_of(tag) == ("" if name == "English" else name)
        assert direction_of(tag) in ("ltr", "rtl")
