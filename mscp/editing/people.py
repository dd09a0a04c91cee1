"""Admin of staff accounts: colleagues are invited, given a role, and shown out.

For administrators (superusers) only: whoever may change an account can become any other.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from allauth.account.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.text import slugify

from mscp.database import clock
from mscp.editing.account_events import record
from mscp.editing.generic import ModelAdmin, ModelAdminMixin, ModelForm, RowsFilter
from mscp.editing.password_links import send_link
from mscp.editing.searching import FoldedSearch
from mscp.editing.second_factor import FACTORS, end_sessions, remove_all
from mscp.models import AccountEvent, AccountEventKind, PasswordLink
from mscp.records.locking import lock_rows
from mscp.records.moments import moment_in_short

LONGEST_NAME = 150


class Role(NamedTuple):
    name: str
    label: str
    about: str
    group: str = ""


ROLES = (
    Role("editor", "Editor", "Writes drafts of everything. Publishes nothing.", "Editors"),
    Role(
        "publisher",
        "Publisher",
        "Writes, publishes and withdraws everything, and keeps themes and the numbers to call.",
        "Publishers",
    ),
    Role(
        "training",
        "Training",
        "Keeps courses, sessions and venues, and publishes courses. Sees no draft of a review.",
        "Training",
    ),
    Role("administrator", "Administrator", "Does all of this, and makes and closes accounts."),
)
BY_NAME = {role.name: role for role in ROLES}
BY_GROUP = {role.group: role for role in ROLES if role.group}
KEPT = "as-it-is"


def role_of(user: User) -> str:
    """Return the label of a user's role; several groups are named, none is said."""
    if user.is_superuser:
        return BY_NAME["administrator"].label
    names = sorted(group.name for group in user.groups.all())
    return ", ".join(BY_GROUP[name].label if name in BY_GROUP else name for name in names) or "none"


def _choices() -> list[tuple[str, Any]]:
    line = '<strong>{}</strong> <span class="role-about">{}</span>'
    return [(role.name, format_html(line, role.label, role.about)) for role in ROLES]


def administrators() -> QuerySet[User]:
    return User.objects.filter(is_superuser=True, is_active=True)


def set_role(user: User, role: Role) -> None:
    """Give a user one role in place of those of others; other groups stay."""
    user.is_superuser = not role.group
    user.save(update_fields=["is_superuser"])
    user.groups.remove(*Group.objects.filter(name__in=BY_GROUP).exclude(name=role.group))
    if role.group:
        user.groups.add(Group.objects.get(name=role.group))


class RoleField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=_choices, widget=forms.RadioSelect, label="Role", **kwargs)


def _clean_name(name: str) -> str:
    return " ".join(name.split())


def _email_taken(email: str, account: User | None = None) -> bool:
    others = User.objects.exclude(pk=account.pk) if account else User.objects.all()
    return others.filter(email__iexact=email).exists()


EMAIL_TAKEN = "There is an account with this e-mail address already."


class InviteForm(forms.Form):
    name = forms.CharField(
        label="Name",
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"}),
        help_text="First name and surname, as colleagues know her or him.",
    )
    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"class": "vTextField", "autocomplete": "off"}),
    )
    role = RoleField(error_messages={"required": "Choose what this colleague may do."})

    def clean_name(self) -> str:
        return _clean_name(self.cleaned_data["name"])

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if _email_taken(email):
            raise ValidationError(EMAIL_TAKEN)
        return email


def user_names(name: str, email: str) -> Iterator[str]:
    """Yield user names for a person: amina.khan, amina.khan2 …"""
    local = re.sub("[^a-z0-9]+", ".", email.partition("@")[0].lower())
    base = (slugify(name).replace("-", ".").replace("_", ".") or local).strip(".")[:140]
    base = base or "colleague"
    yield base
    number = 2
    while True:
        yield f"{base}{number}"
        number += 1


