"""DetailView behind the gate: public, a preview for staff, withdrawn (410), or 404."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.views.generic import DetailView

from mscp.publishing.gate import Publishable, change_permission

if TYPE_CHECKING:
    _DetailView = DetailView[Publishable]
else:
    _DetailView = DetailView


class PublishedDetailView(_DetailView):
    """Shows what is published to everyone and the rest to staff who may change it.

    For all others a draft, a scheduled record and an address that never existed give the same 404.
    What was withdrawn answers 410 with a page that says so and no more.
    """

    object: Publishable
    query_parameters: ClassVar[tuple[str, ...]] = ()

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
        self.read_along(public=public)
        if not public:
            return self.preview()
        return self.render_to_response(self.get_context_data(object=self.object))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(edit_address=self.edit_address(), **kwargs)

    def edit_address(self) -> str:
        """Return the admin address for staff who may change this; "" for anybody else."""
        options = self.object._meta
        if not self.request.user.has_perm(change_permission(self.object)):
            return ""
        name = f"admin:{options.app_label}_{options.model_name}_change"
        return reverse(name, args=[self.object.pk])

    def preview(self) -> HttpResponse:
        if self.object.is_proposed_change:
            return self.preview_of_change(self.object)
        return self._only_for_staff(self.get_context_data(object=self.object, preview=True))

    def preview_of_change(self, change: Publishable) -> HttpResponse:
        """Show the page of what a change revises as it will be, to staff."""
        edit_address = self.edit_address()
        with change.as_applied() as live:
            found: Any = live
            self.object = self.find(found.slug)[0]
            self.read_along(public=False)
            context = self.get_context_data(object=self.object, preview=True, previewed=change)
            context["edit_address"] = edit_address
            response: Any = self._only_for_staff(context)
            rendered: HttpResponse = response if response.is_rendered else response.render()
            return rendered

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
