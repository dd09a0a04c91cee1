"""Admin of the partnership, the numbers to call, and the pages that staff write."""

from collections.abc import Iterator
from contextlib import suppress
from typing import Any, ClassVar

from allauth.account import admin as accounts_admin
from allauth.mfa import admin as second_factor_admin
from django import forms
from django.contrib import admin, messages
from django.contrib.auth import admin as _  # noqa: F401 - registers what ours replaces below
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.template.defaultfilters import linebreaksbr, urlize
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.html import format_html, format_html_join

from mscp.database import clock
from mscp.editing.admin import Record, TrackedAdmin, TrackedForm, missing_filter
from mscp.editing.backups import BackupAdmin
from mscp.editing.generic import ModelField, StackedInline
from mscp.editing.notes import EarlierNotes, TellsReadersForm
from mscp.editing.outside import PreviewLinkAdmin
from mscp.editing.pending import PendingChangeAdmin, WithoutDraftAdmin
from mscp.editing.people import AccountEventAdmin, GroupsAdmin, PeopleAdmin
from mscp.editing.publishing import PublishableAdmin, StateFilter
from mscp.editing.questions import Question
from mscp.editing.releases import ReleaseAdmin as ReleaseAdmin
from mscp.editing.undoing import BulkChangeAdmin
from mscp.files.logos import MOST_PNG, MOST_SVG, prepare_logo
from mscp.models import (
    PATH,
    AccountEvent,
    Backup,
    BulkChange,
    ConcernContact,
    NoticeLevel,
    Page,
    PageChangeNote,
    PendingChange,
    PreviewLink,
    Redirect,
    SearchSynonym,
    SiteIdentity,
    StatementConfirmation,
)
from mscp.records.audit import set_author
from mscp.records.history import because
from mscp.search.declared_synonyms import Effect, effects_of
from mscp.search.synonyms import fault_of
from mscp.site import admin as joins  # noqa: F401 - registers what one app adds to another
from mscp.text import phone_numbers
from mscp.text.phone_numbers import PhoneNumberError
from mscp.web.redirects import is_public

admin.site.register(PreviewLink, PreviewLinkAdmin)
admin.site.register(BulkChange, BulkChangeAdmin)
admin.site.register(PendingChange, PendingChangeAdmin)
# Internal to the sign-in library; staff have no use for them, and the second holds secrets.
admin.site.unregister([accounts_admin.EmailAddress, second_factor_admin.Authenticator])
# In place of Django's own, which ask for a password to pass on and show a hundred permissions.
admin.site.unregister([User, Group])
admin.site.register(User, PeopleAdmin)
admin.site.register(Group, GroupsAdmin)
admin.site.register(AccountEvent, AccountEventAdmin)
admin.site.register(Backup, BackupAdmin)


class PhoneField(forms.CharField):
    """CharField for a number as people write it: with brackets, hyphens or +44."""

    def to_python(self, value: object) -> str | None:
        typed = super().to_python(value)
        try:
            return phone_numbers.read(typed) if typed else typed
        except PhoneNumberError:
            # What is wrong is said by the form, which knows whether it was changed.
            return phone_numbers.tidied(typed or "")

    def has_changed(self, initial: object, data: object) -> bool:
        # What stands there may be of an older form.
        return (data or "") != (initial or "") and super().has_changed(initial, data)


def _with_phone_field(db_field: ModelField, options: dict[str, Any]) -> dict[str, Any]:
    return {"form_class": PhoneField, **options} if db_field.name == "phone" else options


class OnEveryPageForm(TrackedForm[Record]):
    """Form of what stands on every page: asks before it replaces a number or an address there."""

    # Fields that are asked about, and whether a first value is too.
    asked: ClassVar[dict[str, bool]] = {}

    def clean_phone(self) -> str:
        """Check the form of a number that was changed; one that is kept stays as it is."""
        if "phone" not in self.changed_data:
            return self.initial.get("phone") or ""
        phone: str = self.cleaned_data["phone"]
        if phone:
            try:
                phone_numbers.read(phone)
            except PhoneNumberError as error:
                raise ValidationError(str(error)) from None
        return phone

    def questions(self) -> Iterator[Question]:
        yield from super().questions()
        for name, also_first in self.asked.items():
            old, new = self.initial.get(name) or "", self.cleaned_data.get(name)
            if name not in self.changed_data or new is None or not (old or also_first):
                continue
            change = f"It was {old} and will be {new or 'empty'}" if old else f"It is new: {new}"
            yield Question(
                name,
                new,
                f"This stands on every page at once. {change}. Is it right?",
                f"Yes, {new} is right" if new else "Yes, take it off",
            )


