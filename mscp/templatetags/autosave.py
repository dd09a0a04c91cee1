"""Autosave in templates of the admin: the token of a form, and what somebody has not saved."""

from typing import Any

from django import template

from mscp.records.autosave import Autosave, AutosaveToken

register = template.Library()

MOST_LISTED = 10


@register.inclusion_tag("admin/includes/autosave_token.html", takes_context=True)
def autosave_token(context: Any) -> dict[str, Any]:
    """Render the token of a form that is not a record's, on the page asked for."""
    return {"token": AutosaveToken.of_page(context["request"]).signed()}


@register.simple_tag
def not_saved(user: Any) -> list[Autosave]:
    """Return what this person typed and did not save, the latest first."""
    return list(Autosave.objects.of(user.pk)[:MOST_LISTED])
