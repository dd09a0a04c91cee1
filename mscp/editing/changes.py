"""Proposed changes in the admin: begin one, compare it with what is live, look at it, apply it."""

import re
from copy import copy
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import (
    Http404,
    HttpRequest,
    HttpResponse,
    HttpResponseRedirect,
    QueryDict,
)
from django.template.response import TemplateResponse
from django.urls import Resolver404, URLPattern, path, resolve, reverse
from django.utils.cache import add_never_cache_headers
from django.utils.html import format_html
from django.utils.http import urlencode
from django.views.decorators.http import require_POST

from mscp.editing.differences import Rows
from mscp.editing.generic import ModelAdminMixin
from mscp.editing.timeline import HistorySource, Source, WayBack
from mscp.publishing.gate import Publishable, State, change_permission
from mscp.records.autosave import TAKE_BACK, keep_sent
from mscp.typing import AnyUser

# Of the history of changes, on the page of the history of a record.

Changed = TypeVar("Changed", bound=Publishable)


class _ChangesSource(HistorySource):
    def about(self, record: Any) -> tuple[str, str]:
        return "A proposed change", ""


def may_propose(user: AnyUser, record: Publishable) -> bool:
    """Return whether somebody may begin a proposed change of a record."""
    return (
        not record.is_proposed_change
        and record.current_state in (State.PUBLISHED, State.SCHEDULED)
        and user.has_perm(change_permission(type(record)))
    )


