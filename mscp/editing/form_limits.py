"""Limits of the forms of staff: what is beyond them is refused, and kept for whoever typed it."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, QueryDict
from django.template.defaultfilters import filesizeformat
from django.utils.text import capfirst

from mscp.web.errors import too_large
from mscp.web.holding import keep_with_files


def refused_as_too_large(request: HttpRequest) -> HttpResponse | None:
    """Keep a form with too much text or too many fields, and say so; None if it is within limits.

    More than Django reads of any form never comes here (``mscp.web.errors.bad_request``).
    """
    sizes = {name: _size(request.POST, name) for name in request.POST}
    size, fields = sum(sizes.values()), sum(len(values) for _, values in request.POST.lists())
    if size <= settings.LARGEST_FORM and fields <= settings.MOST_FIELDS:
        return None
    longest = ""
    if size > settings.LARGEST_FORM:
        over = filesizeformat(size - settings.LARGEST_FORM)
        too_much = f"{filesizeformat(size)} of text: {over} more than the "
        too_much += f"{filesizeformat(settings.LARGEST_FORM)} that a form may have"
        name = max(sizes, key=lambda one: sizes[one])
        label = capfirst(name.rpartition("-")[2].replace("_", " "))
        longest = f"The longest text is in “{label}”: {filesizeformat(sizes[name])}."
    else:
        over_by = fields - settings.MOST_FIELDS
        too_much = f"{fields:,} fields: {over_by:,} more than the {settings.MOST_FIELDS:,} that a "
        too_much += "form may have"
    kept = keep_with_files(request, request.POST, request.FILES)
    if kept and kept.user_id != request.user.pk:
        kept = None
    return too_large(request, too_much, kept, longest=longest)


def _size(sent: QueryDict, name: str) -> int:
    return sum(len(f"{name}={value}".encode(errors="replace")) + 1 for value in sent.getlist(name))
