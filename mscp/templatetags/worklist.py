"""Open tasks of staff, for the admin's index page."""

from typing import Any

from django import template

from mscp.site.dashboard import Task, gaps_for, tasks_for
from mscp.site.desk import Desk, desk_for
from mscp.site.setting_up import Guide, guide_for

register = template.Library()


@register.simple_tag
def worklist(user: Any) -> list[Task]:
    return tasks_for(user)


@register.simple_tag
def chain_gaps(user: Any) -> list[Task]:
    return gaps_for(user)


@register.simple_tag
def desk_of(user: Any) -> Desk:
    return desk_for(user)


@register.simple_tag
def setting_up(user: Any) -> Guide:
    return guide_for(user)
