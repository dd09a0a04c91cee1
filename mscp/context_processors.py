"""What stands on every page: whose site it is, whom to call, the links at its foot."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from mscp.models import ConcernContact, Page, SiteIdentity


def site(request: HttpRequest) -> dict[str, Any]:
    """Provide the three, each read only by a template that shows it."""
    return {
        "partnership": SimpleLazyObject(SiteIdentity.load),
        "contacts": SimpleLazyObject(lambda: list(ConcernContact.objects.all())),
        "footer_pages": SimpleLazyObject(
            lambda: list(Page.objects.published().only("title", "slug"))
        ),
    }
