"""People outside in the admin: links by which they read one draft, made, listed and revoked."""

import logging
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, TypeVar

from django import forms
from django.apps import apps
from django.contrib import admin, messages
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.mail import EmailMessage, get_connection
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.views.decorators.http import require_POST

from mscp.editing.accounts import canonical_url
from mscp.editing.actions import (
    Confirmation,
    ConfirmationForm,
    ConfirmedAction,
    ConfirmedActionsAdmin,
    admin_action,
)
from mscp.editing.admin import KEY
from mscp.editing.changes import form_address
from mscp.editing.fields import TypedText
from mscp.editing.generic import OnlyReadAdmin, RowsFilter
from mscp.editing.mails import mail_is_set_up, one_line, sender
from mscp.editing.outside_answers import PLACE
from mscp.models import PreviewAnswer, PreviewLink, SiteIdentity
from mscp.publishing.gate import Publishable, State, publish_permission
from mscp.publishing.preview_links import (
    DAYS,
    MOST_DAYS,
    PreviewLinkQuerySet,
    mark_voided,
)
from mscp.records.moments import moment_in_words
from mscp.typing import AnyUser

logger = logging.getLogger(__name__)

SharedRecord = TypeVar("SharedRecord", bound=Publishable)
# Seconds for a mail server to answer; an editor waits.
MAIL_TIMEOUT = 10


class ShareForm(ConfirmationForm[Publishable]):
    name = TypedText(
        label="For whom",
        max_length=120,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text="Their name and what they are: Jane Sample, author of the review. They see it "
        "above the draft, and you see it beside their answer.",
    )
    email = forms.EmailField(
        label="Send it to",
        required=False,
        widget=forms.EmailInput(attrs={"class": "vTextField"}),
        help_text="Left empty, you pass the link on yourself. The address is not kept. The mail "
        "does not say what the draft is about.",
    )
    days = forms.IntegerField(
        label="For how many days",
        min_value=1,
        max_value=MOST_DAYS,
        initial=DAYS,
        widget=forms.NumberInput(attrs={"class": "vIntegerField", "min": 1, "max": MOST_DAYS}),
        help_text=f"At most {MOST_DAYS}. You can end it at any moment before.",
    )

    def __init__(
        self, data: Mapping[str, object] | None = None, *, records: list[Publishable]
    ) -> None:
        super().__init__(data, records=records)
        if not mail_is_set_up():
            del self.fields["email"]


SHARE = ConfirmedAction[Publishable](
    label="Make a link for somebody outside",
    done="shared by a link",
    explanation=(
        "Whoever has the link reads this one draft with its documents, without signing in: the "
        "page as it will look, under a strip that says for whom it is and that it is not public. "
        "They can answer once: “agreed”, or with a comment, which then waits on your first page. "
        "They see no other draft, and not this form. If what they read changes, their answer is "
        "marked as about an earlier version. Each opening is noted with its moment, and nothing "
        "else of them. When it is published the link leads to its page; when it is withdrawn the "
        "link ends."
    ),
    apply=lambda record, data: None,
    form=ShareForm,
)


