"""Publishing in the admin: permissions, the state in words, and the four actions."""

from collections.abc import Container, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, TypeVar

from django import forms
from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils.html import format_html
from django.utils.http import urlencode

from mscp.database import clock
from mscp.editing.actions import Confirmation, ConfirmationForm, ConfirmedAction, admin_action
from mscp.editing.admin import KEY, Record, TrackedFields, TrackedForm
from mscp.editing.autosave import Offer
from mscp.editing.changes import ProposedChanges
from mscp.editing.fields import TypedText
from mscp.editing.generic import InlineMixin, RowsFilter
from mscp.editing.handover import HANDOVER_ACTIONS, HandoverAction, HandsOver, Panel, panel_for
from mscp.editing.identifiers import (
    SettlesIdentifiers,
    settling_address,
    with_settling_link,
)
from mscp.editing.notes import TellsReaders, notes_in_change
from mscp.editing.outside import SHARE, SharesWithPeopleOutside
from mscp.editing.outside_timeline import outside_sources
from mscp.editing.timeline import ClockSource, HandoverSource, Source, keys_of_changes
from mscp.editing.typed import keys_of_rows, prefix_of
from mscp.publishing import approvals
from mscp.publishing.approvals import Step
from mscp.publishing.gate import (
    LONGEST_NAME,
    Obstacle,
    Publishable,
    PublishableQuerySet,
    State,
    change_permission,
    publish_permission,
)
from mscp.publishing.notes import ChangeNote
from mscp.publishing.releases import (
    Release,
    call_off_alone,
    in_release_with_others,
    schedule_alone,
)
from mscp.publishing.schedules import taken_back
from mscp.records.autosave import Autosave
from mscp.records.locking import lock_all
from mscp.records.moments import moment_in_short, moment_in_words
from mscp.typing import AnyUser

PublishedRecord = TypeVar("PublishedRecord", bound=Publishable)


def may_change(user: AnyUser, record: Publishable, model: type[models.Model] | None = None) -> bool:
    """Return whether a user may edit what readers see of a record.

    Where two people are needed, nobody edits what is live or scheduled: a change is proposed.
    """
    is_open = record.may_have_gaps or approvals.may_change_live()
    return is_open and may_handle(user, record, model)


def may_handle(user: AnyUser, record: Publishable, model: type[models.Model] | None = None) -> bool:
    """Return whether a user may do what needs no second person, as with the sessions of a course.

    Anything but a draft needs ``publish``.
    """
    kind = model or record
    if not user.has_perm(change_permission(kind)):
        return False
    return record.is_draft or user.has_perm(publish_permission(kind))


# In lists, beside the states: what is a draft to visitors and no draft to staff.
PROPOSED = "proposed-change"
TAKEN_BACK = "no-longer-scheduled"
# How a sentence says what brought a record into its state.
_VERBS = {
    State.SCHEDULED: "scheduled",
    State.PUBLISHED: "published",
    State.WITHDRAWN: "withdrew",
}


def who_changed_its_state(record: Publishable, *, name: str = "it") -> str:
    """Return a sentence: who brought a record into the state that it has now, and when."""
    # The reasons that the history has for a step between states.
    reasons = {state.label: verb for state, verb in _VERBS.items()}
    who, moment = record.updated_by, record.updated_at
    verb = _VERBS.get(record.current_state, "changed")
    history = getattr(type(record), "history", None)
    if history is not None:
        own = history.filter((record._meta.pk.attname, record.pk))
        if entry := own.filter(history_change_reason__in=list(reasons)).first():
            who, moment = entry.history_user, entry.history_date
            verb = reasons[entry.history_change_reason]
    when = moment_in_words(moment)
    return f"{who or 'Somebody'} {verb} {name} on {when}. {record.state_in_words}"


def _stood_for(model: Any, keys: list[str]) -> dict[str, str]:
    """Return the live part that each part of a change that is gone stood for, by their keys."""
    entries = model.history.filter(id__in=keys, history_type="-")
    found = entries.exclude(revises=None).values_list("id", "revises_id")
    return {str(key): str(live) for key, live in found}


