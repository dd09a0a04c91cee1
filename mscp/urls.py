"""URLconf of the site (design: public, stable, lower-case, trailing slash)."""

from allauth.account import views as accounts
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as recovery_codes
from allauth.mfa.totp import views as totp
from allauth.mfa.webauthn import views as webauthn
from django.contrib import admin
from django.urls import URLPattern, URLResolver, include, path, re_path
from django.views.generic import RedirectView

from mscp.editing.accounts import mails_canonical_host
from mscp.editing.password_links import WelcomeView
from mscp.exports.urls import other_formats
from mscp.site import developers, health, pages, sitemaps
from mscp.site.accessibility import AccessibilityView
from mscp.site.home import HomeView
from mscp.site.news import NewsFeedView, NewsView
from mscp.site.previews import preview
from mscp.site.search import SearchView
from mscp.site.styleguide import styleguide
from mscp.site.suggestions import suggestions
from mscp.site.themes import ThemeDetailView, ThemeListView
from reviews.exports import PublicationExporter

themes = (
    [
        path("", ThemeListView.as_view(), name="list"),
        path("<slug:slug>/", ThemeDetailView.as_view(), name="detail"),
    ],
    "themes",
)

# Second factors: of allauth's pages those that staff need. A key is short enough for any database.
second_factor: list[URLPattern] = [
    path("", mfa.index, name="mfa_index"),
    path("code/", mfa.authenticate, name="mfa_authenticate"),
    path("confirm/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("app/", totp.activate_totp, name="mfa_activate_totp"),
    path("app/remove/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("codes/", recovery_codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path("codes/new/", recovery_codes.generate_recovery_codes, name="mfa_generate_recovery_codes"),
    path("passkeys/add/", webauthn.add_webauthn, name="mfa_add_webauthn"),
    path("passkeys/confirm/", webauthn.reauthenticate_webauthn, name="mfa_reauthenticate_webauthn"),
    re_path(
        r"^passkeys/(?P<pk>[0-9]{1,18})/remove/$",
        webauthn.remove_webauthn,
        name="mfa_remove_webauthn",
    ),
    # allauth returns here after one was removed.
    path("passkeys/", RedirectView.as_view(pattern_name="mfa_index"), name="mfa_list_webauthn"),
]

# The few pages of allauth that staff need; its other views have no URL here.
staff: list[URLPattern | URLResolver] = [
    path("sign-in/", accounts.login, name="account_login"),
    path("sign-out/", accounts.logout, name="account_logout"),
    path("sign-up/", accounts.signup, name="account_signup"),
    path("confirm/", accounts.reauthenticate, name="account_reauthenticate"),
    path("password/", mails_canonical_host(accounts.password_reset), name="account_reset_password"),
    path("password/sent/", accounts.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^password/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        mails_canonical_host(accounts.password_reset_from_key),
        name="account_reset_password_from_key",
    ),
    path(
        "password/changed/",
        accounts.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    path("inactive/", accounts.account_inactive, name="account_inactive"),
    path("second-factor/", include(second_factor)),
    path("welcome/<str:token>/", WelcomeView.as_view(), name="account_welcome"),
]

urlpatterns = [
    path("", HomeView.as_view(), name="home"),
    path("search/", SearchView.as_view(), name="search"),
    path("search/suggestions/", suggestions, name="suggestions"),
    *other_formats("search/", "search", SearchView, PublicationExporter(), "All publications"),
    path("new/", NewsView.as_view(), name="new"),
    path("new/feed.atom", NewsFeedView.as_view(), name="new_atom"),
    path("themes/", include(themes)),
    path("training/", include("training.urls")),
    path("sitemap.xml", sitemaps.index, name="sitemap"),
    path("sitemap-<section>.xml", sitemaps.section, name="sitemap_section"),
    path("accessibility/", AccessibilityView.as_view(), name="accessibility"),
    path("numbers-to-call/", pages.NumbersToCallView.as_view(), name="numbers_to_call"),
    path("favicon.ico", pages.icon("favicon.ico", "image/x-icon"), name="favicon"),
    path(
        "apple-touch-icon.png",
        pages.icon("apple-touch-icon.png", "image/png"),
        name="touch_icon",
    ),
    path("logo/<str:name>", pages.logo, name="logo"),
    path("robots.txt", pages.robots, name="robots"),
    path(".well-known/security.txt", pages.security_txt, name="security"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("developers/", include(developers.urlpatterns)),
    path("styleguide/", styleguide, name="styleguide"),
    path("preview/<str:token>/", include(preview)),
    path("admin/", admin.site.urls),
    path("staff/", include(staff)),
    path("", include("reviews.urls")),
    # Last, since it matches any single word: if no page is found it is a 404 like any other.
    path("<slug:slug>/", pages.PageView.as_view(), name="page"),
]

handler400 = "mscp.web.errors.bad_request"
handler403 = "mscp.web.errors.permission_denied"
handler404 = "mscp.web.errors.not_found"
handler500 = "mscp.web.unavailable.server_error"
