"""What every page may show."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from mscp.web import site_context


def site(request: HttpRequest) -> dict[str, Any]:
    """Provide what stands around a page, read only by a template that shows any of it."""
    around: Any = SimpleLazyObject(site_context.current)
    return {
        "partnership": SimpleLazyObject(lambda: around.partnership),
        "contacts": SimpleLazyObject(lambda: around.contacts),
        "footer_pages": SimpleLazyObject(lambda: around.pages),
    }
