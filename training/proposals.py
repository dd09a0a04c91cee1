"""Sessions of live courses: what is corrected at once, and what goes into a proposed change.

When a session is held is corrected, and a session cancelled, by whoever may publish. All else that
a session of a live course says, and a new session, waits in the proposed change of its course: for
those who may not publish, and for everybody where two people are needed.
"""

from typing import Any

from django.contrib import admin
from django.core.exceptions import ValidationError
from django.urls import reverse

from mscp.editing.changes import may_propose
from mscp.editing.publishing import may_change, may_handle
from mscp.publishing.approvals import may_change_live
from mscp.records.audit import set_author
from mscp.records.history import because
from mscp.typing import AnyUser
from training.models import Course, Session

WAITS = "Its course is live: readers see this once somebody applies its proposed change."
HELP = (
    "A session that is added to a live course waits in a proposed change of it, which readers see "
    "once somebody applies it."
)


def is_proposed(user: AnyUser, course: Course) -> bool:
    """Return whether what somebody adds to a course goes into a proposed change of it."""
    return not may_change(user, course) and may_propose(user, course)


def proposes_always(user: AnyUser) -> bool:
    """Return whether this person changes no live course at once."""
    return not (may_change_live() and user.has_perm("training.publish_course"))


def only_corrects(user: AnyUser, course: Course) -> bool:
    """Return whether somebody may correct when its sessions are held, and change nothing else."""
    return may_handle(user, course) and not may_change(user, course)


def add_to_change(session: Session, course: Course, user: AnyUser) -> tuple[Course, bool]:
    """Put a session into the proposed change of a course; return that, and whether it was begun.

    It is not saved. Raises ValidationError.
    """
    change, is_begun = course.change_to_go_on_with(by=user)
    session.course = change
    return change, is_begun


def propose_to_change(session: Session, user: AnyUser) -> tuple[Session, Course, bool]:
    """Return what stands for a session in the change of its course; raises ValidationError."""
    change, is_begun = session.course.change_to_go_on_with(by=user)
    part: Any = change.parts_by_key().get(str(session.pk))
    if part is None and str(session.pk) in (change.merge_base or {}).get("parts", {}):
        raise ValidationError("The proposed change of its course takes this session out.")
    if part is None:
        # It was added to the course after the change was begun.
        change.take_in_part(session, lambda one: _save(one, user))
        part = change.parts_by_key()[str(session.pk)]
    return part, change, is_begun


def _save(session: Session, user: AnyUser) -> None:
    set_author(session, user)
    because(session, "Taken into the proposed change").save()


def address_of(change: Course) -> str:
    return reverse("admin:training_course_change", args=[change.pk])


def log_begun(model_admin: "admin.ModelAdmin[Any]", request: Any, change: Course) -> None:
    """Log on a change that it was begun, as its own form does."""
    model_admin.log_addition(request, change, f"Proposed change of “{change}” begun.")