def _split(name: str) -> tuple[str, str]:
    first, _, last = name.rpartition(" ")
    return (first, last) if first else (last, "")


def make_account(name: str, email: str, role: Role) -> User:
    """Make the account of a new colleague, which has no password yet."""
    first, last = _split(name)
    for username in user_names(name, email):
        if User.objects.filter(username__iexact=username).exists():
            continue
        user = User(username=username, first_name=first, last_name=last, email=email, is_staff=True)
        user.set_unusable_password()
        try:
            with transaction.atomic():
                user.save()
        except IntegrityError:
            # Somebody was invited under this name at the same moment.
            continue
        set_role(user, role)
        return user
    raise AssertionError  # pragma: no cover - the names do not end


class PersonForm(ModelForm[User]):
    name = forms.CharField(
        label="Name",
        max_length=LONGEST_NAME,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
    )
    role = RoleField(required=False)

    class Meta:
        model = User
        fields = ["email", "groups", "user_permissions"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        user = self.instance
        self.fields["name"].initial = user.get_full_name()
        self.before = next((r.name for r in ROLES if r.label == role_of(user)), KEPT)
        if self.before == KEPT:
            choice = (KEPT, format_html("As it is now: {}", role_of(user)))
            self.fields["role"].choices = [*_choices(), choice]  # type: ignore[attr-defined]
        self.fields["role"].initial = self.before
        self.fields["email"].label = "E-mail address"
        self.fields["email"].help_text = "Links for a forgotten password go there."

    def clean_name(self) -> str:
        return _clean_name(self.cleaned_data["name"])

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"]
        if email and "email" in self.changed_data and _email_taken(email, self.instance):
            raise ValidationError(EMAIL_TAKEN)
        return email

    def clean_role(self) -> str:
        chosen: str = self.cleaned_data["role"] or self.before
        if "administrator" in (self.before, chosen):
            lock_rows(administrators())
        if self.before == "administrator" != chosen and self._is_last_administrator():
            raise ValidationError("Nobody else is an administrator. Make somebody one first.")
        return chosen

    def _is_last_administrator(self) -> bool:
        return not administrators().exclude(pk=self.instance.pk).exists()

    def save(self, commit: bool = True) -> User:
        first, last = _split(self.cleaned_data["name"])
        self.instance.first_name, self.instance.last_name = first, last
        user: User = super().save(commit)
        return user


class AdministratorsOnly(ModelAdminMixin[Any]):
    """Mixin of an admin that is for administrators, whatever permissions others were given."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_superuser)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_module_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_module_permission(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow nobody: what a colleague did keeps the name. Access is taken away instead."""
        return False


class RoleFilter(RowsFilter[QuerySet[User]]):
    title = "role"
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [(role.name, role.label) for role in ROLES]

    def narrow(self, rows: QuerySet[User], value: str | None) -> QuerySet[User]:
        if value not in BY_NAME:
            return rows
        group = BY_NAME[value].group
        return rows.filter(groups__name=group) if group else rows.filter(is_superuser=True)


class AccessFilter(RowsFilter[QuerySet[User]]):
    title = "access"
    parameter_name = "access"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("yes", "May sign in"), ("no", "Access taken away")]

    def narrow(self, rows: QuerySet[User], value: str | None) -> QuerySet[User]:
        return rows.filter(is_active=value == "yes") if value in ("yes", "no") else rows


class Step(NamedTuple):
    """What an administrator does to an account after being asked."""

    label: str
    explanation: str
    take: "Callable[[PeopleAdmin, HttpRequest, User], None]"
    possible: Callable[[User], bool]
    harmful: bool = False
    after: "Callable[[PeopleAdmin, HttpRequest, User], HttpResponse] | None" = None
    """What is done after the transaction: a mail server may be slow."""


