"""Releases in the admin: gather drafts and changes, see what is in the way, let them go live."""

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager, nullcontext
from typing import Any, NamedTuple

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse

from mscp.editing.actions import Confirmation, ConfirmedAction, ConfirmedActionsAdmin
from mscp.editing.fields import TypedText
from mscp.editing.generic import RowsFilter
from mscp.editing.publishing import ScheduleForm
from mscp.publishing.gate import change_permission, publish_permission
from mscp.publishing.releases import Release, ReleaseQuerySet, member_models
from mscp.records.moments import moment_in_words
from mscp.typing import AnyUser

# A record in an address or a form: its model and its primary key.
NAMED = re.compile(r"([a-z]+\.[a-z]+):([0-9]{1,18})")
MOST_MEMBERS = 50

ACTIONS = {
    "go-live": ConfirmedAction[Release](
        label="Let it go live",
        done="live",
        explanation="At this moment everybody can read all of it. If anything in it cannot go "
        "live, nothing does.",
        apply=lambda release, data: release.go_live(),
    ),
    "schedule": ConfirmedAction[Release](
        label="Schedule",
        done="scheduled",
        explanation="All of it goes live by itself at the moment you choose. If anything in it "
        "cannot go live then, nothing does, and the first page of staff says so.",
        apply=lambda release, data: release.schedule(data["moment"]),
        form=ScheduleForm,  # type: ignore[arg-type]
    ),
    "call-off": ConfirmedAction[Release](
        label="Call it off",
        done="called off",
        explanation="It waits again until somebody lets it go live. All that is in it stays.",
        apply=lambda release, data: release.call_off(),
    ),
}


class Member(NamedTuple):
    """A record in a release, as its page shows it."""

    named: str
    text: str
    kind: str
    state: str
    address: str
    obstacles: list[str]


class GatherForm(forms.Form):
    """Chooses the release that records are put into, or begins a new one."""

    release = forms.ModelChoiceField(
        Release.objects.none(), required=False, empty_label="A new one, of this name:"
    )
    title = TypedText(
        label="Name",
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="For staff: what goes live together, in a few words.",
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["release"].queryset = Release.objects.gathered().open()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if not self.errors and not cleaned.get("release") and not cleaned.get("title"):
            self.add_error("title", "Give a new one a name, or choose one that there is.")
        return cleaned


class OpenFilter(RowsFilter[ReleaseQuerySet]):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("open", "Not live yet"), ("scheduled", "Scheduled"), ("done", "Live")]

    def narrow(self, rows: ReleaseQuerySet, value: str | None) -> ReleaseQuerySet:
        match value:
            case "open":
                return rows.open()
            case "scheduled":
                return rows.scheduled()
            case "done":
                return rows.filter(released_at__isnull=False)
        return rows


