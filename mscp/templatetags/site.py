"""Builtin filters and tags of the admin's templates."""

from django import template

from mscp.version import version
from mscp.web.jinja import many

register = template.Library()
register.filter(many)
register.simple_tag(version, name="site_version")
