"""Formatted text for the form in which it is typed: its preview, and pasted text as Markdown."""

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from mscp.text.markdown import as_list, to_html
from mscp.text.pasted import to_markdown

# More than any field keeps, and little enough to render at every pause of typing.
LONGEST = 60_000


@require_POST
def formatted(request: HttpRequest) -> HttpResponse:
    """Render the sent text as its page will, after the changes that saving makes."""
    text = request.POST.get("text", "")
    if len(text) > LONGEST:
        return HttpResponse("<p>This is too long to be shown here.</p>")
    markdown = to_markdown(text)
    if request.POST.get("shape") == "list":
        markdown = as_list(markdown)
    return HttpResponse(to_html(markdown, top_heading=3))


@require_POST
def pasted(request: HttpRequest) -> HttpResponse:
    """Return plain text from the clipboard as the Markdown that saving would make of it."""
    text = request.POST.get("text", "")
    if len(text) > LONGEST:
        return HttpResponse(status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
    return HttpResponse(to_markdown(text), content_type="text/plain; charset=utf-8")
