from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from mscp.publishing.gate import State
from reviews.models import Document
from tests.factories import MINIMAL_PDF, make_document, make_file, make_review
from tests.pages import body_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def document() -> Document:
    return make_document(make_review(), title="Sample report: final", pdf=MINIMAL_PDF)


def test_a_published_file_is_sent_under_the_name_of_its_title(document: Document) -> None:
    address = document.get_absolute_url()
    assert address == f"/documents/{document.uid}/sample-report-final.pdf"
    response = Client().get(address)
    assert body_of(response) == MINIMAL_PDF
    assert response.headers["Content-Type"] == "application/pdf"
    assert response.headers["Content-Disposition"] == 'inline; filename="sample-report-final.pdf"'
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert not response.cookies


def test_the_address_stays_when_the_file_is_replaced(document: Document) -> None:
    address = document.get_absolute_url()
    first = document.file
    document.file = make_file(MINIMAL_PDF + b"% second")
    document.save()
    assert list(document.versions.order_by("pk")) == [first, document.file]
    assert document.get_absolute_url() == address
    response = Client().get(address)
    assert body_of(response).endswith(b"% second")


def test_an_old_name_in_the_address_leads_on(document: Document) -> None:
    old = document.get_absolute_url()
    document.title = "Renamed"
    document.save()
    response = Client().get(old)
    assert response.status_code == 302 and response.headers["Location"].endswith("/renamed.pdf")


def test_a_file_that_is_missing_is_not_found(document: Document) -> None:
    document.file.content.storage.delete(document.file.content.name)
    assert Client().get(document.get_absolute_url()).status_code == 404
    page = Client().get(document.publication.get_absolute_url())
    assert page.status_code == 200


def test_a_document_that_is_an_address_has_no_file_of_ours() -> None:
    document = make_document(make_review(), url="https://example.org/report")
    assert document.get_absolute_url() == "https://example.org/report"
    assert Client().get(f"/documents/{document.uid}/report.pdf").status_code == 404


@pytest.mark.parametrize("groups", [(), ("Editors",), ("Publishers",)])
def test_a_draft_file_needs_the_permission_of_its_publication(sign_in: Any, groups: Any) -> None:
    review = make_review(state=State.DRAFT)
    document = make_document(review, pdf=MINIMAL_PDF)
    response = sign_in(*groups).get(document.get_absolute_url())
    assert response.status_code == (200 if groups else 404)
    body_of(response)


def test_to_look_in_the_admin_is_not_enough_to_preview(sign_in: Any) -> None:
    review = make_review(state=State.DRAFT)
    document = make_document(review, pdf=MINIMAL_PDF)
    looker = sign_in()
    looking = Permission.objects.filter(
        codename__in=["view_practicereview", "view_publication", "view_document"]
    )
    looker.user.user_permissions.set(looking)
    assert looker.get(f"/admin/reviews/practicereview/{review.pk}/change/").status_code == 200
    assert looker.get(document.get_absolute_url()).status_code == 404
    assert looker.get(review.get_absolute_url()).status_code == 404
