"""Handover in the admin: send for review, send back, approve, each with a page of its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from mscp.editing.actions import (
    Confirmation,
    ConfirmationForm,
    ConfirmedAction,
    ConfirmedActionsAdmin,
)
from mscp.editing.admin import Record
from mscp.editing.fields import TypedText
from mscp.editing.handover_mail import tell
from mscp.publishing import approvals
from mscp.publishing.approvals import Handover, Person, Step
from mscp.publishing.content_hash import content_hash
from mscp.publishing.gate import Publishable, State, publish_permission
from mscp.typing import AnyUser

# What a visitor cannot see is handed over; what is live is changed by a proposed change.
HANDED_OVER = (State.DRAFT, State.SCHEDULED, State.WITHDRAWN)


class NoteForm(ConfirmationForm[Publishable]):
    note = TypedText(
        label="Note",
        max_length=2000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="For colleagues: what to look at, or what is still open. Readers never see it.",
    )


class ReasonForm(NoteForm):
    def __init__(
        self, data: Mapping[str, object] | None = None, *, records: list[Publishable]
    ) -> None:
        super().__init__(data, records=records)
        note = self.fields["note"]
        note.required, note.label = True, "What must change"
        note.help_text = "Its author reads it. Readers never see it."
        note.error_messages["required"] = "Say what must change: its author reads it."


class ApproveForm(NoteForm):
    # The content that was on the screen, since more than the record itself may change meanwhile.
    seen = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self, data: Mapping[str, object] | None = None, *, records: list[Publishable]
    ) -> None:
        super().__init__(data, records=records)
        self.now = ",".join(f"{record.pk}:{content_hash(record)}" for record in records)
        self.fields["seen"].initial = self.now

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("seen") != self.now:
            # The next attempt is made with knowledge of what it is now.
            self.data = again = self.data.copy()  # type: ignore[attr-defined]
            again["seen"] = self.now
            raise ValidationError(
                "It changed after you had opened this page. Nothing was approved: read it again."
            )
        return self.cleaned_data


@dataclass(frozen=True, kw_only=True)
class HandoverAction(ConfirmedAction[Publishable]):
    step: Step
    from_states: tuple[State, ...] = HANDED_OVER
    apply: Any = None

    def is_for(self, record: Publishable) -> bool:
        return record.current_state in self.from_states


HANDOVER_ACTIONS: dict[str, HandoverAction] = {
    "ready": HandoverAction(
        label="Send for review",
        done="sent for review",
        explanation=(
            "Those who may approve find it on their first page, and get an e-mail where e-mail is "
            "set up. Nothing becomes public by this."
        ),
        form=NoteForm,
        step=Step.READY,
    ),
    "approve": HandoverAction(
        label="Approve",
        done="approved",
        explanation=(
            "You say that it may go live exactly as it is now: texts, themes, documents, files "
            "and sessions. Your name is kept with it. Any later change takes the approval away."
        ),
        form=ApproveForm,
        step=Step.APPROVED,
    ),
    "send-back": HandoverAction(
        label="Send back",
        done="sent back",
        explanation="Whoever sent it finds your reason on the first page and in its form.",
        form=ReasonForm,
        step=Step.SENT_BACK,
    ),
}


class HandsOver(ConfirmedActionsAdmin[Record]):
    """Mixin of the admin of what goes from hand to hand before it is public."""

    def reasons_against(self, request: HttpRequest, name: str, record: Any) -> list[str]:
        if name not in HANDOVER_ACTIONS:
            return super().reasons_against(request, name, record)
        if not HANDOVER_ACTIONS[name].is_for(record):
            return ["It is live: what changes there is proposed as a change."]
        if name == "ready":
            may = record.is_draft or request.user.has_perm(publish_permission(record))
            if not may:
                return ["Only a publisher can do this now."]
            last = Handover.objects.of(record).from_hand_to_hand().last()
            if last is not None and waits_for_review(record, last):
                return [f"{last.by_name} sent exactly this for review on {last.when}."]
            return []
        if name == "send-back":
            last = Handover.objects.of(record).from_hand_to_hand().last()
            is_sent = last is not None and last.step != Step.SENT_BACK
            return [] if is_sent else ["Nobody sent it for review."]
        if reason := own_work(record, request.user):
            return [reason]
        return [obstacle.sentence for obstacle in record.publishing_obstacles()]

    def advice_on(self, request: HttpRequest, name: str, record: Any) -> list[str]:
        if name not in HANDOVER_ACTIONS:
            return super().advice_on(request, name, record)
        if name != "approve":
            return []
        link = format_html('<a href="{}">Read it as readers will</a>', record.get_absolute_url())
        links = [link]
        if record.is_proposed_change:
            options = self.opts
            name = f"admin:{options.app_label}_{options.model_name}_compare"
            compare = reverse(name, args=[record.pk])
            links.append(format_html('<a href="{}">What differs from what is live</a>', compare))
        written = written_by(record)
        return [*links, *filter(None, [written]), *record.publishing_advice()]

    def take_action(self, confirmation: Confirmation[Record]) -> str:
        request, name, records, data, _ = confirmation
        action = HANDOVER_ACTIONS.get(name)
        if action is None:
            return super().take_action(confirmation)
        for record in records:
            note = data["note"].strip()
            if action.step is Step.APPROVED:
                handover = approvals.approve(record, request.user, note=note)
            else:
                handover = approvals.hand_over(record, action.step, request.user, note=note)
            self.log_change(request, record, f"{action.done.capitalize()}. {note}".strip())
            tell(request, record, handover)
        what = str(records[0]) if len(records) == 1 else self.counted(len(records))
        self.message_user(request, f"{what}: {action.done}.")
        return ""


def own_work(record: Publishable, user: AnyUser) -> str:
    """Return why somebody cannot approve a record; "" if they can."""
    return _own_work(approvals.authors_of(record), approvals.approvals_of(record), user)


def _own_work(authors: list[Person], given: list[Handover], user: AnyUser) -> str:
    if [author.key for author in authors] == [user.pk]:
        return approvals.ALL_OWN
    if any(one.by_key == user.pk for one in given):
        return "You approved exactly this already."
    return ""


def written_by(record: Publishable) -> str:
    """Return in a sentence who wrote what nobody approved yet; "" if that is nothing."""
    return _written_by(approvals.authors_of(record))


def _written_by(authors: list[Person]) -> str:
    names = " and ".join(author.name for author in authors)
    return f"Written by {names}; nobody else has approved that yet." if names else ""


class Panel(NamedTuple):
    """What the form of a record says of its way from hand to hand."""

    sentences: list[str]
    is_approved: bool
    two_people: bool
    own_work: str
    last_step: str
    waits: bool = False
    """Whether somebody sent exactly this for review, and nobody has answered yet."""


def waits_for_review(record: Publishable, last: Handover | None) -> bool:
    """Return whether a record was sent for review last, and is still what was sent."""
    if last is None or last.step != Step.READY:
        return False
    return last.content_hash == content_hash(record)


def panel_for(record: Publishable, user: AnyUser) -> Panel:
    """Return the panel for somebody. A constant number of queries."""
    last = Handover.objects.of(record).from_hand_to_hand().last()
    two_people = bool(settings.TWO_PEOPLE)
    if last is None and not two_people:
        return Panel([], is_approved=False, two_people=False, own_work="", last_step="")
    given = approvals.approvals_of(record)
    is_approved = approvals.is_enough(given)
    shown = [last] if last else []
    shown += [one for one in given if last is None or one.pk != last.pk]
    sentences: list[str] = [_in_words(one) for one in shown]
    if last is not None and last.step == Step.APPROVED and not given:
        sentences.append("It was changed since, so that approval no longer counts.")
    elif given and not is_approved:
        names = " and ".join(one.by_name for one in given)
        sentences.append(f"{names} wrote some of it too, so somebody else must approve it as well.")
    last_step, waits = last.step if last else "", waits_for_review(record, last)
    if not two_people or is_approved or record.is_published:
        return Panel(sentences, is_approved, two_people, "", last_step, waits)
    authors = approvals.authors_of(record)
    return Panel(
        [*sentences, *filter(None, [_written_by(authors)])],
        is_approved,
        two_people,
        _own_work(authors, given, user),
        last_step,
        waits,
    )


def _in_words(handover: Handover) -> SafeString:
    words = {
        Step.READY: "Sent for review by {} on {}.",
        Step.SENT_BACK: "Sent back by {} on {}:",
        Step.APPROVED: "Approved by {} on {}.",
    }[Step(handover.step)]
    sentence = format_html(words, handover.by_name, handover.when)
    if not handover.note:
        return sentence
    lines = format_html_join(" ", "{}", ((line,) for line in handover.note.splitlines()))
    return format_html("{} “{}”", sentence, lines)
