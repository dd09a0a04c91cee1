"""DetailView behind the gate: public, a preview for staff, withdrawn (410), or 404."""

from collections.abc import Callable
from copy import copy
from datetime import datetime
from functools import wraps
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.generic import DetailView

from mscp.publishing.gate import Publishable, change_permission
from mscp.publishing.notes import notes_of
from mscp.publishing.preview_links import PreviewLink, address_of_link

if TYPE_CHECKING:
    _DetailView = DetailView[Publishable]
else:
    _DetailView = DetailView


class Reader(NamedTuple):
    """A person outside who reads a preview by a link (mscp.publishing.preview_links)."""

    name: str
    address: str
    """Under which everything stands that they may read."""
    expires_at: datetime
    noun: str
    """What they read: "practice review"."""
    form: Any = None
    """The form of their answer; None where they may not answer."""
    digest: str = ""
    """The hash of the content that they read."""
    answer: Any = None
    """What they answered about this content."""
    earlier: bool = False
    """Whether they answered about earlier content."""


class PublishedDetailView(_DetailView):
    """Shows what is published to everyone and the rest to staff who may change it.

    For all others a draft, a scheduled record and an address that never existed give the same 404.
    What was withdrawn answers 410 with a page that says so and no more.
    """

    object: Publishable
    notes: list[Any]
    query_parameters: ClassVar[tuple[str, ...]] = ()
    reader: Reader | None = None

    def find(self, slug: str) -> list[Any]:
        """Return the record of this address in a list, whatever its state; empty if none."""
        return list(self.get_queryset().filter(**{self.slug_field: slug}))

    def read_along(self, *, public: bool) -> None:
        """Read the related records, for visitors or for a preview.

        Only after the gate: a draft's 404 must take no longer than any other.
        """

    def get_object(self, queryset: Any = None) -> Any:
        found = self.find(self.kwargs["slug"])
        if not found:
            raise Http404
        return found[0]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        self.object = self.get_object()
        public = self.object.is_published
        if not public and not request.user.has_perm(change_permission(self.object)):
            if self.object.is_withdrawn:
                return self.gone()
            raise Http404
        self._read(public=public)
        if not public:
            return self.preview()
        return self.render_to_response(self.get_context_data(object=self.object))

    def _read(self, *, public: bool) -> None:
        # Before a change takes the place of what it revises.
        self.notes = notes_of(self.object, public=public)
        self.read_along(public=public)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        if self.reader:
            kwargs["reader"] = self.reader
        return super().get_context_data(
            edit_address=self.edit_address(), change_notes=self.notes, **kwargs
        )

    def edit_address(self) -> str:
        """Return the admin address for staff who may change this; "" for anybody else."""
        options = self.object._meta
        if self.reader or not self.request.user.has_perm(change_permission(self.object)):
            return ""
        name = f"admin:{options.app_label}_{options.model_name}_change"
        return reverse(name, args=[self.object.pk])

    def preview_for(self, reader: Reader) -> HttpResponse:
        """Show it to a person outside, whose link the caller has checked."""
        self.reader = reader
        self.object = self.get_object()
        self._read(public=False)
        return self.preview()

    def preview(self) -> HttpResponse:
        if self.object.is_proposed_change:
            return self.preview_of_change(self.object)
        return self._only_for_staff(self.get_context_data(object=self.object, preview=True))

    def preview_of_change(self, change: Publishable) -> HttpResponse:
        """Show a change at the place of what it revises, as it stands: nothing is written for it.

        What belongs to it was read along; what others link to is read for what is live.
        """
        edit_address, previewed = self.edit_address(), copy(change)
        change.stand_in()
        context = self.get_context_data(object=change, preview=True, previewed=previewed)
        return self._only_for_staff({**context, "edit_address": edit_address})

    def _only_for_staff(self, context: dict[str, Any]) -> HttpResponse:
        response = self.render_to_response(context)
        response.headers["X-Robots-Tag"] = "noindex, nofollow"
        add_never_cache_headers(response)
        return response

    def gone(self) -> HttpResponse:
        kind = self.object._meta.verbose_name
        context = {
            "name": self.object.withdrawn_name,
            "kind": kind,
            "when": self.object.withdrawn_at,
            "section": getattr(self, "section", ""),
        }
        response = TemplateResponse(self.request, "410.html", context, status=410)
        response.headers["X-Robots-Tag"] = "noindex"
        return response


def open_link(token: str) -> PreviewLink:
    """Return the valid link of a token, whose record is not withdrawn.

    Raises Http404, after the same one query for one that ended and one that never was.
    """
    link = PreviewLink.objects.of_token(token)
    if link is None or link.record is None or link.record.is_withdrawn:
        raise Http404
    return link


def keep_from_others(response: HttpResponseBase) -> None:
    """Let no cache keep what is behind a link, no search engine list it, and no link tell it."""
    add_never_cache_headers(response)
    response.headers["X-Robots-Tag"] = "noindex, nofollow"
    # The address is the permission: no page that is opened from this one may be told it.
    response.headers["Referrer-Policy"] = "no-referrer"


def behind_link(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorate a view of what a person outside may read by the link of its address.

    Once it is public the link leads to its page.
    """

    @wraps(view)
    def check_link(request: HttpRequest, token: str, **kwargs: object) -> HttpResponseBase:
        link = open_link(token)
        if link.record.is_published:
            response: HttpResponseBase = redirect(link.record.get_absolute_url())
        else:
            response = view(request, link, address_of_link(token), **kwargs)
        keep_from_others(response)
        return response

    return check_link


def reader_of(link: PreviewLink, address: str, **more: Any) -> Reader:
    return Reader(
        name=link.name,
        address=address,
        expires_at=link.expires_at,
        noun=str(link.record._meta.verbose_name),
        **more,
    )
