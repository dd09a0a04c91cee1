"""Page on which the identifiers in plain sight are settled: each with one press and a reason."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import unquote

from django.contrib import messages
from django.core.exceptions import FieldDoesNotExist, PermissionDenied
from django.db import models, transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

from mscp.editing.generic import ModelAdminMixin
from mscp.editing.questions import Question
from mscp.models import SiteIdentity
from mscp.publishing.approvals import name_of
from mscp.publishing.content_hash import not_content
from mscp.publishing.gate import Publishable, change_permission, publish_permission
from mscp.publishing.identifiers import (
    MAY_BE_OWN,
    PublicText,
    SettledIdentifier,
    Standing,
    Why,
    key_of,
    owner_of,
    settle,
    standing_in,
    unsettled,
)
from mscp.publishing.pending import WithoutDraft
from mscp.records.audit import set_author
from mscp.records.history import because
from mscp.records.locking import lock

Settled = TypeVar("Settled", bound=Publishable)

OTHER = "other"
LONGEST_REASON = 500


@dataclass
class Row:
    """One value to be settled, with the reasons that can be given for it with one press."""

    standing: Standing
    may_be_own: bool
    typed: str = ""
    error: str = ""

    @property
    def reasons(self) -> list[tuple[str, str]]:
        found = [Why.OWN] if self.may_be_own else []
        if self.standing.kind in MAY_BE_OWN:
            found.append(Why.PUBLIC)
        return [(str(one), str(one.label)) for one in [*found, Why.NOT_ONE]]


@dataclass(frozen=True)
class Settling:
    """What the page is about: a record, or a file that is not saved with its record yet."""

    title: str
    back: str
    opts: Any
    standing: list[Standing]
    owners: list[tuple[str, int]]
    """Under what values may be settled; what is settled here is so under the first."""
    may_settle: bool
    may_take_back: bool


def settling_page(request: HttpRequest, site: Any, about: Settling) -> HttpResponse:
    """Show what stands in plain sight; settle what was pressed, or take it back."""
    if request.method == "POST":
        if not about.may_settle:
            raise PermissionDenied
        response = _post(request, about)
        if response is not None:
            return response
    left = unsettled(about.standing, lambda: about.owners)
    may_be_own = request.user.has_perm("mscp.change_siteidentity")
    rows = [Row(one, may_be_own and one.kind in MAY_BE_OWN) for one in left]
    if request.method == "POST":
        _show_again(request, rows)
    open_keys = {one.key for one in left}
    kept = SettledIdentifier.objects.of(about.owners)
    reasons = {key_of(one.kind, one.value): one for one in kept}
    closed = [one for one in about.standing if one.key not in open_keys]
    context = {
        **site.each_context(request),
        "title": f"In plain sight: {about.title}",
        "about": about,
        "opts": about.opts,
        "rows": rows,
        "any_own": any(row.may_be_own for row in rows),
        "settled": [(one, reasons.get(one.key)) for one in closed],
    }
    status = 400 if any(row.error for row in rows) else 200
    return TemplateResponse(request, "admin/identifiers.html", context, status=status)


def _post(request: HttpRequest, about: Settling) -> HttpResponse | None:
    """Do what was pressed, and go back to the page; None if a reason is missing."""
    here = HttpResponseRedirect(request.get_full_path())
    if key := request.POST.get("take_back"):
        _take_back(request, about, key)
        return here
    key, _, why = request.POST.get("settle", "").partition(":")
    one = next((one for one in about.standing if one.key == key), None)
    if one is None:
        messages.error(request, "That does not stand there any more. This is how it is now.")
        return here
    if why == Why.OWN:
        if not request.user.has_perm("mscp.change_siteidentity"):
            raise PermissionDenied
        if not _add_own(one, request.user):
            messages.error(request, "Give the partnership its name first, under Partnership.")
            return here
        messages.success(request, f"{one.written} may stand everywhere from now on.")
        return here
    reason = request.POST.get(f"reason-{key}", "").strip()
    if why != OTHER:
        if why not in Why.values:
            return here
        reason = str(Why(why).label)
    if not reason or len(reason) > LONGEST_REASON:
        return None
    settle(about.owners[0], one.kind, one.value, reason=reason, user=request.user)
    messages.success(request, f"{one.written} may stand here.")
    return here


def _show_again(request: HttpRequest, rows: Iterable[Row]) -> None:
    """Put what was typed back into the rows, and say what is missing."""
    pressed = request.POST.get("settle", "").partition(":")[0]
    for row in rows:
        row.typed = request.POST.get(f"reason-{row.standing.key}", "")
        if row.standing.key == pressed:
            row.error = (
                f"Say it in at most {LONGEST_REASON} characters."
                if len(row.typed) > LONGEST_REASON
                else "Say why it may stand in what everybody can read."
            )


def _take_back(request: HttpRequest, about: Settling, key: str) -> None:
    if not about.may_take_back:
        messages.error(
            request, "It is live or scheduled. Withdraw it, or return it to draft, before this."
        )
        return
    for one in SettledIdentifier.objects.of(about.owners):
        if key_of(one.kind, one.value) == key:
            one.delete()
            messages.success(request, "Taken back: it must be settled again.")


def _add_own(one: Standing, user: Any) -> bool:
    """Add a value to the partnership's own; False if there is no partnership yet."""
    with transaction.atomic():
        identity = lock(SiteIdentity(pk=1))
        if identity is None:
            return False
        lines = identity.own_identifiers.rstrip()
        identity.own_identifiers = f"{lines}\n{one.written}".lstrip()
        set_author(identity, user)
        because(identity, f"Settled as its own by {name_of(user)}"[:100]).save()
    return True


