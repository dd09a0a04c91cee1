"""Formatted text as readers will see it, for the form in which it is typed."""

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