def _main_action(offered: Container[str], handover: Panel | None) -> str:
    """Return the name of the step that comes next for a person and a record, or none."""
    steps = ["apply", "publish"]
    if handover and handover.last_step == Step.READY:
        steps.append("approve")
    elif not (handover and handover.is_approved):
        steps.append("ready")
    return next((name for name in steps if name in offered), "")


class StateFilter(RowsFilter[PublishableQuerySet[Publishable]]):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        more = [(TAKEN_BACK, "No longer scheduled")] if settings.TWO_PEOPLE else []
        return [*State.choices, (PROPOSED, "Proposed change"), *more]

    def narrow(
        self, rows: PublishableQuerySet[Publishable], value: str | None
    ) -> PublishableQuerySet[Publishable]:
        if value == PROPOSED:
            return rows.proposed_changes()
        if value == TAKEN_BACK:
            return taken_back(rows)
        return rows.in_state(State(value)) if value in State.values else rows


class ScheduleForm(ConfirmationForm[Publishable]):
    moment = forms.DateTimeField(
        label="Goes live on",
        help_text="London time. Until then nobody but staff can see it.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def __init__(
        self, data: Mapping[str, object] | None = None, *, records: list[Publishable]
    ) -> None:
        super().__init__(data, records=records)
        field = self.fields["moment"]
        if records and all(getattr(one, "is_proposed_change", False) for one in records):
            field.help_text = "London time. Until then what is live stays as it is."
        if len(records) == 1:
            field.initial = _moment_of(records[0])

    def clean_moment(self) -> datetime:
        moment: datetime = self.cleaned_data["moment"]
        if moment <= clock.now():
            raise ValidationError("Choose a moment that lies ahead, or publish now.")
        return moment


class WithdrawForm(ConfirmationForm[Publishable]):
    reason = TypedText(
        label="Reason",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="For staff, kept with the record. It is never shown to visitors.",
    )
    name = TypedText(
        label="What the page calls it",
        max_length=LONGEST_NAME,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=(
            "Its address will say that this was withdrawn, and when. Leave empty if the name "
            "itself must not be shown."
        ),
    )

    def __init__(
        self, data: Mapping[str, object] | None = None, *, records: list[Publishable]
    ) -> None:
        super().__init__(data, records=records)
        if len(records) == 1:
            self.fields["name"].initial = str(records[0])


@dataclass(frozen=True, kw_only=True)
class PublishingAction(ConfirmedAction[Publishable]):
    """An action that changes a record from one state to another."""

    from_states: tuple[State, ...]
    of_changes: bool | None = False
    """Whether it is for proposed changes, and for nothing else; None if for both."""
    of_scheduled: bool = False
    """Whether it is for those only that go live alone at a moment."""

    def is_for(self, record: Publishable) -> bool:
        same_kind = self.of_changes in (None, record.is_proposed_change)
        fits = same_kind and record.current_state in self.from_states
        return fits and (not self.of_scheduled or _goes_live_alone(record))

    def why_not(self, record: Publishable) -> str:
        """Return why it is not for a record, in a sentence."""
        if self.of_scheduled:
            return "It is not scheduled by itself."
        return f"It is {'a ' if record.is_proposed_change else ''}{record.state_label.lower()}."


def _goes_live_alone(record: Publishable) -> bool:
    return bool(record.release and record.release.for_one)


def _moment_of(record: Any) -> datetime | None:
    """Return the moment at which something goes live by itself; None if that is not said yet."""
    if not isinstance(record, Publishable):
        found: datetime | None = record.moment
        return found
    if record.is_proposed_change:
        return record.release.moment if record.release and record.release.for_one else None
    return record.published_at if record.current_state is State.SCHEDULED else None


def _schedule(record: Publishable, data: dict[str, Any]) -> None:
    if record.is_proposed_change:
        schedule_alone(record, data["moment"], by=record.updated_by)
    else:
        record.publish(at=data["moment"])


