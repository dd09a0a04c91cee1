"""Template tag: the address of the report on a file, for the admin."""

from django import template

from reviews.documents.report_links import report_address

register = template.Library()
register.filter(report_address)
