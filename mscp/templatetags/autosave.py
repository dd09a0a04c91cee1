"""Autosave in templates of the admin: the token of a form, and what somebody has not saved."""

from dataclasses import replace
from typing import Any, NamedTuple

from django import template
from django.apps import apps
from django.conf import settings
from django.contrib.admin import site
from django.utils.text import capfirst

from mscp.records.autosave import FIELD, Autosave, AutosaveToken

register = template.Library()

MOST_LISTED = 10


@register.inclusion_tag("admin/includes/autosave_token.html", takes_context=True)
def autosave_token(context: Any) -> dict[str, Any]:
    """Render the token of a form that is not a record's, on the page asked for."""
    request = context["request"]
    token = AutosaveToken.of_page(request, str(context.get("title") or ""))
    sent = AutosaveToken.read(request.POST.get(FIELD))
    # The same form, shown again: what was typed into it is not saved, and closed with it later.
    is_again = sent is not None and replace(sent, uid=token.uid) == token
    shown = sent if sent and is_again else token
    return {"token": shown.signed(), "is_unsaved": is_again}


class NotSaved(NamedTuple):
    """Something that was typed and not saved, as a list names it."""

    kept: Autosave
    what: str
    """The kind of record, or what its page is called."""
    name: str
    """Of the record; "" if this person may not see it now, or nothing tells."""


@register.simple_tag
def largest_request() -> int:
    """Return how many bytes a form may have with its files."""
    return settings.LARGEST_REQUEST


@register.simple_tag
def not_saved(request: Any) -> list[NotSaved]:
    """Return what this person typed and did not save, the latest first."""
    texts = Autosave.objects.of(request.user.pk)[:MOST_LISTED]
    return [NotSaved(kept, *_named(request, kept)) for kept in texts]


def _named(request: Any, kept: Autosave) -> tuple[str, str]:
    if not kept.model:
        return kept.title or capfirst(kept.noun), ""
    what = capfirst(kept.noun)
    if not kept.key:
        return f"{what} (new)", kept.typed_name
    model_admin: Any = site._registry.get(apps.get_model(kept.model))
    record = model_admin.visible(request, kept.key) if model_admin else None
    return what, str(record) if record else ""