class SharesWithPeopleOutside(ConfirmedActionsAdmin[SharedRecord]):
    """Mixin of the admin of what is published: those who may publish it make links to a draft."""

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: SharedRecord | None = None,
    ) -> HttpResponse:
        if obj and request.user.has_perm(publish_permission(self.model)):
            links = list(PreviewLink.objects.of(obj).with_use())
            mark_voided([answer for link in links for answer in link.answers.all()], obj)
            for link in links:
                link.opened_in_words = opened_in_words(link)  # type: ignore[attr-defined]
            may_share = not self.reasons_against_sharing(obj)
            context |= {
                "outside_links": links,
                "revoke_address": reverse("admin:mscp_previewlink_step", args=["revoke"]),
                "settle_address": reverse("admin:mscp_previewlink_settle"),
                "share_address": self.confirmation_address("share", obj.pk) if may_share else "",
            }
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_deleted_objects(
        self, objs: Sequence[SharedRecord] | models.QuerySet[SharedRecord], request: HttpRequest
    ) -> tuple[list[str], dict[str, int], set[str], list[str]]:
        deleted, counts, missing, protected = super().get_deleted_objects(objs, request)
        # Links go with their record, never by themselves: no permission is needed for them.
        missing.discard(str(PreviewLink._meta.verbose_name))
        return deleted, counts, missing, protected

    def reasons_against_sharing(self, record: SharedRecord) -> list[str]:
        state = record.current_state
        if state in (State.DRAFT, State.SCHEDULED):
            return []
        return [f"It is {state.label.lower()}: a link is for what is not public yet."]

    def reasons_against(self, request: HttpRequest, name: str, record: SharedRecord) -> list[str]:
        if name == "share":
            return self.reasons_against_sharing(record)
        return super().reasons_against(request, name, record)

    def advice_on(self, request: HttpRequest, name: str, record: SharedRecord) -> list[str]:
        if name == "share":
            unsettled = [obstacle.sentence for obstacle in record.publishing_obstacles()]
            return [f"They will read it as it is. {sentence}" for sentence in unsettled]
        return super().advice_on(request, name, record)

    def take_action(self, confirmation: Confirmation[SharedRecord]) -> str:
        request, name, records, data, _ = confirmation
        if name != "share":
            return super().take_action(confirmation)
        for record in records:
            link, path = PreviewLink.make(
                record, name=data["name"], days=data["days"], user=request.user
            )
            address = canonical_url(request, path)
            until = moment_in_words(link.expires_at)
            self.log_change(request, record, f"Link for {link.name}, until {until}.")
            sentence = (
                "The link for {}, until {}. It is shown this once, so copy it now: "
                '<span class="shown-once">{}</span>'
            )
            messages.success(request, format_html(sentence, link.name, until, address))
            if to := data.get("email"):
                # The link is saved first: a mail server may take its time, or fail.
                transaction.on_commit(partial(_send, request, to, address, until))
        return ""


def _send(request: HttpRequest, to: str, address: str, until: str) -> None:
    """Mail a link. If that fails the editor, who has the link on the page, is told."""
    partnership = SiteIdentity.load()
    text = (
        f"{partnership.name} asks you to read a draft that is not public.\n\n{address}\n\n"
        f"The link works until {until}. You need no account. You can answer once: agreed, or with "
        "a comment. Please pass it on to nobody: whoever has the link can read the draft.\n"
    )
    mail = EmailMessage(
        one_line(f"A draft to read, from {partnership.name}"),
        text,
        sender(partnership),
        to=[to],
        connection=get_connection(timeout=MAIL_TIMEOUT),
    )
    try:
        mail.send()
    except OSError as error:
        # Without its words, in which a server repeats the address.
        logger.warning("A mail with a link could not be sent: %s.", type(error).__name__)
        messages.error(request, "The mail could not be sent. Pass the link on yourself.")
    else:
        messages.success(request, f"The mail to {to} is on its way.")


# --- all links -----------------------------------------------------------------------------------


class StatusFilter(RowsFilter[PreviewLinkQuerySet]):
    title = "status"
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [
            ("open", "Open"),
            ("ended", "Ended or revoked"),
            ("answered", "With an answer to deal with"),
        ]

    def narrow(self, rows: PreviewLinkQuerySet, value: str | None) -> PreviewLinkQuerySet:
        if value == "answered":
            return rows.filter(pk__in=PreviewAnswer.objects.open().values("link"))
        if value == "open":
            return rows.valid()
        return rows.exclude(pk__in=rows.valid().values("pk")) if value == "ended" else rows


REVOKE = ConfirmedAction[PreviewLink](
    label="Revoke",
    done="revoked",
    explanation=(
        "The link ends at once: its address answers as if it had never existed. What was answered "
        "stays with the record."
    ),
    apply=lambda link, data: link.revoke(),
    harmful=True,
)


