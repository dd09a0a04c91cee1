"""Answers of people outside: whom they concern, told by mail and on the first page of staff."""

from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.http import HttpRequest

from mscp.editing.handover_mail import approvers, notify, with_article
from mscp.models import PreviewAnswer, PreviewLink
from mscp.publishing.gate import Publishable, publish_permission
from mscp.publishing.preview_links import mark_voided
from mscp.typing import AnyUser

# Where the answers stand in the form of a record (templates/django/admin/people_outside.html).
PLACE = "#people-outside-title"


def keys_of_concerned(link: PreviewLink, publishers: Iterable[int]) -> set[int]:
    """Return whom an answer concerns: who made the link or, if they publish no more, all who do.

    ``publishers`` are the keys of the active accounts that may publish such a record.
    """
    keys = set(publishers)
    return {link.created_by_id} if link.created_by_id in keys else keys


def tell_of_answer(request: HttpRequest, link: PreviewLink, answer: PreviewAnswer) -> None:
    """Mail those whom an answer concerns; without a word of it, nor who gave it."""
    record: Any = link.record
    said = "agreed to by somebody outside" if answer.agreed else "commented on by somebody outside"
    what = f"{with_article(record)} was {said}"
    notify(request, record, what, what, lambda: _addresses(link), place=PLACE)


def _addresses(link: PreviewLink) -> "models.QuerySet[Any, Any]":
    people = approvers(link.record)
    keys = keys_of_concerned(link, people.values_list("pk", flat=True))
    return people.filter(pk__in=keys).exclude(email="").values_list("email", flat=True)


def open_answers(
    user: AnyUser, kinds: Iterable[type[Publishable]], *, most: int
) -> list[PreviewAnswer]:
    """Return the latest answers that wait for somebody, each marked if it is ``is_voided``.

    That a reader agreed waits for nobody once the record is public. Queries for each model and for
    each record that is returned.
    """
    found: list[PreviewAnswer] = []
    for model in kinds:
        if not user.has_perm(publish_permission(model)):
            continue
        kind = ContentType.objects.get_for_model(model)
        rows = PreviewAnswer.objects.open().filter(link__content_type=kind)
        waiting = list(rows.select_related("link").order_by("-answered_at", "-pk"))
        if waiting:
            publishers = set(approvers(model).values_list("pk", flat=True))
            records = model._default_manager.in_bulk({one.link.object_id for one in waiting})
            for answer in waiting:
                record: Any = records.get(answer.link.object_id)
                is_over = record is None or (answer.agreed and record.is_published)
                if not is_over and user.pk in keys_of_concerned(answer.link, publishers):
                    answer.link.record = record
                    found.append(answer)
    found.sort(key=lambda answer: answer.answered_at, reverse=True)
    found = found[:most]
    of_record: dict[Any, list[PreviewAnswer]] = {}
    for answer in found:
        of_record.setdefault(answer.link.record, []).append(answer)
    for record, answers in of_record.items():
        mark_voided(answers, record)
    return found