class SiteIdentityForm(OnEveryPageForm[SiteIdentity]):
    asked = {"phone": False, "email": False}

    def questions(self) -> Iterator[Question]:
        yield from super().questions()
        today, data = clock.today(), self.cleaned_data
        starts, ends = data.get("notice_starts"), data.get("notice_ends")
        if "notice_starts" in self.changed_data and starts and starts < today:
            said = f"{date_format(starts, 'j F Y')} has passed: the notice stands at once."
            yield Question("notice_starts", str(starts), said, "Yes, that is meant")
        if "notice_ends" in self.changed_data and ends and ends < today:
            said = f"{date_format(ends, 'j F Y')} has passed: no reader will see the notice."
            yield Question("notice_ends", str(ends), said, "Yes, that is meant")
        if "notice" in self.changed_data and data.get("notice"):
            shown = SiteIdentity(notice=data["notice"], notice_starts=starts, notice_ends=ends)
            yield Question(
                "notice",
                shown.notice,
                format_html(
                    '{} It reads:<span class="notice-preview">{}{}</span>Is it right?',
                    shown.notice_in_words(today),
                    "Warning: " if data.get("notice_level") == NoticeLevel.WARNING else "",
                    linebreaksbr(urlize(shown.notice, autoescape=True)),
                ),
                "Yes, this is right",
            )


class ConcernContactForm(OnEveryPageForm[ConcernContact]):
    asked = {"phone": True}


