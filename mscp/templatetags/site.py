"""Builtin filters of the admin's templates."""

from django import template

from mscp.web.jinja import many

register = template.Library()
register.filter(many)
