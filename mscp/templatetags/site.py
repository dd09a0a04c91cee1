"""Filters that every template of the admin has, without loading them."""

from django import template

from mscp.web.jinja import many

register = template.Library()
register.filter(many)
