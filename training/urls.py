"""URLconf of training. The URLs are public and stable: never change one."""

from django.urls import path

from mscp.exports.urls import other_formats
from training import qr, views
from training.calendar import views as calendar_views
from training.exports import SessionExporter

app_name = "training"

urlpatterns = [
    path("", views.SessionListView.as_view(), name="sessions"),
    *other_formats("", "training:sessions", views.SessionListView, SessionExporter()),
    path("calendar.ics", calendar_views.ProgrammeCalendarView.as_view(), name="calendar"),
    path("venues/", views.VenueListView.as_view(), name="venues"),
    path("venues/<slug:slug>/", views.VenueDetailView.as_view(), name="venue"),
    path("venues/<slug:slug>/photo.webp", views.venue_photo, {"kind": "webp"}, name="venue_photo"),
    path(
        "venues/<slug:slug>/photo.jpg",
        views.venue_photo,
        {"kind": "jpeg"},
        name="venue_photo_jpeg",
    ),
    path("<slug:slug>/", views.CourseDetailView.as_view(), name="course"),
    path(
        "<slug:slug>/calendar.ics",
        calendar_views.CourseCalendarView.as_view(),
        name="course_calendar",
    ),
    path(
        "<slug:slug>/session-<int:pk>.ics",
        calendar_views.SessionCalendarView.as_view(),
        name="session_calendar",
    ),
    path("<slug:slug>/session-<int:pk>.svg", qr.session_qr, name="session_qr"),
]