@admin.register(Release)
class ReleaseAdmin(ConfirmedActionsAdmin[Release]):
    change_form_template = "admin/mscp/release/change_form.html"
    confirmed_actions = ACTIONS
    list_display = ["title", "state", "changed"]
    list_filter = [OpenFilter]
    list_select_related = ["updated_by"]
    search_fields = ["title", "outcome"]
    fieldsets = [(None, {"fields": ["title", "changed"]})]
    readonly_fields = ["changed"]

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.gather_view)
        return [path("gather/", view, name="mscp_release_gather"), *super().get_urls()]

    def get_queryset(self, request: HttpRequest) -> ReleaseQuerySet:
        """Leave out those of one change alone, which its own form schedules and calls off."""
        rows: Any = super().get_queryset(request)
        gathered: ReleaseQuerySet = rows.gathered()
        return gathered

    def has_change_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        return super().has_change_permission(request, obj) and (obj is None or obj.is_open)

    def has_delete_permission(self, request: HttpRequest, obj: Release | None = None) -> bool:
        """Keep what went live: it says what it was."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.is_open)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Releases are begun from what is put into them."""
        match = request.resolver_match
        is_gathering = match is not None and match.url_name == "mscp_release_gather"
        return is_gathering and super().has_add_permission(request)

    @admin.display(description="state", ordering="moment")
    def state(self, obj: Release) -> str:
        return obj.outcome.partition("\n")[0] if obj.is_open and obj.outcome else obj.state_in_words

    # --- its page -----------------------------------------------------------------------------

    def members_for(self, user: AnyUser, release: Release) -> list[Member]:
        """Return what is in it, with what stands in the way; hide what somebody may not see."""
        return [_member(user, release, record) for record in release.members()]

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Release | None = None,
    ) -> HttpResponse:
        if obj:
            context |= {
                "members": self.members_for(request.user, obj),
                "offered": [
                    (action, self.confirmation_address(name, obj.pk))
                    for name, action in ACTIONS.items()
                    if self.may_confirm(request, name) and _is_for(name, obj)
                ],
                "show_save_and_add_another": False,
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def response_change(self, request: HttpRequest, obj: Release) -> HttpResponse:
        if record := _record(request.POST.get("_take_out", "")):
            if not request.user.has_perm(publish_permission(record)):
                raise PermissionDenied
            obj.take_out(record, by=request.user)
            messages.success(request, f"“{record}” is taken out.")
            return HttpResponseRedirect(self.address_after(obj))
        return super().response_change(request, obj)

    # --- going live ---------------------------------------------------------------------------

    def may_confirm(self, request: HttpRequest, name: str) -> bool:
        return self.has_change_permission(request)

    def reasons_against(self, request: HttpRequest, name: str, record: Release) -> list[str]:
        if not _is_for(name, record):
            return ["It is not scheduled." if record.is_open else "It went live already."]
        if name == "call-off":
            return []
        members = self.members_for(request.user, record)
        if not members:
            return ["Nothing is in it yet."]
        return [f"{member.text}: {obstacle}" for member in members for obstacle in member.obstacles]

    def prepare(self, name: str, records: list[Release]) -> AbstractContextManager[None]:
        return records[0].files_read() if name == "go-live" and records else nullcontext()

    def lock(self, records: list[Release], *, parents: Iterable[int] = ()) -> list[Release]:
        # One at a time: each locks what is in it.
        return super().lock(records[:1], parents=parents)

    def take_action(self, confirmation: Confirmation[Release]) -> str:
        request, name, (release,), data, _ = confirmation
        try:
            if name == "go-live":
                release.go_live(by=request.user)
            elif name == "schedule":
                release.schedule(data["moment"], by=request.user)
            else:
                release.call_off(by=request.user)
        except ValidationError as error:
            for sentence in error.messages:
                messages.error(request, sentence)
            return self.address_after(release)
        done = ACTIONS[name].done
        self.log_change(request, release, f"{done.capitalize()}.")
        messages.success(request, f"{release}: {done}{self.done_when(name, data)}.")
        return self.address_after(release)

    def done_when(self, name: str, data: dict[str, Any]) -> str:
        if name != "schedule":
            return ""
        return f" for {moment_in_words(data['moment'])}"

    # --- gathering ----------------------------------------------------------------------------

    def gather_view(self, request: HttpRequest) -> HttpResponse:
        """Put the records of the address into a release, new or begun before."""
        if not (self.has_add_permission(request) and self.has_change_permission(request)):
            raise PermissionDenied
        named = request.GET.getlist("of")[:MOST_MEMBERS]
        records = [record for name in named if (record := _record(name))]
        if not records:
            raise Http404
        if not all(request.user.has_perm(publish_permission(record)) for record in records):
            raise PermissionDenied
        form = GatherForm(request.POST if request.method == "POST" else None)
        if form.is_valid():
            try:
                with transaction.atomic():
                    release = form.cleaned_data["release"] or self._begin(request, form)
                    release.add(records, by=request.user)
            except ValidationError as error:
                form.add_error(None, error)
            else:
                return HttpResponseRedirect(self.address_after(release))
        context = {
            **self.admin_site.each_context(request),
            "title": "Publish together",
            "opts": self.opts,
            "records": records,
            "form": form,
            "back": _back_to(records),
        }
        return TemplateResponse(request, "admin/mscp/release/gather.html", context)

    def _begin(self, request: HttpRequest, form: GatherForm) -> Release:
        release = Release(title=form.cleaned_data["title"])
        release.created_by = release.updated_by = request.user  # type: ignore[assignment]
        release.save()
        self.log_addition(request, release, "Begun.")
        return release


def _is_for(name: str, release: Release) -> bool:
    return release.is_open and (name != "call-off" or release.moment is not None)


def _back_to(records: list[Any]) -> str:
    """Return the address from which records were gathered: the form of one, or their list."""
    options = records[0]._meta
    base = f"admin:{options.app_label}_{options.model_name}"
    if len(records) == 1:
        return reverse(f"{base}_change", args=[records[0].pk])
    return reverse(f"{base}_changelist")


def _record(named: str) -> Any:
    """Return the record of a name in an address or a form; None if there is none."""
    match = NAMED.fullmatch(named)
    models = {model._meta.label_lower: model for model in member_models()}
    model: Any = models.get(match[1]) if match else None
    return model._default_manager.filter(pk=match[2]).first() if match and model else None


def _member(user: AnyUser, release: Release, record: Any) -> Member:
    kind = str(record._meta.verbose_name)
    options = record._meta
    address = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[record.pk])
    is_seen = user.has_perm(change_permission(record))
    obstacles = release.obstacles_of(record)
    if not user.has_perm(publish_permission(record)):
        obstacles = [f"Only somebody who publishes {options.verbose_name_plural} can do this."]
    return Member(
        named=f"{options.label_lower}:{record.pk}",
        text=str(record) if is_seen else f"A {kind}",
        kind=kind,
        state=record.state_label,
        address=address if is_seen else "",
        obstacles=obstacles,
    )