def settling_address(record: Any) -> str:
    options = record._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_identifiers", args=[record.pk])


def with_settling_link(sentence: str, address: str) -> SafeString:
    """Append the link to that page. It opens beside the form, which may hold what is not saved."""
    link = '{} <a href="{}" target="_blank" rel="noopener">Settle them (in a new window)</a>.'
    return format_html(link, sentence, address)


# --- in the form of what is live -----------------------------------------------------------------

CONFIRMED = "Confirmed in the form when it was saved"


class NewIdentifiers:
    """What a form would show readers at once that nobody settled: asked about at its field."""

    def __init__(self, form: Any) -> None:
        self.form = form
        self.left: list[Standing] = []

    def questions(self) -> Iterator[Question]:
        """Yield a question for each changed field with such values in it."""
        record = _record_of(self.form.instance)
        if record is None or not _is_read_at_once(record) or self.form.fault:
            return
        for name in self.form.changed_data:
            text = self._text(name, self.form.cleaned_data.get(name))
            found = standing_in([text]) if text else []
            if not found:
                continue
            before = self._text(name, self.form.initial.get(name))
            known = {(one.kind, one.value) for one in standing_in([before] if before else [])}
            new = [one for one in found if (one.kind, one.value) not in known]
            if left := unsettled(new, lambda: _owners_of(record)):
                self.left += left
                named = ", ".join(f"{one.label}: {one.written}" for one in left)
                yield Question(
                    name,
                    " ".join(one.value for one in left),
                    f"Readers see this as soon as it is saved. {named}.",
                    "Yes, it may stand in what everybody can read",
                )

    def _text(self, name: str, value: object) -> PublicText | None:
        if not value or not isinstance(value, str):
            return None
        try:
            field: Any = self.form.instance._meta.get_field(name)
        except FieldDoesNotExist:
            # What the form itself asks for, such as the note on its change.
            return PublicText(name, value)
        is_text = isinstance(field, models.CharField | models.TextField) and not field.choices
        if not is_text or isinstance(field, models.EmailField):
            return None
        if name in not_content(type(self.form.instance)):
            return None
        is_address = isinstance(field, models.URLField)
        return PublicText(name, unquote(value) if is_address else value, is_address)

    def settle(self, user: Any) -> None:
        """Save that what was confirmed may stand. Before its record is saved, which asks again."""
        record = _record_of(self.form.instance)
        # What is not saved yet has no key. What stands there is not asked about again.
        for one in self.left if record is not None and record.pk is not None else ():
            settle(owner_of(record), one.kind, one.value, reason=CONFIRMED, user=user)


def _record_of(row: Any) -> Any:
    """Return what readers see: the row of a form itself, or what it is a part of."""
    if isinstance(row, Publishable):
        return row if row.pk is not None else None
    if isinstance(row, WithoutDraft):
        return row if row.LOOKED_THROUGH else None
    parent = getattr(row, "PARENT", "")
    return getattr(row, parent, None) if parent else None


def _is_read_at_once(record: Any) -> bool:
    return isinstance(record, WithoutDraft) or record.state == "published"


def _owners_of(record: Any) -> list[tuple[str, int]]:
    if isinstance(record, WithoutDraft):
        return [owner_of(record)] if record.pk is not None else []
    return list(record.identifier_owners())


class SettlesIdentifiers(ModelAdminMixin[Settled]):
    """Mixin of the admin of what is published: the page on which identifiers are settled."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_identifiers"
        view = self.admin_site.admin_view(self.identifiers_view)
        return [path("<int:key>/identifiers/", view, name=name), *super().get_urls()]

    def identifiers_view(self, request: HttpRequest, key: int) -> HttpResponse:
        if not request.user.has_perm(change_permission(self.model)):
            raise PermissionDenied
        record: Any = self.get_queryset(request).filter(pk=key).first()
        if record is None:
            raise Http404
        if request.method != "POST":
            return settling_page(request, self.admin_site, self._settling(request, record))
        with transaction.atomic():
            # Nobody publishes or withdraws it meanwhile.
            record = lock(record)
            if record is None:
                raise Http404
            return settling_page(request, self.admin_site, self._settling(request, record))

    def _settling(self, request: HttpRequest, record: Any) -> Settling:
        options = self.opts
        back = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[record.pk])
        may = record.is_draft or request.user.has_perm(publish_permission(record))
        return Settling(
            title=str(record),
            back=back,
            opts=options,
            standing=record.standing_identifiers(),
            owners=record.identifier_owners(),
            may_settle=may,
            may_take_back=may and record.may_have_gaps,
        )


def owners_with_file(file: Any, publication: Any) -> list[tuple[str, int]]:
    """Return under what the values in a file may be settled, the file's own first."""
    others = publication.identifier_owners() if publication else []
    return [owner_of(file), *(one for one in others if one != owner_of(file))]