PUBLISHING_ACTIONS = {
    "apply": PublishingAction(
        label="Apply",
        done="applied",
        from_states=(State.DRAFT,),
        of_changes=True,
        explanation=(
            "At this moment what is live becomes as this change says, whole or not at all. Its "
            "address and those of its documents stay as they are."
        ),
        apply=lambda record, data: record.apply_change(),
    ),
    "publish": PublishingAction(
        label="Publish",
        done="published",
        from_states=(State.DRAFT, State.SCHEDULED, State.WITHDRAWN),
        explanation="From this moment everybody can read it, and it is in lists and searches.",
        apply=lambda record, data: record.publish(),
    ),
    "schedule": PublishingAction(
        label="Schedule",
        done="scheduled",
        from_states=(State.DRAFT, State.SCHEDULED, State.WITHDRAWN),
        of_changes=None,
        explanation="It goes live by itself at the moment you choose.",
        apply=_schedule,
        form=ScheduleForm,
    ),
    "call-off": PublishingAction(
        label="Call off",
        done="called off",
        from_states=(State.DRAFT,),
        of_changes=True,
        of_scheduled=True,
        explanation="It does not go live by itself any more. The change stays as it is.",
        apply=lambda record, data: call_off_alone(record, by=record.updated_by),
    ),
    "withdraw": PublishingAction(
        label="Withdraw",
        done="withdrawn",
        from_states=(State.PUBLISHED,),
        explanation=(
            "At once it is gone from every page, list, file and search. Its address says that it "
            "was withdrawn and how to ask about it. Related learnings, courses and reviews stay "
            "public: check whether any of them repeats what must not be read."
        ),
        apply=lambda record, data: record.withdraw(**data),
        form=WithdrawForm,
        harmful=True,
    ),
    "to-draft": PublishingAction(
        label="Return to draft",
        done="returned to draft",
        from_states=(State.SCHEDULED, State.WITHDRAWN),
        explanation="It becomes a draft again, and its address answers as if it had never existed.",
        apply=lambda record, data: record.return_to_draft(),
    ),
}


@admin.action(description="Publish together with others…", permissions=["publish"])
def publish_together(
    modeladmin: "PublishableAdmin[Any]", request: HttpRequest, queryset: models.QuerySet[Any]
) -> HttpResponse:
    """Go on to the page on which the chosen ones are put into a release."""
    named = [f"{record._meta.label_lower}:{record.pk}" for record in queryset[:50]]
    address = reverse("admin:mscp_release_gather")
    return HttpResponseRedirect(f"{address}?{urlencode({'of': named}, doseq=True)}")


MAKES_PUBLIC = ("publish", "schedule", "apply")
ALL_ACTIONS: dict[str, PublishingAction | HandoverAction] = {
    **PUBLISHING_ACTIONS,
    **HANDOVER_ACTIONS,
}