class PeopleAdmin(AdministratorsOnly, FoldedSearch, ModelAdmin[User]):
    form = PersonForm
    change_list_template = "admin/people/change_list.html"
    change_form_template = "admin/people/change_form.html"
    list_display = ["who", "user_name", "role", "last_sign_in", "second_factor", "access"]
    list_display_links = ["who"]
    list_filter = [RoleFilter, AccessFilter]
    search_fields = ["first_name", "last_name", "username", "email"]
    search_help_text = "Words in the name, the user name or the e-mail address"
    ordering = ["-is_active", "first_name", "last_name", "username"]
    readonly_fields = ["user_name", "access", "last_sign_in", "second_factor"]
    filter_horizontal = ["groups", "user_permissions"]
    actions = None
    fieldsets = [
        (None, {"fields": ["name", "user_name", "email", "role"]}),
        ("Sign-in", {"fields": ["access", "last_sign_in", "second_factor"]}),
        (
            "Single permissions",
            {
                "classes": ["collapse"],
                "fields": ["groups", "user_permissions"],
                "description": "Beyond the role. Hardly ever needed, and easy to forget.",
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        factors = Authenticator.objects.filter(user=OuterRef("pk"), type__in=FACTORS)
        links = PasswordLink.objects.filter(account=OuterRef("pk"), used_at=None)
        users: QuerySet[User] = super().get_queryset(request).prefetch_related("groups")
        return users.annotate(
            has_factor=Exists(factors), link_ends=Subquery(links.values("ends_at")[:1])
        )

    # --- display ------------------------------------------------------------------------------

    @admin.display(description="name")
    def who(self, obj: User) -> str:
        return obj.get_full_name() or obj.get_username()

    @admin.display(description="user name")
    def user_name(self, obj: User) -> str:
        return obj.get_username()

    @admin.display(description="role")
    def role(self, obj: User) -> str:
        return role_of(obj) if obj.is_staff else "no staff"

    @admin.display(description="last sign-in")
    def last_sign_in(self, obj: User) -> str:
        return moment_in_short(obj.last_login) if obj.last_login else "never"

    @admin.display(description="second factor")
    def second_factor(self, obj: User) -> str:
        return "Set up" if getattr(obj, "has_factor", False) else "None"

    @admin.display(description="access")
    def access(self, obj: User) -> str:
        if not obj.is_active:
            return "Taken away"
        if obj.has_usable_password():
            return "Active"
        ends = getattr(obj, "link_ends", None)
        if ends is None:
            return "No password, and no link to set one"
        return (
            f"Invited, until {moment_in_short(ends)}"
            if ends > clock.now()
            else "Invited; link has ended"
        )

    # --- inviting -----------------------------------------------------------------------------

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if not self.has_add_permission(request):
            raise PermissionDenied
        form = InviteForm(request.POST if request.method == "POST" else None)
        if request.method == "POST" and form.is_valid():
            role = BY_NAME[form.cleaned_data["role"]]
            with transaction.atomic():
                user = make_account(form.cleaned_data["name"], form.cleaned_data["email"], role)
                record(AccountEventKind.INVITED, request, user, by=request.user, detail=role.label)
                self.log_addition(request, user, f"Invited as {role.label}.")
            return self.send(request, user, "account/email/invitation", role=_with_article(role))
        return self._page(request, "invite", "Invite a colleague", form=form)

    def send(self, request: HttpRequest, user: User, template: str, **context: Any) -> HttpResponse:
        """Send a link and return to the account; show it, once, where no mail went out."""
        address, ends_at, sent = send_link(request, user, template, **context)
        if sent:
            messages.success(request, f"A link was sent to {user.email}. It ends in seven days.")
            return HttpResponseRedirect(reverse("admin:auth_user_change", args=[user.pk]))
        title = f"A link for {self.who(user)}"
        return self._page(
            request, "link", title, original=user, address=address, ends=moment_in_short(ends_at)
        )

    def _page(
        self, request: HttpRequest, name: str, title: str, **context: object
    ) -> TemplateResponse:
        return TemplateResponse(
            request,
            f"admin/people/{name}.html",
            {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **context},
        )

    # --- changing -----------------------------------------------------------------------------

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        words = {"title": "Colleagues", **(extra_context or {})}
        return super().changelist_view(request, words)

    def save_model(
        self, request: HttpRequest, obj: User, form: "forms.ModelForm[User]", change: bool
    ) -> None:
        super().save_model(request, obj, form, change)
        if set(form.changed_data) - {"role"}:
            changed = ", ".join(name for name in form.changed_data if name != "role")
            record(AccountEventKind.DETAILS_CHANGED, request, obj, by=request.user, detail=changed)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        chosen = form.cleaned_data["role"]
        if chosen != form.before and chosen in BY_NAME:
            was = next((r.label for r in ROLES if r.name == form.before), "other")
            set_role(form.instance, BY_NAME[chosen])
            record(
                AccountEventKind.ROLE_CHANGED,
                request,
                form.instance,
                by=request.user,
                detail=f"{was} → {BY_NAME[chosen].label}",
            )

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: User | None = None,
    ) -> HttpResponse:
        if obj:
            context |= {
                "title": self.who(obj),
                "subtitle": "",
                "show_save_and_add_another": False,
                "show_save_and_continue": False,
            }
            context["steps"] = [
                (step, reverse("admin:auth_user_step", args=[obj.pk, name]))
                for name, step in STEPS.items()
                if step.possible(obj)
            ]
        return super().render_change_form(request, context, add, change, form_url, obj)

    # --- steps --------------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.step_view)
        return [
            path("<int:pk>/step/<slug:name>/", view, name="auth_user_step"),
            *super().get_urls(),
        ]

    def step_view(self, request: HttpRequest, pk: int, name: str) -> HttpResponse:
        """Ask, and on POST do something to an account."""
        if not self.has_change_permission(request):
            raise PermissionDenied
        user = self.get_queryset(request).filter(pk=pk).first()
        if user is None or name not in STEPS:
            raise Http404
        step = STEPS[name]
        refused = self._reason_against(request, user, name)
        if request.method == "POST" and not refused:
            with transaction.atomic():
                lock_rows(administrators() if user.is_superuser else User.objects.filter(pk=pk))
                refused = self._reason_against(request, user, name)
                if not refused:
                    step.take(self, request, user)
                    self.log_change(request, user, f"{step.label}.")
            if not refused:
                if step.after:
                    return step.after(self, request, user)
                return HttpResponseRedirect(reverse("admin:auth_user_change", args=[pk]))
        title = f"{step.label}: {self.who(user)}"
        return self._page(request, "step", title, original=user, step=step, refused=refused)

    def _reason_against(self, request: HttpRequest, user: User, name: str) -> str:
        user.refresh_from_db(fields=["is_active", "is_superuser"])
        if not STEPS[name].possible(user):
            return "A colleague has done this already, or the account has changed since."
        if name == "take-access" and user == request.user:
            return "This is your own account. Ask another administrator."
        others = administrators().exclude(pk=user.pk)
        if name == "take-access" and user.is_superuser and not others.exists():
            return "Nobody else is an administrator. Make somebody one first."
        return ""

    def note_new_link(self, request: HttpRequest, user: User) -> None:
        record(AccountEventKind.LINK_MADE, request, user, by=request.user)

    def send_new_link(self, request: HttpRequest, user: User) -> HttpResponse:
        if user.has_usable_password():
            return self.send(request, user, "account/email/password_link")
        role = next((r for r in ROLES if r.label == role_of(user)), None)
        words = _with_article(role) if role else role_of(user)
        return self.send(request, user, "account/email/invitation", role=words)

    def take_reset(self, request: HttpRequest, user: User) -> None:
        remove_all(user)
        end_sessions(user)
        record(AccountEventKind.FACTOR_RESET, request, user, by=request.user)
        adapter = get_adapter(request)
        transaction.on_commit(
            lambda: adapter.send_notification_mail("mfa/email/factor_reset", user)
        )
        messages.success(
            request, f"{self.who(user)} is signed out, and sets up a new second factor next time."
        )

    def take_access(self, request: HttpRequest, user: User) -> None:
        user.is_active = False
        user.set_unusable_password()
        user.save(update_fields=["is_active", "password"])
        remove_all(user)
        end_sessions(user)
        PasswordLink.objects.filter(account=user, used_at=None).delete()
        record(AccountEventKind.ACCESS_TAKEN, request, user, by=request.user)
        messages.success(request, f"{self.who(user)} is signed out and cannot sign in any more.")

    def give_access(self, request: HttpRequest, user: User) -> None:
        user.is_active = True
        user.save(update_fields=["is_active"])
        record(AccountEventKind.ACCESS_GIVEN, request, user, by=request.user)
        messages.success(
            request, f"{self.who(user)} may sign in again. Send a link to choose a password."
        )


def _with_article(role: Role) -> str:
    article = "an" if role.label[0] in "AE" else "a"
    words = {"training": "a colleague who keeps the training"}
    return words.get(role.name, f"{article} {role.label.lower()}")


STEPS = {
    "new-link": Step(
        "Send a link to choose a password",
        "It works once, for seven days, and ends any link sent before. It is sent by e-mail; where "
        "none can be sent it is shown to you, once.",
        PeopleAdmin.note_new_link,
        lambda user: user.is_active,
        after=PeopleAdmin.send_new_link,
    ),
    "reset-second-factor": Step(
        "Reset the second factor",
        "For a colleague who has lost telephone and recovery codes. Make sure that it is really "
        "this colleague who asks. App, passkeys and recovery codes are removed and all sessions "
        "end; the next sign-in sets up a new one.",
        PeopleAdmin.take_reset,
        lambda user: user.is_active,
        harmful=True,
    ),
    "take-access": Step(
        "Take away access",
        "For a colleague who leaves. All sessions end at once; password, second factor and open "
        "links are removed. What this colleague wrote stays, with the name.",
        PeopleAdmin.take_access,
        lambda user: user.is_active,
        harmful=True,
    ),
    "give-access": Step(
        "Give access back",
        "The account can be used again, with the role it had. It has no password: send a link to "
        "choose one.",
        PeopleAdmin.give_access,
        lambda user: not user.is_active,
    ),
}


class GroupsAdmin(AdministratorsOnly, FoldedSearch, ModelAdmin[Group]):
    search_fields = ["name"]
    ordering = ["name"]
    filter_horizontal = ["permissions"]


class LogAdmin(AdministratorsOnly):
    """Mixin of an admin of what the site has recorded, which nobody changes."""

    list_display_links = None
    show_full_result_count = False
    actions = None
    # Over the list.
    title = ""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return super().changelist_view(request, {"title": self.title, **(extra_context or {})})


class AccountEventAdmin(LogAdmin, FoldedSearch, ModelAdmin[AccountEvent]):
    """The sign-in log."""

    title = "Sign-in log of the last 90 days"
    list_display = ["when", "what", "whose", "who", "address", "detail"]
    list_filter = ["kind"]
    list_select_related = ["account", "by"]
    search_fields = ["account_name", "by_name", "detail"]
    search_help_text = "A user name"

    @admin.display(description="when", ordering="at")
    def when(self, obj: AccountEvent) -> str:
        return moment_in_short(obj.at)

    @admin.display(description="what", ordering="kind")
    def what(self, obj: AccountEvent) -> str:
        label = str(obj.get_kind_display())
        return f"{label}, {obj.count} times within the hour" if obj.count > 1 else label

    @admin.display(description="account", ordering="account_name")
    def whose(self, obj: AccountEvent) -> str:
        account = obj.account
        name = account.get_username() if account else obj.account_name
        return name or "no account of this name"

    @admin.display(description="by", ordering="by_name")
    def who(self, obj: AccountEvent) -> str:
        return (obj.by.get_username() if obj.by else obj.by_name) or "–"