class ProposedChanges(ModelAdminMixin[Changed]):
    """Mixin of the admin of what is published: changes prepared in private."""

    def get_urls(self) -> list[URLPattern]:
        views = {
            "propose": require_POST(self.propose_view),
            "compare": self.compare_view,
            "look": require_POST(self.look_view),
        }
        return [
            *(
                path(
                    f"<int:key>/{name}/",
                    self.admin_site.admin_view(view),
                    name=f"{self.opts.app_label}_{self.opts.model_name}_{name}",
                )
                for name, view in views.items()
            ),
            *super().get_urls(),
        ]

    def address_of(self, name: str, record: Any) -> str:
        options = self.opts
        return reverse(f"admin:{options.app_label}_{options.model_name}_{name}", args=[record.pk])

    # --- what a form shows of it --------------------------------------------------------------

    def may_propose(self, request: HttpRequest, record: Changed | None) -> bool:
        """Return whether somebody may begin a change, for which writing is enough."""
        return record is not None and may_propose(request.user, record)

    def change_context(self, request: HttpRequest, record: Changed | None) -> dict[str, Any]:
        """Return what a form shows of a change, or of the change to what it shows."""
        if record is None or not record.pk:
            return {}
        if not record.is_proposed_change:
            if not self.may_propose(request, record):
                return {}
            change = record.open_change()
            return {
                "propose_address": "" if change else self.address_of("propose", record),
                "open_change": change,
                "open_change_address": self.address_of("change", change) if change else "",
            }
        live = record.revised()
        return {
            "revised": live,
            "revised_address": self.address_of("change", live),
            "compare_address": self.address_of("compare", record),
            "conflicts": record.conflicts(),
            "look_address": self.address_of("look", record),
            "looks": self.looks(live),
        }

    def steps_offered(self, request: HttpRequest, change: Changed) -> list[tuple[Any, str]]:
        """Return each action that fits a change and this person, with its address."""
        return []

    def pages_changed(self, live: Changed) -> list[tuple[str, str]]:
        """Return the pages other than its own on which it is shown: label and address."""
        return [("the home page", reverse("home"))]

    def looks(self, live: Changed) -> list[tuple[str, str]]:
        """Return the pages that can be looked at as they will be: if it is live, its own too."""
        address = live.get_absolute_url()
        own = [("its page, with what changed meanwhile", address)] if live.is_published else []
        return [*own, *self.pages_changed(live)]

    def timeline_sources(self, request: HttpRequest, key: int) -> list[Source]:
        """Add the changes that were proposed to a record."""
        view: Any = super()
        sources: list[Source] = view.timeline_sources(request, key)
        helper: Any = self
        changes = _ChangesSource(
            helper.model,
            lambda record: helper.get_historical_record_context_helper(request, record),
            revises=key,
        )
        return [*sources, changes]

    def ways_back(self, request: HttpRequest, obj: Changed) -> dict[int | None, WayBack]:
        """Take earlier values of what may not be changed itself into a proposed change of it."""
        view: Any = super()
        ways: dict[int | None, WayBack] = view.ways_back(request, obj)
        parts = list(obj.parts_by_key().values())
        if ways:
            return {**ways, **{part.pk: WayBack(form_address(part), {}) for part in parts}}
        if not self.may_propose(request, obj):
            return {}
        model: Any = self.model
        change = model._default_manager.filter(revises=obj.pk).first()
        if change is None:
            keys = [None, *(part.pk for part in parts)]
            address = self.address_of("propose", obj)
            named = {key: {"part": str(key)} if key else {} for key in keys}
            where = "a proposed change"
            return {key: WayBack(address, named[key], where, True) for key in keys}
        where = "the proposed change"
        own = {
            part.revises_id: WayBack(form_address(part), {}, where)
            for part in change.parts_by_key().values()
        }
        return {**own, None: WayBack(self.address_of("change", change), {}, where)}

    # --- what was typed -----------------------------------------------------------------------

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        """Begin a change with what was typed into the form of what is live, if that button was
        pressed: nothing of it is saved in what is live.
        """
        if request.method == "POST" and "_propose" in request.POST and object_id is not None:
            record = self._typed_for(request, object_id)
            if record is not None and (kept := keep_sent(request)):
                return self._propose(request, record, str(kept.uid))
        return super().changeform_view(request, object_id, form_url, extra_context)

    def _typed_for(self, request: HttpRequest, object_id: str) -> Changed | None:
        if not re.fullmatch("[0-9]{1,18}", object_id):
            return None
        model: Any = self.model
        record: Changed | None = model._default_manager.filter(pk=object_id).first()
        return record if self.may_propose(request, record) else None

    # --- the views ----------------------------------------------------------------------------

    def _of(self, request: HttpRequest, key: int) -> Changed:
        """Return a record to somebody who may write such records; otherwise raise."""
        if not request.user.has_perm(change_permission(self.model)):
            raise PermissionDenied
        record: Any = self.get_queryset(request).filter(pk=key).first()
        if record is None:
            raise Http404
        return record  # type: ignore[no-any-return]

    def _change(self, request: HttpRequest, key: int) -> Changed:
        record = self._of(request, key)
        if not record.is_proposed_change:
            raise Http404
        return record

    def propose_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Begin a change of a record, or go on with the one that there is."""
        return self._propose(request, self._of(request, key), request.POST.get("typed", ""))

    def _propose(self, request: HttpRequest, live: Changed, typed: str) -> HttpResponse:
        """Begin a change, filled in with what was typed elsewhere if that is named."""
        try:
            change = live.propose_change(by=request.user)
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            there_is = live.open_change()
            if there_is is None:
                return HttpResponseRedirect(_with_typed(typed, self.address_of("change", live)))
            return HttpResponseRedirect(self._into(request, there_is, typed))
        log: Any = self
        log.log_addition(request, change, f"Proposed change of “{live}” begun.")
        messages.success(
            request,
            "A proposed change is begun, filled with what you typed. Save it; then look at what "
            "differs from what is live."
            if typed
            else "This is a copy of what is live. Change what you like, here and in the "
            "documents: readers see nothing of it until it is applied.",
        )
        return HttpResponseRedirect(self._into(request, change, typed))

    def _into(self, request: HttpRequest, change: Changed, typed: str) -> str:
        """Return the form of a change, or of its part, with what was typed or an earlier value."""
        address = self.address_of("change", change)
        if "take_back" not in request.POST:
            return _with_typed(typed, address)
        parts = change.parts_by_key().values()
        named = [one for one in parts if str(one.revises_id) == request.POST.get("part")]
        query = {name: request.POST.get(name, "") for name in ("take_back", "from")}
        return f"{form_address(named[0]) if named else address}?{urlencode(query)}"

    def compare_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Show in what a change differs from what is live; take up what changed meanwhile."""
        change = self._change(request, key)
        if request.method == "POST":
            return self._take_up(request, change)
        live = change.revised()
        rows = list(Rows(change, live))
        site: Any = self.admin_site
        context = {
            **site.each_context(request),
            "title": f"Proposed change: {change}",
            "opts": self.opts,
            "original": change,
            "live": live,
            "action_links": self.steps_offered(request, change),
            "rows": [row for row in rows if row.changes_what_is_live],
            "meanwhile": [row for row in rows if row.was_changed_meanwhile],
            "has_conflicts": any(row.is_conflict for row in rows),
            "version": f"{live.version}.{change.version}",
            "change_address": self.address_of("change", change),
            **self.change_context(request, change),
        }
        return TemplateResponse(request, "admin/compare_change.html", context)

    def _take_up(self, request: HttpRequest, change: Changed) -> HttpResponse:
        back = HttpResponseRedirect(self.address_of("compare", change))
        live = change.revised()
        if request.POST.get("version") != f"{live.version}.{change.version}":
            messages.error(
                request, "One of the two was changed meanwhile. Look at it again and decide."
            )
            return back
        conflicts = {one.key for one in change.conflicts()}
        decided = {key: request.POST.get(f"keep:{key}") for key in conflicts}
        if not set(decided.values()) <= {"theirs", "mine"}:
            messages.error(request, "Decide for each: keep theirs, or take what this change says.")
            return back
        try:
            change.take_up(
                [key for key, which in decided.items() if which == "theirs"], by=request.user
            )
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return back
        messages.success(request, "Taken up. The change now begins from what is live.")
        return back

    def look_view(self, request: HttpRequest, key: int) -> HttpResponse:
        """Show one of the pages as every reader will see it once the change is applied.

        Answers a POST: the change is applied for it, and taken back.
        """
        change = self._change(request, key)
        page = request.POST.get("page", "")
        if page not in [address for _, address in self.looks(change.revised())]:
            raise Http404
        try:
            with change.as_applied():
                response = _rendered(request, page, change, self.address_of("change", change))
        except ValidationError as error:
            messages.error(request, " ".join(error.messages))
            return HttpResponseRedirect(self.address_of("compare", change))
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        add_never_cache_headers(response)
        return response

    def describe_conflicts(self, record: Changed) -> list[str]:
        """Return why a change cannot be applied to what is live now, with the way out."""
        if not record.conflicts():
            return []
        return [
            format_html(
                'What is live was changed meanwhile, in the same places as here. <a href="{}">'
                "Compare the two and decide</a>.",
                self.address_of("compare", record),
            )
        ]


def form_address(record: Any) -> str:
    options = record._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[record.pk])


def _with_typed(typed: str, address: str) -> str:
    """Return the address of a form, filled in with what could not be saved elsewhere, if asked."""
    return f"{address}?{urlencode({TAKE_BACK: typed})}" if typed else address


def _rendered(
    request: HttpRequest, page: str, change: Publishable, edit_address: str
) -> HttpResponse:
    """Render a page of the site for a visitor, with the banner of a preview."""
    try:
        match = resolve(page)
    except Resolver404:
        raise Http404 from None
    inner: Any = copy(request)
    inner.path = inner.path_info = page
    inner.method = "GET"
    inner.META = {
        **request.META,
        **{"REQUEST_METHOD": "GET", "PATH_INFO": page, "QUERY_STRING": ""},
    }
    inner.GET, inner.POST = QueryDict(""), QueryDict("")
    inner.user, inner.resolver_match = AnonymousUser(), match
    response: Any = match.func(inner, *match.args, **match.kwargs)
    if hasattr(response, "context_data") and not response.is_rendered:
        response.context_data |= {
            "preview": True,
            "previewed": change,
            "edit_address": edit_address,
        }
        response.render()
    return response  # type: ignore[no-any-return]
