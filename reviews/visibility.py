"""Object permissions of publications: which of them a member of staff may see at all."""

from mscp.typing import AnyUser
from reviews.models import Publication
from reviews.models.publications import PublicationQuerySet


def visible_to(user: AnyUser) -> "PublicationQuerySet[Publication]":
    """Return the published ones, and of the kinds that a user may view those that are not.

    Somebody who keeps only courses links them to what readers can see, and learns of nothing else.
    A proposed change is none of its own: links are to what it changes.
    """
    publications: PublicationQuerySet[Publication] = Publication.objects.own_records()
    if sees_all(user):
        return publications
    kinds = [model.KIND for model in Publication.__subclasses__() if _may_view(user, model)]
    return publications.published() | publications.filter(kind__in=kinds)


def sees_all(user: AnyUser) -> bool:
    return all(_may_view(user, model) for model in Publication.__subclasses__())


def _may_view(user: AnyUser, model: type[Publication]) -> bool:
    return user.has_perm(f"reviews.view_{model._meta.model_name}")
