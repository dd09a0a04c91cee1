"""Calendars of the training programme: of the list, of a course, of a session."""

from typing import Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import content_disposition_header

from mscp.exports.base import ExportContext, ExportView, canonical_query, with_query
from mscp.listing.filterset import ListFilterSet
from training.calendar.entries import (
    EXPORTER,
    About,
    calendar_of,
    entries_of,
    entry_of,
    read,
    still_listed,
    to_come_or_just_past,
)
from training.models import Course, Session
from training.views import SessionListView


def _answer(content: bytes, name: str) -> HttpResponse:
    """Return a response with a calendar.

    Without Last-Modified: a withdrawal or the end of a session leaves no date by which an older
    response differs from a newer one. The ETag of ConditionalGetMiddleware does.
    """
    # "inline", so that a phone opens it in its calendar and does not put it among its downloads.
    disposition = content_disposition_header(False, f"{name}.ics") or "inline"
    return HttpResponse(
        content,
        content_type="text/calendar; charset=utf-8",
        headers={"Content-Disposition": disposition},
    )


class ProgrammeCalendarView(ExportView):
    """The list of sessions with its filters.

    Unless the URL gives a time, it holds upcoming and recent sessions.
    """

    list_view = SessionListView
    list_name = "training:sessions"
    exporter = EXPORTER
    heading = "Training"

    def get(self, request: HttpRequest) -> HttpResponse:
        context = ExportContext(request)
        filterset = self.read_filter()
        is_timed = "when" in filterset.data
        sessions: Any = filterset.narrowed(without=() if is_timed else ("when",))
        if not is_timed:
            sessions = to_come_or_just_past(sessions)
        entries = entries_of(still_listed(sessions), context)
        return _answer(calendar_of(self._about(filterset, context), context, entries), "training")

    def _about(self, filterset: ListFilterSet, context: ExportContext) -> About:
        chosen = ", ".join(f"{chip.facet}: {chip.label}" for chip in filterset.chips)
        name = f"{context.partnership.name}: {self.heading}{f' ({chosen})' if chosen else ''}"
        ignored = ", ".join(f"{part.label}: {part.value}" for part in filterset.ignored)
        query = filterset.data.urlencode()
        # Asking for upcoming sessions only is not the same as giving no time.
        when = filterset.data.get("when", "")
        return About(
            uid=context.urn("calendar", self.short_name, canonical_query(filterset), when),
            name=name,
            description=f"Not known here and left out: {ignored}." if ignored else name,
            page=context.absolute(with_query(self.list_address, query)),
            address=context.absolute(with_query(self.request.path, query)),
        )


class CourseCalendarView(ExportView):
    """The sessions of a course: upcoming, and those recently past or cancelled.

    For a withdrawn course it is empty and discloses nothing: an error would leave its sessions in
    the calendars of those who subscribed.
    """

    query_parameters: ClassVar[tuple[str, ...]] = ()

    def get(self, request: HttpRequest, slug: str) -> HttpResponse:
        context = ExportContext(request)
        course = Course.objects.filter(slug=slug).first()
        if course is None or not (course.is_published or course.is_withdrawn):
            raise Http404
        uid = context.urn("calendar", "course", course.pk)
        if course.is_withdrawn:
            name = f"{context.partnership.name}: Training"
            about = About(uid, name, name, page=context.absolute(reverse("training:sessions")))
            return _answer(calendar_of(about, context, ()), "training")
        name = f"{context.partnership.name}: {course.title}"
        page, address = course.get_absolute_url(), course.calendar_address
        about = About(uid, name, name, context.absolute(page), context.absolute(address))
        sessions = to_come_or_just_past(Session.objects.published().filter(course=course))
        entries = entries_of(still_listed(sessions), context)
        return _answer(calendar_of(about, context, entries), course.slug)


class SessionCalendarView(ExportView):
    """One session, for the calendar of somebody who means to attend."""

    query_parameters: ClassVar[tuple[str, ...]] = ()

    def get(self, request: HttpRequest, slug: str, pk: int) -> HttpResponse:
        context = ExportContext(request)
        found = read(Session.objects.published().filter(pk=pk))
        if not found:
            raise Http404
        (session,) = found
        if session.course.slug != slug:
            # It was moved to another course, perhaps not for good.
            return HttpResponseRedirect(session.calendar_address)
        about = About(
            uid=context.urn("calendar", "session", session.pk),
            name=session.course.title,
            description=session.course.title,
            page=context.absolute(session.get_absolute_url()),
            address=context.absolute(request.path),
        )
        entry = entry_of(session, context, takes_time=True)
        return _answer(calendar_of(about, context, [entry]), f"{slug}-{session.start_date}")
