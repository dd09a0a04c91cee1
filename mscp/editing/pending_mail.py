"""Mails about changes that wait for a second person: who can confirm one, and what became of it.

The same stands on everybody's first page, so nothing is lost where no mail is set up.
"""

from typing import Any

from django.contrib.auth import get_user_model
from django.db import models
from django.http import HttpRequest

from mscp.editing.handover_mail import notify, staff_with, with_article
from mscp.models import PendingChange
from mscp.publishing.gate import change_permission


def tell_of_request(request: HttpRequest, change: PendingChange) -> None:
    """Mail those who can confirm a change, but not who asked for it."""
    what = f"A change waits for a second person: {with_article(change.model).lower()}"
    by = f"{what}. {change.made_by_name} asked for it"
    notify(request, change, what, by, lambda: _addresses(_confirmers(change), request))


def tell_of_decision(request: HttpRequest, change: PendingChange, decision: str) -> None:
    """Mail who asked for a change that somebody else confirmed or discarded it."""
    what = f"Your change of {with_article(change.model).lower()} was {decision}"
    asked = get_user_model()._default_manager.filter(pk=change.made_by_key, is_active=True)
    notify(request, change, what, what, lambda: _addresses(asked, request))


def _confirmers(change: PendingChange) -> "models.QuerySet[Any]":
    """Return the active accounts of staff that may change such records."""
    return staff_with(change_permission(change.model.permissions_of()))


def _addresses(people: "models.QuerySet[Any]", request: HttpRequest) -> list[str]:
    others = people.exclude(pk=request.user.pk).exclude(email="")
    return list(others.values_list("email", flat=True))
