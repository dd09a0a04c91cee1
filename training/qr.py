"""QR code on printed pages: leads from a printed session back to its place on the site."""

from io import BytesIO

import segno
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect

from mscp.cache.pages import reads
from training.models import Session

# Readers need a quiet zone of four modules around a code (ISO/IEC 18004); fifteen per cent of it
# may be smudged.
BORDER, ERROR_LEVEL = 4, "m"


@reads()
def session_qr(request: HttpRequest, slug: str, pk: int) -> HttpResponse:
    """Return the QR code of a session: the absolute URL of its place on the course's page.

    A browser requests it only when the page is printed.
    """
    session = Session.objects.published().select_related("course").filter(pk=pk).first()
    if session is None:
        raise Http404
    if session.course.slug != slug:
        # It was moved to another course.
        return HttpResponseRedirect(session.qr_address)
    leads_to = request.build_absolute_uri(session.get_absolute_url())
    drawn = BytesIO()
    segno.make_qr(leads_to, error=ERROR_LEVEL).save(
        drawn, kind="svg", border=BORDER, xmldecl=False, omitsize=True, svgclass="", lineclass=""
    )
    return HttpResponse(
        drawn.getvalue(), content_type="image/svg+xml", headers={"X-Robots-Tag": "noindex"}
    )
