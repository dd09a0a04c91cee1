"""URLconf of the library. The URLs are public and stable: never change one."""

from typing import Any

from django.urls import URLPattern, path

from mscp.exports.urls import other_formats
from reviews import views
from reviews.documents import views as document_views
from reviews.exports import PublicationExporter
from reviews.models import Briefing, Kind, NationalReport, PracticeReview

app_name = "reviews"


def citations(folder: str, model: Any) -> list[URLPattern]:
    """Return the URLs of a publication's citation records."""
    return [
        path(
            f"{folder}/<slug:slug>/cite.{ending}",
            views.CitationView.as_view(model=model, ending=ending),
            name=f"{model.KIND}_{ending}",
        )
        for ending in ("ris", "bib")
    ]


urlpatterns = [
    path("reviews/", views.PracticeReviewListView.as_view(), name="practice_reviews"),
    *other_formats(
        "reviews/",
        "reviews:practice_reviews",
        views.PracticeReviewListView,
        PublicationExporter(Kind.PRACTICE_REVIEW),
    ),
    path("reviews/<slug:slug>/", views.PracticeReviewDetailView.as_view(), name="practice_review"),
    *citations("reviews", PracticeReview),
    path("reports/", views.NationalReportListView.as_view(), name="national_reports"),
    *other_formats(
        "reports/",
        "reviews:national_reports",
        views.NationalReportListView,
        PublicationExporter(Kind.NATIONAL_REPORT),
    ),
    path("reports/<slug:slug>/", views.NationalReportDetailView.as_view(), name="national_report"),
    *citations("reports", NationalReport),
    path("learning/", views.BriefingListView.as_view(), name="briefings"),
    *other_formats(
        "learning/",
        "reviews:briefings",
        views.BriefingListView,
        PublicationExporter(Kind.BRIEFING),
    ),
    path("learning/<slug:slug>/", views.BriefingDetailView.as_view(), name="briefing"),
    *citations("learning", Briefing),
    path("documents/<uuid:uid>/read/", document_views.read, name="read"),
    path("documents/<uuid:uid>/cover-<int:width>.webp", document_views.cover, name="cover"),
    path(
        "documents/<uuid:uid>/page-<int:number>-<slug:digest>.webp",
        document_views.page_picture,
        name="page_picture",
    ),
    path("documents/<uuid:uid>/<str:name>", document_views.file, name="document"),
]
