"""Context processor of the admin's pages."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from mscp.web import site_context


def site(request: HttpRequest) -> dict[str, Any]:
    """Provide the site context, which is read only if a template uses it."""
    lazy_context: Any = SimpleLazyObject(site_context.current)
    return {
        "partnership": SimpleLazyObject(lambda: lazy_context.partnership),
        "site_notice": SimpleLazyObject(lambda: lazy_context.notice),
        "contacts": SimpleLazyObject(lambda: lazy_context.contacts),
        "footer_pages": SimpleLazyObject(lambda: lazy_context.pages),
    }
