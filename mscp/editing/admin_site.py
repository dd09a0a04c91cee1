"""AdminSite of the staff: apps and models in the order of daily work."""

import logging
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, ClassVar

from allauth.account.adapter import get_adapter
from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest, PermissionDenied
from django.db import DataError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import SimpleTemplateResponse
from django.urls import URLPattern, URLResolver, path

from mscp.editing import autosave, held_uploads
from mscp.editing.account_events import record
from mscp.editing.form_limits import refused_as_too_large
from mscp.editing.formatted import formatted, pasted
from mscp.files.held_files import HELD
from mscp.models import AccountEventKind

logger = logging.getLogger(__name__)

View = Callable[..., HttpResponseBase]

# Apps, and the models of each, in the order of an editor's work.
ORDER = {
    "reviews": ["PracticeReview", "NationalReport", "Briefing", "Document", "Theme", "ListLink"],
    "training": ["Course", "Session", "ProgrammeImport", "Venue", "Audience"],
    "mscp": [
        *("Release", "SiteIdentity", "ConcernContact", "Page", "StatementConfirmation"),
        *("Redirect", "SearchSynonym", "PreviewLink", "BulkChange", "Backup"),
    ],
    "auth": ["User", "Group"],
}
NAMES = {
    "User": "Colleagues",
    "Group": "Groups and their permissions",
    "AccountEvent": "Sign-in log",
}
# What is set once, or looked at a few times a year: apart from what is worked on every day.
RARE = {
    *("ListLink", "Audience", "SiteIdentity", "StatementConfirmation", "User", "Group"),
    *("AccountEvent", "Redirect", "SearchSynonym", "PreviewLink", "BulkChange", "Backup"),
}


class StaffSite(AdminSite):
    site_title = "Staff"
    site_header = "Staff"
    index_title = "To do"
    # What the site adds to the admin (mscp/site/admin.py): addresses and views.
    more_views: ClassVar[dict[str, View]] = {"formatted": formatted, "pasted": pasted}

    def get_app_list(
        self, request: HttpRequest, app_label: str | None = None
    ) -> list[dict[str, Any]]:
        apps = super().get_app_list(request, app_label)
        for app in apps:
            order = ORDER.get(app["app_label"], [])
            app["models"].sort(key=lambda model: _place(order, model["object_name"]))
        of_staff = next((app for app in apps if app["app_label"] == "auth"), None)
        if of_staff:
            of_staff["name"] = "Staff accounts"
            for app in apps:
                # It belongs to this site, and among the accounts.
                log = [one for one in app["models"] if one["object_name"] == "AccountEvent"]
                app["models"] = [one for one in app["models"] if one not in log]
                of_staff["models"] += log
            for model in of_staff["models"]:
                model["name"] = NAMES.get(model["object_name"], model["name"])
        for app in apps:
            for model in app["models"]:
                model["is_rare"] = model["object_name"] in RARE
            app["has_daily"] = any(not model["is_rare"] for model in app["models"])
        return sorted(apps, key=lambda app: _place(list(ORDER), app["app_label"]))

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        context = super().each_context(request)
        rare = [
            model
            for app in context["available_apps"]
            for model in app["models"]
            if model["is_rare"]
        ]
        return {
            **context,
            "rarely_used": rare,
            "rare_is_current": any(
                model["admin_url"] and request.path.startswith(model["admin_url"]) for model in rare
            ),
        }

    def get_urls(self) -> list[URLResolver | URLPattern]:
        """Close Django's shortcut to any record's page, which checks no permission.

        Its redirect would disclose the address of a draft, which is made from its title.
        """
        return [
            path("r/<path:rest>", self.admin_view(_nowhere)),
            path("typed/", self.admin_view(autosave.keep), name="autosave"),
            path("typed/<uuid:uid>/", self.admin_view(autosave.show), name="autosave_typed"),
            path(
                "typed/<uuid:uid>/throw-away/",
                self.admin_view(autosave.throw_away),
                name="autosave_throw_away",
            ),
            *(
                path(f"{name}/", self.admin_view(view), name=name)
                for name, view in self.more_views.items()
            ),
            *super().get_urls(),
        ]

    def admin_view(self, view: View, cacheable: bool = False) -> Any:
        return super().admin_view(_refuse_crafted(view), cacheable)

    def login(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Sign in through allauth, which limits attempts and asks for the second factor.

        Django's own form does neither, also not when somebody signed in sends it for another.
        """
        if request.method != "GET":
            return redirect(settings.LOGIN_URL)
        answer: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return answer

    def password_change(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> Any:
        answer = super().password_change(request, extra_context)
        if request.method == "POST" and answer.status_code == 302:
            account: Any = request.user
            record(AccountEventKind.PASSWORD_CHANGED, request, account)
            get_adapter(request).send_notification_mail("account/email/password_changed", account)
        return answer


def _refuse_crafted(view: View) -> View:
    """Decorate an admin view to answer a crafted form or URL with 400 instead of an error.

    A key beyond 64 bits is a number to a form field and too long for the database, which raises
    its own exception: OverflowError from SQLite, DataError from PostgreSQL, as for NUL.
    """

    @wraps(view)
    def refusing(request: HttpRequest, *args: object, **kwargs: object) -> HttpResponseBase:
        if "_saveasnew" in request.POST:
            # None of our models may be saved as new, and Django does it without checking.
            sent: Any = request.POST.copy()
            del sent["_saveasnew"]
            request.POST = sent
        # What a script sends to be kept has a limit of its own.
        if view is not autosave.keep:
            if refused := refused_as_too_large(request):
                return refused
            if any(name.endswith(HELD) for name in request.POST):
                with_files: Any = held_uploads.put_among_files(request, request.POST)
                request.POST = with_files
        try:
            response = _or_what_was_typed(view, request, *args, **kwargs)
            # Rendered here, since widgets query what they show.
            return response.render() if isinstance(response, SimpleTemplateResponse) else response
        except (OverflowError, DataError) as error:
            # With its traceback, since it may be a bug of ours.
            logger.warning("A form of the admin was refused.", exc_info=error)
            raise BadRequest("A value that no form of ours sends.") from error

    return refusing


def _or_what_was_typed(
    view: View, request: HttpRequest, *args: object, **kwargs: object
) -> HttpResponseBase:
    """Return the response of a view; if it refuses a form, a page with what was typed into it."""
    try:
        response = view(request, *args, **kwargs)
    except (PermissionDenied, Http404) as refusal:
        page = autosave.after_form_of_page(request, None)
        if page is None:
            raise
        if isinstance(refusal, Http404):
            page.status_code = HTTPStatus.NOT_FOUND
        return page
    autosave.after_form_of_page(request, response)
    return response


def _nowhere(request: HttpRequest, rest: str) -> HttpResponse:
    raise Http404


def _place(order: list[str], name: str) -> int:
    return order.index(name) if name in order else len(order)