class PublishableAdmin(
    TellsReaders[PublishedRecord],
    SettlesIdentifiers[PublishedRecord],
    ProposedChanges[PublishedRecord],
    SharesWithPeopleOutside[PublishedRecord],
    HandsOver[PublishedRecord],
):
    """Base of the admin of everything that is drafted, published and withdrawn."""

    change_form_template = "admin/publishable_change_form.html"
    confirmed_actions: ClassVar[Mapping[str, ConfirmedAction[Any]]] = {
        **ALL_ACTIONS,
        "share": SHARE,
    }
    actions = [
        admin_action(name, action, permission="publish")
        for name, action in PUBLISHING_ACTIONS.items()
    ] + [publish_together]

    # --- permissions --------------------------------------------------------------------------

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(publish_permission(self.model))

    def has_change_permission(
        self, request: HttpRequest, obj: PublishedRecord | None = None
    ) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_change(request.user, obj))

    def has_delete_permission(
        self, request: HttpRequest, obj: PublishedRecord | None = None
    ) -> bool:
        """Allow drafts and withdrawn records only: what is public must be withdrawn first."""
        allowed = super().has_delete_permission(request, obj)
        if obj is None or not allowed:
            return allowed
        gone = obj.is_draft or obj.is_withdrawn
        return gone and may_change(request.user, obj)

    # --- what was typed and cannot be saved -----------------------------------------------------

    def why_not(self, request: HttpRequest, record: PublishedRecord) -> str:
        return who_changed_its_state(record)

    def what_happened(self, request: HttpRequest, key: str, record: PublishedRecord | None) -> str:
        gone = self._gone_change(key) if record is None else None
        if gone is None or not self.has_change_permission(request):
            return super().what_happened(request, key, record)
        when = moment_in_words(gone.history_date)
        who = gone.history_user or "Somebody"
        return f"It was a proposed change, which {who} applied or discarded on {when}."

    def _gone_change(self, key: str) -> Any:
        """Return the last entry in the history of a proposed change that is gone."""
        if not KEY.fullmatch(key):
            return None
        history: Any = self.model.history  # type: ignore[attr-defined]
        gone = history.filter((self.opts.pk.attname, key), history_type="-")
        return gone.exclude(revises=None).first()

    def offers(
        self, request: HttpRequest, key: str, record: PublishedRecord | None, kept: Autosave
    ) -> list[Offer]:
        offered = super().offers(request, key, record, kept)
        live = record
        if record is None and (gone := self._gone_change(key)):
            live = self.visible(request, str(gone.revises_id))
        if live is None or not self.may_propose(request, live):
            return offered
        label = "Keep what you typed as a proposed change"
        return [Offer(label, self.address_of("propose", live)), *offered]

    def carried_over(
        self, request: HttpRequest, kept: Autosave, object_id: str | None
    ) -> QueryDict | None:
        """Let what was typed go on in a proposed change of the same record.

        It was typed into the record itself, or into a change of it that is gone.
        """
        change = None
        if KEY.fullmatch(object_id or "") and KEY.fullmatch(kept.key) and object_id != kept.key:
            found = self.get_queryset(request).exclude(revises=None)
            change = found.filter(pk=object_id).first()
        gone = self._gone_change(kept.key) if change else None
        if change is None or str(change.revises_id) not in (
            kept.key,
            str(gone.revises_id) if gone else "",
        ):
            return super().carried_over(request, kept, object_id)
        typed: Any = kept.typed
        parts = {key: str(part.pk) for key, part in change.parts_by_key().items()}
        for inline in self.inlines:
            own, parent = keys_of_rows(self, inline)
            names = [name for name in typed if name.startswith(f"{prefix_of(self, inline)}-")]
            rows = [name for name in names if name.endswith(f"-{own}")]
            keys = [typed[name] for name in rows if KEY.fullmatch(typed[name])]
            if issubclass(inline.model, ChangeNote):
                in_change = notes_in_change(inline.model, keys, change)
            else:
                stood_for = _stood_for(inline.model, keys) if gone else {}
                in_change = {key: parts.get(stood_for.get(key, key), "") for key in keys}
            for name in rows:
                typed[name] = in_change.get(typed[name], "")
            for name in [name for name in names if name.endswith(f"-{parent}")]:
                typed[name] = str(change.pk)
        # Of a change that somebody else began it was not opened in any version: they are told.
        is_own = change.updated_by_id == request.user.pk
        for name in [name for name in typed if name.endswith("opened_version")]:
            typed[name] = "" if is_own else "0"
        whole: QueryDict = typed
        return whole

    def timeline_sources(self, request: HttpRequest, key: int) -> list[Source]:
        changes = keys_of_changes(self.model, key)
        return [
            *super().timeline_sources(request, key),
            HandoverSource(self.model._meta.label_lower, key, changes),
            ClockSource(self.model, key),
            *outside_sources(self.model, [key, *changes]),
        ]

    # --- display ------------------------------------------------------------------------------

    @admin.display(description="state", ordering="published_at")
    def current_state(self, obj: Publishable) -> str:
        state = obj.current_state
        kind = "change" if obj.is_proposed_change else state.value
        label = format_html('<span class="state state-{}">{}</span>', kind, obj.state_label)
        if state is not State.SCHEDULED or obj.is_proposed_change:
            return label
        moment = moment_in_short(obj.published_at)
        return format_html('{} <span class="state-moment">{}</span>', label, moment)

    def view_on_site(self, obj: PublishedRecord) -> str:
        return obj.get_absolute_url()

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: PublishedRecord | None = None,
    ) -> HttpResponse:
        state = obj.current_state if obj else State.DRAFT
        may_publish = self.has_publish_permission(request)
        handover = panel_for(obj, request.user) if obj else None
        offered = self._offered(request, obj, handover)
        context |= {
            "handover": handover,
            "state": state,
            "state_in_words": obj.state_in_words if obj else "A draft, once you have saved it.",
            "obstacles": self.obstacles_to(obj) if obj and not obj.is_published else [],
            "advice": obj.publishing_advice() if obj else [],
            "offered_actions": offered,
            "main_action": _main_action([name for name, _ in offered], handover),
            "action_links": self._with_addresses(offered, obj),
            "may_publish": may_publish,
            **self.change_context(request, obj),
            **self._release_context(request, obj),
        }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _release_context(
        self, request: HttpRequest, record: PublishedRecord | None
    ) -> dict[str, Any]:
        """Return what a form shows of the release that a draft or a change is in, or may be."""
        if record and record.is_draft and _goes_live_alone(record):
            return {"alone": record.release}
        may = request.user.has_perm("mscp.change_release") and self.has_publish_permission(request)
        if not (may and record and record.pk and record.is_draft):
            return {}
        if record.release:
            address = reverse("admin:mscp_release_change", args=[record.release.pk])
            return {"release": record.release, "release_address": address}
        named = urlencode({"of": f"{self.opts.label_lower}:{record.pk}"})
        return {"gather_address": f"{reverse('admin:mscp_release_gather')}?{named}"}

    def _offered(
        self, request: HttpRequest, obj: PublishedRecord | None, handover: Panel | None
    ) -> list[tuple[str, PublishingAction | HandoverAction]]:
        """Return the actions that fit a record and the person before the form."""
        record = obj or self.model()
        unapproved = settings.TWO_PEOPLE and not (handover and handover.is_approved)
        own = bool(handover and handover.own_work)
        may_publish = self.has_publish_permission(request)
        fits = {
            **{
                name: may_publish and not (name in MAKES_PUBLIC and unapproved)
                for name in PUBLISHING_ACTIONS
            },
            "ready": (unapproved or not may_publish)
            and (obj is None or not obj.is_published)
            and not (handover and handover.waits),
            "approve": may_publish and unapproved and obj is not None and not own,
            "send-back": may_publish
            and handover is not None
            and handover.last_step in ("ready", "approved"),
        }
        return [
            (name, action)
            for name, action in ALL_ACTIONS.items()
            if fits[name] and action.is_for(record)
        ]

    def _with_addresses(
        self, offered: list[tuple[str, Any]], obj: PublishedRecord | None
    ) -> list[tuple[Any, str]]:
        return [
            (action, self.confirmation_address(name, obj.pk)) for name, action in offered if obj
        ]

    def steps_offered(self, request: HttpRequest, change: PublishedRecord) -> list[tuple[Any, str]]:
        panel = panel_for(change, request.user)
        return self._with_addresses(self._offered(request, change, panel), change)

    # --- the confirmed actions ----------------------------------------------------------------

    def may_confirm(self, request: HttpRequest, name: str) -> bool:
        if name == "ready":
            return self.has_change_permission(request)
        return self.has_publish_permission(request)

    def reasons_against(
        self, request: HttpRequest, name: str, record: PublishedRecord
    ) -> list[str]:
        if name not in PUBLISHING_ACTIONS:
            return super().reasons_against(request, name, record)
        action = PUBLISHING_ACTIONS[name]
        if not action.is_for(record):
            return [action.why_not(record)]
        if name not in MAKES_PUBLIC:
            return []
        found = self.obstacles_to(record)
        if record.is_proposed_change:
            found += self.describe_conflicts(record)
            if name == "schedule" and record.release and not record.release.for_one:
                found.append(in_release_with_others(record.release))
        return found

    def lock(
        self, records: list[PublishedRecord], *, parents: Iterable[int] = ()
    ) -> list[PublishedRecord]:
        """Lock records, and in the same order what the changes among them revise."""
        keys = {record.pk for record in records}
        # In the order of a release that goes live: its own row before those of what is in it.
        lock_all([Release(pk=record.release_id) for record in records if record.release_id])
        revised = [self.model(pk=record.revises_id) for record in records if record.revises_id]
        locked = super().lock([*records, *revised], parents=parents)
        return [record for record in locked if record.pk in keys]

    def take_action(self, confirmation: Confirmation[PublishedRecord]) -> str:
        request, name, records, *_ = confirmation
        if name != "apply":
            return super().take_action(confirmation)
        try:
            with transaction.atomic():
                changed = [record.apply_change(by=request.user) for record in records]
        except ValidationError as error:
            for sentence in error.messages:
                messages.error(request, sentence)
            return self.address_after(records[0] if len(records) == 1 else None)
        for live in changed:
            self.log_change(request, live, "Proposed change applied.")
        what = str(changed[0]) if len(changed) == 1 else self.counted(len(changed))
        public = " Everybody can read it now." if changed[0].is_published else ""
        messages.success(request, f"{what}: the change is applied.{public}")
        return self.address_after(changed[0] if len(changed) == 1 else None)

    def obstacles_to(self, record: PublishedRecord) -> list[str]:
        """Return what keeps it from going live: what is missing in it, and who must approve it."""
        found = [
            with_settling_link(one.sentence, settling_address(record))
            if one.is_to_settle
            else self.describe_obstacle(one)
            for one in record.publishing_obstacles()
        ]
        return [*found, *filter(None, [approvals.refusal(record)])]

    def describe_obstacle(self, obstacle: Obstacle) -> str:
        """Return its sentence; a subclass adds the link to where it can be corrected."""
        return obstacle.sentence

    def advice_on(self, request: HttpRequest, name: str, record: PublishedRecord) -> list[str]:
        if name in MAKES_PUBLIC:
            return [*self._at_its_moment(name, record), *record.publishing_advice()]
        return super().advice_on(request, name, record)

    def _at_its_moment(self, name: str, record: PublishedRecord) -> list[str]:
        """Return what somebody should know who lets a change go live by itself."""
        if name != "schedule" or not record.is_proposed_change:
            return []
        found = [
            "If something stands in its way at that moment, what is live stays as it is, and the "
            "first page of staff says why."
        ]
        if _goes_live_alone(record) and record.release:
            found.insert(0, record.release.state_in_words)
        return found

    def done_when(self, name: str, data: dict[str, Any]) -> str:
        if name != "schedule":
            return ""
        return f" for {moment_in_words(data['moment'])}"

    def response_add(
        self, request: HttpRequest, obj: PublishedRecord, post_url_continue: str | None = None
    ) -> HttpResponse:
        if "_preview" in request.POST:
            # Through the saved record's own form, so that "back" from the preview leads there and
            # not to the form that would add it a second time.
            link = format_html('<a href="{}">See the preview</a>', obj.get_absolute_url())
            messages.success(request, format_html("Saved as a draft. {}", link))
            return HttpResponseRedirect(self.address_after(obj))
        return self._go_on(request, obj) or super().response_add(request, obj, post_url_continue)

    def response_change(self, request: HttpRequest, obj: PublishedRecord) -> HttpResponse:
        return self._go_on(request, obj) or super().response_change(request, obj)

    def _go_on(self, request: HttpRequest, obj: PublishedRecord) -> HttpResponse | None:
        """Redirect according to the button that saved: to the preview or a confirmation page."""
        if "_preview" in request.POST:
            return HttpResponseRedirect(obj.get_absolute_url())
        for name in self.confirmed_actions:
            if f"_{name}" in request.POST:
                messages.success(request, "Saved.")
                return HttpResponseRedirect(self.confirmation_address(name, obj.pk))
        return None


class PartOfPublishable(TrackedFields[Any], InlineMixin[Record, Publishable]):
    """Mixin of inlines: who may change the parent may change its parts."""

    form: "type[TrackedForm[Any]]" = TrackedForm

    def _may(self, request: HttpRequest, parent: Publishable | None) -> bool:
        return parent is None or not parent.pk or may_change(request.user, parent)

    def get_extra(self, request: HttpRequest, obj: Any = None, **options: Any) -> int:
        """Show an empty row where a page without scripts asks for one (closed_rows.html)."""
        is_asked = request.GET.get("another") == self.opts.model_name
        return 1 if is_asked else super().get_extra(request, obj, **options)

    def has_add_permission(self, request: HttpRequest, obj: Publishable | None = None) -> bool:
        return super().has_add_permission(request, obj) and self._may(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Publishable | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._may(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Publishable | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self._may(request, obj)