def models_published_by(user: AnyUser) -> list[type[models.Model]]:
    """Return the models whose records a user may publish."""
    kinds = [model for model in apps.get_models() if issubclass(model, Publishable)]
    return [model for model in kinds if user.has_perm(publish_permission(model))]


class PreviewLinkAdmin(OnlyReadAdmin, ConfirmedActionsAdmin[PreviewLink]):
    """The list of all links, to look at and to revoke. They are made from the form of a record."""

    confirmed_actions = {"revoke": REVOKE}
    actions = [admin_action("revoke", REVOKE, permission="revoke")]
    list_display = ["name", "reads", "status", "until", "opened", "answered", "made"]
    list_filter = [StatusFilter]
    list_select_related = ["created_by", "updated_by"]
    search_fields = ["name"]
    search_help_text = "Words in the name of the person"
    fieldsets = [
        (None, {"fields": ["name", "reads", "status", "until", "opened", "answered"]}),
        ("Record", {"fields": ["made"]}),
    ]

    def get_queryset(self, request: HttpRequest) -> PreviewLinkQuerySet:
        kinds = ContentType.objects.get_for_models(*models_published_by(request.user)).values()
        rows: Any = super().get_queryset(request)
        found: PreviewLinkQuerySet = rows.filter(content_type__in=list(kinds)).with_use()
        return found.prefetch_related("record")

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(require_POST(self.settle_view))
        return [path("settle/", view, name="mscp_previewlink_settle"), *super().get_urls()]

    def settle_view(self, request: HttpRequest) -> HttpResponse:
        """Mark one answer as dealt with, and go back to the form of its record."""
        key = request.POST.get("answer", "")
        if not KEY.fullmatch(key):
            raise Http404
        answers = PreviewAnswer.objects.filter(pk=key)
        answer = answers.select_related("link", "settled_by").first()
        if answer is None or not (record := answer.link.record):
            raise Http404
        if not request.user.has_perm(publish_permission(record)):
            raise PermissionDenied
        if answers.settle(request.user):
            said = "agreement" if answer.agreed else "comment"
            self.log_change(request, record, f"Dealt with the {said} of {answer.link.name}.")
            messages.success(request, f"The {said} of {answer.link.name} is dealt with.")
        else:
            who = answer.settled_by or "Somebody"
            when = moment_in_words(answer.settled_at)
            messages.info(request, f"{who} dealt with it already, on {when}.")
        return HttpResponseRedirect(f"{form_address(record)}{PLACE}")

    def has_view_permission(self, request: HttpRequest, obj: PreviewLink | None = None) -> bool:
        return self.has_revoke_permission(request)

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_revoke_permission(request)

    def has_revoke_permission(self, request: HttpRequest) -> bool:
        return bool(models_published_by(request.user))

    def may_confirm(self, request: HttpRequest, name: str) -> bool:
        return self.has_revoke_permission(request)

    def reasons_against(self, request: HttpRequest, name: str, record: PreviewLink) -> list[str]:
        return [] if record.is_valid else [f"It is {record.status} already."]

    @admin.display(description="reads")
    def reads(self, obj: PreviewLink) -> str:
        record: Any = obj.record
        kind = record._meta.verbose_name
        return format_html('<a href="{}">{}</a> ({})', form_address(record), record, kind)

    @admin.display(description="ends", ordering="expires_at")
    def until(self, obj: PreviewLink) -> str:
        return moment_in_words(obj.expires_at)

    @admin.display(description="status")
    def status(self, obj: PreviewLink) -> str:
        return obj.status

    @admin.display(description="opened", ordering="opened")
    def opened(self, obj: PreviewLink) -> str:
        return opened_in_words(obj)

    @admin.display(description="answered")
    def answered(self, obj: PreviewLink) -> str:
        return ", ".join(str(answer) for answer in obj.answers.all()) or self.empty_value_display


def opened_in_words(link: PreviewLink) -> str:
    """Return how often a link was opened, and when last."""
    if not link.last_opened:
        return "not yet"
    times = "once" if link.opened == 1 else f"{link.opened} times"
    return f"{times}, last on {moment_in_words(link.last_opened)}"
