"""Who of the staff may see a file, and who may settle, clean and correct it."""

from mscp.editing.publishing import may_handle
from mscp.publishing.gate import change_permission
from mscp.typing import AnyUser
from reviews.models import DocumentFile


def may_upload(user: AnyUser) -> bool:
    return user.has_perm("reviews.add_document") or user.has_perm("reviews.change_document")


def may_see(user: AnyUser, file: DocumentFile) -> bool:
    if file.document is None:
        return user.is_superuser or (may_upload(user) and file.taken_in_by_id == user.pk)
    return user.has_perm(change_permission(file.document.publication.kind_model))


def may_settle(user: AnyUser, file: DocumentFile) -> bool:
    """Return whether a user may settle findings of a file, clean it, and correct its text.

    No query for a visitor.
    """
    if not may_upload(user):
        return False
    if file.document is None:
        return may_see(user, file)
    publication = file.document.publication
    return may_handle(user, publication, publication.kind_model)
