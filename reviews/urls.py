"""Addresses of the library. They are public and stable: never change one."""

from django.urls import path

from reviews import document_views, views

app_name = "reviews"

urlpatterns = [
    path("reviews/", views.PracticeReviewListView.as_view(), name="practice_reviews"),
    path("reviews/<slug:slug>/", views.PracticeReviewDetailView.as_view(), name="practice_review"),
    path("reports/", views.NationalReportListView.as_view(), name="national_reports"),
    path("reports/<slug:slug>/", views.NationalReportDetailView.as_view(), name="national_report"),
    path("learning/", views.BriefingListView.as_view(), name="briefings"),
    path("learning/<slug:slug>/", views.BriefingDetailView.as_view(), name="briefing"),
    path("documents/<uuid:uid>/read/", document_views.read, name="read"),
    path("documents/<uuid:uid>/cover-<int:width>.webp", document_views.cover, name="cover"),
    path("documents/<uuid:uid>/<str:name>", document_views.file, name="document"),
]
