"""Open tasks of staff, for the admin's index page."""

from typing import Any

from django import template

from mscp.site.dashboard import Task, gaps_for, tasks_for
from mscp.site.desk import Desk, desk_for
from mscp.site.setting_up import Guide, guide_for

register = template.Library()


@register.simple_tag
def worklist(user: Any, guide: Guide) -> list[Task]:
    """Return the open tasks, without those that an open step of the guide asks for already."""
    asked = {step.address for step in guide.steps if not step.is_done}
    return [task for task in tasks_for(user) if task.address not in asked]


@register.simple_tag
def chain_gaps(user: Any) -> list[Task]:
    return gaps_for(user)


@register.simple_tag
def desk_of(user: Any) -> Desk:
    return desk_for(user)


@register.simple_tag
def setting_up(user: Any) -> Guide:
    return guide_for(user)