@admin.register(SiteIdentity)
class SiteIdentityAdmin(WithoutDraftAdmin[SiteIdentity]):
    form = SiteIdentityForm
    file_sizes = {"logo": (MOST_SVG, MOST_PNG)}
    fieldsets = [
        (None, {"fields": ["name", "abbreviation", "website"]}),
        ("Logo and colours", {"fields": ["logo", "logo_has_name", "logo_alt", "palette"]}),
        ("How readers reach you", {"fields": ["email", "phone"]}),
        (
            "On every page",
            {
                "fields": [
                    "notice",
                    "notice_level",
                    ("notice_starts", "notice_ends"),
                    "notice_now",
                    "exit_address",
                ]
            },
        ),
        ("What may stand everywhere", {"fields": ["own_identifiers"]}),
        ("Home page", {"fields": ["intro", "source_title", "source_address"]}),
        ("Use by others", {"fields": ["licence_name", "licence_address"]}),
        ("Search engines", {"fields": ["publications_out_of_search_engines"]}),
        ("Record", {"fields": ["changed"]}),
    ]
    readonly_fields = ["notice_now", "changed"]

    def formfield_for_dbfield(
        self, db_field: ModelField, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        kwargs = _with_phone_field(db_field, kwargs)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    @admin.display(description="the notice today")
    def notice_now(self, obj: SiteIdentity) -> str:
        return obj.notice_in_words(clock.today()) or "There is none."

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        # Before the transaction begins, which keeps other editors waiting.
        may = self.has_add_permission(request) or self.has_change_permission(request)
        if may and (logo := request.FILES.get("logo")):
            with suppress(ValidationError):
                prepare_logo(logo)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def save_model(
        self,
        request: HttpRequest,
        obj: SiteIdentity,
        form: "forms.ModelForm[SiteIdentity]",
        change: bool,
    ) -> None:
        chosen = form.cleaned_data.get("logo") if "logo" in form.changed_data else None
        super().save_model(request, obj, form, change)
        if removed := getattr(getattr(chosen, "prepared_logo", None), "removed", None):
            self.message_user(
                request,
                f"The logo was cleaned. Left out of it: {', '.join(removed)}. Look whether it is "
                "still as it should be.",
                messages.WARNING,
            )

    def get_form(
        self,
        request: HttpRequest,
        obj: SiteIdentity | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> "type[forms.ModelForm[SiteIdentity]]":
        form = super().get_form(request, obj, change, **kwargs)
        if "logo" in form.base_fields:
            form.base_fields["logo"].widget.attrs["accept"] = ".svg,.png"
        return form

    def response_post_save_add(
        self, request: HttpRequest, obj: SiteIdentity
    ) -> HttpResponseRedirect:
        """Return to the first page, which says what is to do next: there is no list."""
        return redirect("admin:index")

    def response_post_save_change(
        self, request: HttpRequest, obj: SiteIdentity
    ) -> HttpResponseRedirect:
        return redirect("admin:index")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not SiteIdentity.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: SiteIdentity | None = None) -> bool:
        return False

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Redirect to the single record."""
        if SiteIdentity.objects.exists():
            address = reverse("admin:mscp_siteidentity_change", args=[1])
        else:
            address = reverse("admin:mscp_siteidentity_add")
        return HttpResponseRedirect(address)


@admin.register(ConcernContact)
class ConcernContactAdmin(WithoutDraftAdmin[ConcernContact]):
    form = ConcernContactForm
    list_display = ["label", "phone", "hours", "verified_on", "position"]
    list_filter = [missing_filter("verified_on", "check", "Not checked yet", "Checked")]
    search_fields = ["label", "phone"]
    fieldsets = [
        (None, {"fields": ["label", "phone", "hours", "position", "verified_on"]}),
        ("Record", {"fields": ["made", "changed"]}),
    ]
    readonly_fields = ["made", "changed"]
    actions = ["checked_today"]

    def formfield_for_dbfield(
        self, db_field: ModelField, request: HttpRequest, **kwargs: Any
    ) -> forms.Field | None:
        kwargs = _with_phone_field(db_field, kwargs)
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def warnings_of_deletion(self, record: ConcernContact) -> list[str]:
        gone = f"{record.phone} leaves every page at once."
        if ConcernContact.objects.count() == 1:
            gone += " It is the last number: then no page says whom to call about a child."
        return [gone]

    @admin.action(
        description="I called these numbers today: they are right", permissions=["change"]
    )
    def checked_today(self, request: HttpRequest, queryset: QuerySet[ConcernContact]) -> None:
        with transaction.atomic():
            contacts = self.lock(list(queryset))
            for contact in contacts:
                contact.verified_on = clock.today()
                set_author(contact, request.user)
                because(contact, "Called and found right").save()
        self.message_user(request, f"{len(contacts)} marked as checked today.")

    def save_model(
        self,
        request: HttpRequest,
        obj: ConcernContact,
        form: "forms.ModelForm[ConcernContact]",
        change: bool,
    ) -> None:
        if change and "phone" in form.changed_data and "verified_on" not in form.changed_data:
            # The check was of another number.
            obj.verified_on = None
        super().save_model(request, obj, form, change)


class PageForm(TellsReadersForm[Page]):
    pass


class PageNotesInline(EarlierNotes, StackedInline[PageChangeNote, Page]):
    model = PageChangeNote


@admin.register(Page)
class PageAdmin(PublishableAdmin[Page]):
    form = PageForm
    inlines = [PageNotesInline]
    list_display = ["title", "current_state", "position", "changed"]
    list_filter = [StateFilter]
    list_select_related = ["updated_by"]
    search_fields = ["title", "body"]
    fieldsets = [
        (None, {"fields": ["title", "body", "position"]}),
        ("Record", {"fields": ["address", "made", "changed"]}),
    ]
    readonly_fields = ["address", "made", "changed"]


class StatementConfirmationForm(TrackedForm[StatementConfirmation]):
    is_true = forms.BooleanField(
        label="I have read the statement as it is today, and it is true",
        error_messages={"required": "Read the statement first. Tick this if what it says is true."},
    )


@admin.register(StatementConfirmation)
class StatementConfirmationAdmin(WithoutDraftAdmin[StatementConfirmation]):
    """Confirmations are added, and never changed: the next one takes the place of the last."""

    form = StatementConfirmationForm
    list_display = ["day", "created_by", "other_problems", "how_tested"]
    list_select_related = ["created_by"]
    readonly_fields = ["made"]

    def has_change_permission(
        self, request: HttpRequest, obj: StatementConfirmation | None = None
    ) -> bool:
        return False

    def add_view(
        self,
        request: HttpRequest,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        words = {
            "title": "Confirm the accessibility statement",
            "show_save_and_add_another": False,
            "show_save_and_continue": False,
        }
        return super().add_view(request, form_url, {**(extra_context or {}), **words})

    def get_fieldsets(self, request: HttpRequest, obj: StatementConfirmation | None = None) -> Any:
        if obj:
            return [(None, {"fields": ["made", "how_tested", "other_problems"]})]
        explanation = format_html(
            'Once a year somebody reads the <a href="{}">accessibility statement</a> and says that '
            "it is true. Its lists of documents are made by the site; what no program knows is "
            "yours to say. The statement then shows the day, not your name.",
            reverse("accessibility"),
        )
        fields = ["how_tested", "other_problems", "is_true", "opened_version"]
        return [(None, {"fields": fields, "description": explanation})]

    @admin.display(description="confirmed on", ordering="created_at")
    def day(self, obj: StatementConfirmation) -> str:
        return date_format(obj.day, "j F Y")


class RedirectForm(TrackedForm[Redirect]):
    request: ClassVar[HttpRequest]

    def clean_new_path(self) -> str:
        """Refuse what no visitor can see: the redirect would tell the address of a draft."""
        path: str = self.cleaned_data["new_path"]
        PATH(path)
        if "new_path" in self.changed_data and not is_public(path, self.request):
            raise ValidationError("Readers find no page at this address. Write one that they do.")
        return path


@admin.register(Redirect)
class RedirectAdmin(TrackedAdmin[Redirect]):
    form = RedirectForm
    list_display = ["old_path", "new_path", "changed"]
    list_select_related = ["updated_by"]
    search_fields = ["old_path", "new_path"]
    fieldsets = [
        (
            None,
            {
                "fields": ["old_path", "new_path"],
                "description": (
                    "Used only where nothing else answers. Merging themes, venues and courses "
                    "makes them by itself."
                ),
            },
        ),
        ("Record", {"fields": ["made", "changed"]}),
    ]
    readonly_fields = ["made", "changed"]

    def get_form(
        self,
        request: HttpRequest,
        obj: Redirect | None = None,
        change: bool = False,
        **kwargs: Any,
    ) -> "type[forms.ModelForm[Redirect]]":
        form = super().get_form(request, obj, change, **kwargs)
        if issubclass(form, RedirectForm):
            form.request = request
        return form


# The button that shows what an entry does before it is saved.
SHOW_EFFECTS = "_effects"


class SearchSynonymForm(TrackedForm[SearchSynonym]):
    def is_valid(self) -> bool:
        # What is only to be shown is filled in again, and never saved.
        return super().is_valid() and SHOW_EFFECTS not in self.data

    def clean_terms(self) -> str:
        terms: str = self.cleaned_data["terms"]
        if fault := fault_of(terms):
            raise ValidationError(fault)
        return terms


@admin.register(SearchSynonym)
class SearchSynonymAdmin(TrackedAdmin[SearchSynonym]):
    form = SearchSynonymForm
    list_display = ["terms", "changed"]
    list_select_related = ["updated_by"]
    search_fields = ["terms"]
    fieldsets = [
        (
            None,
            {
                "fields": ["terms", "effects"],
                "description": (
                    "Known already: the abbreviations of the field, and other spellings of one "
                    "word such as s47 and section 47. In quotes only what was typed is found."
                ),
            },
        ),
        ("Record", {"fields": ["made", "changed"]}),
    ]
    readonly_fields = ["effects", "made", "changed"]

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any
    ) -> HttpResponse:
        context["show_effects"] = SHOW_EFFECTS
        return super().render_change_form(request, context, *args, **kwargs)

    @admin.display(description="what it does to a search")
    def effects(self, obj: SearchSynonym) -> str:
        if not obj.terms:
            return "Write the terms, then choose “Show what it does”: nothing is saved by that."
        return format_html_join(
            "", "<p>{}</p>", ((_effect_in_words(one),) for one in effects_of(obj.terms))
        )


def _effect_in_words(effect: Effect) -> str:
    more = effect.together - effect.alone
    said = f"“{effect.term}” alone finds {effect.alone} published"
    if not more:
        return f"{said}, and with this entry no others."
    newest = ", ".join(f"“{title}”" for title in effect.newly_found)
    return f"{said}, with this entry {effect.together}. New, the latest first: {newest}."
