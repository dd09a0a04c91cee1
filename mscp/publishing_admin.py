"""Publishing in the admin: who may, the state in words, and the four steps between states."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.http import urlencode

from mscp.history import because
from mscp.publishing import (
    Publishable,
    Stage,
    change_permission,
    publish_permission,
)
from mscp.tracked_admin import TrackedAdmin, TrackedFields, lock, stamp


def may_change(user: Any, record: Publishable, model: Any = None) -> bool:
    """Tell whether a user may edit a record: to edit what is not a draft is to publish."""
    model = model or record
    if not user.has_perm(change_permission(model)):
        return False
    return record.is_draft or user.has_perm(publish_permission(model))


class StageFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Any:
        return Stage.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        value = self.value()
        return queryset.at_stage(Stage(value)) if value in Stage.values else queryset


class ScheduleForm(forms.Form):
    moment = forms.DateTimeField(
        label="Goes live on",
        help_text="London time. Until then nobody but staff can see it.",
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )

    def clean_moment(self) -> Any:
        moment = self.cleaned_data["moment"]
        if moment <= timezone.now():
            raise ValidationError("Choose a moment that lies ahead, or publish now.")
        return moment


class WithdrawForm(forms.Form):
    reason = forms.CharField(
        label="Reason",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
        help_text="For staff, kept with the record. It is never shown to visitors.",
    )
    name = forms.CharField(
        label="What the page calls it",
        max_length=200,
        required=False,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=(
            "Its address will say that this was withdrawn, and when. Leave empty if the name "
            "itself must not be shown."
        ),
    )


class NoForm(forms.Form):
    """For the steps that ask for nothing but a yes."""


@dataclass(frozen=True)
class Step:
    """One step between states, as the admin offers it."""

    label: str
    done: str
    from_stages: tuple[Stage, ...]
    explanation: str
    apply: Callable[[Any, dict[str, Any]], None]
    form: type[forms.Form] = NoForm
    harmful: bool = False


STEPS = {
    "publish": Step(
        label="Publish",
        done="published",
        from_stages=(Stage.DRAFT, Stage.SCHEDULED, Stage.WITHDRAWN),
        explanation="From this moment everybody can read it, and it stands in lists and searches.",
        apply=lambda record, data: record.publish(),
    ),
    "schedule": Step(
        label="Schedule",
        done="scheduled",
        from_stages=(Stage.DRAFT, Stage.SCHEDULED, Stage.WITHDRAWN),
        explanation="It goes live by itself at the moment you choose.",
        apply=lambda record, data: record.publish(at=data["moment"]),
        form=ScheduleForm,
    ),
    "withdraw": Step(
        label="Withdraw",
        done="withdrawn",
        from_stages=(Stage.PUBLISHED,),
        explanation=(
            "At once it is gone from every page, list, file and search. Its address tells that it "
            "was withdrawn and how to ask about it. What belongs with it (learnings, courses, "
            "reviews) stays public: look whether any of it repeats what must not be read."
        ),
        apply=lambda record, data: record.withdraw(**data),
        form=WithdrawForm,
        harmful=True,
    ),
    "to-draft": Step(
        label="Return to draft",
        done="returned to draft",
        from_stages=(Stage.SCHEDULED, Stage.WITHDRAWN),
        explanation="It becomes a draft again, and its address answers as if it had never existed.",
        apply=lambda record, data: record.return_to_draft(),
    ),
}


LEADING_TO_THE_PUBLIC = ("publish", "schedule")


def _advice(name: str, record: Publishable) -> list[str]:
    return record.publishing_advice() if name in LEADING_TO_THE_PUBLIC else []


def _action(name: str) -> Callable[..., HttpResponse]:
    @admin.action(description=f"{STEPS[name].label} selected…", permissions=["publish"])
    def go(modeladmin: Any, request: HttpRequest, queryset: Any) -> HttpResponse:
        keys = list(queryset.values_list("pk", flat=True))
        return HttpResponseRedirect(modeladmin.step_address(name, *keys))

    go.__name__ = name.replace("-", "_")
    return go


class PublishableAdmin(TrackedAdmin):
    """The base of the admin of everything that is drafted, published and withdrawn."""

    change_form_template = "admin/publishable_change_form.html"
    actions = [_action(name) for name in STEPS]

    # --- who may ------------------------------------------------------------------------------

    def has_publish_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm(publish_permission(self.model))

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        return allowed and (obj is None or may_change(request.user, obj))

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Allow drafts and withdrawn records only: what is public is withdrawn first."""
        allowed = super().has_delete_permission(request, obj)
        if obj is None or not allowed:
            return allowed
        gone = obj.is_draft or obj.is_withdrawn
        return gone and may_change(request.user, obj)

    # --- how it looks -------------------------------------------------------------------------

    @admin.display(description="state", ordering="published_at")
    def stage(self, obj: Publishable) -> str:
        stage = obj.stage
        return format_html('<span class="stage stage-{}">{}</span>', stage.value, stage.label)

    def view_on_site(self, obj: Any) -> str:
        return obj.get_absolute_url()

    def render_change_form(
        self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any
    ) -> Any:
        obj = kwargs.get("obj")
        stage = obj.stage if obj else Stage.DRAFT
        may_publish = self.has_publish_permission(request)
        steps = [
            (name, step)
            for name, step in STEPS.items()
            if may_publish and stage in step.from_stages
        ]
        context |= {
            "stage": stage,
            "state_in_words": obj.state_in_words if obj else "A draft, once you have saved it.",
            "obstacles": obj.publishing_obstacles() if obj and not obj.is_published else [],
            "advice": obj.publishing_advice() if obj else [],
            "steps": steps,
            "step_links": [(step, self.step_address(name, obj.pk)) for name, step in steps if obj],
            "may_publish": may_publish,
        }
        return super().render_change_form(request, context, *args, **kwargs)

    # --- the steps ----------------------------------------------------------------------------

    def step_address(self, name: str, *keys: Any) -> str:
        address = reverse(self._step_url_name, args=[name])
        return f"{address}?{urlencode({'id': keys}, doseq=True)}"

    @property
    def _step_url_name(self) -> str:
        return f"admin:{self.opts.app_label}_{self.opts.model_name}_step"

    def get_urls(self) -> Any:
        view = self.admin_site.admin_view(self.step_view)
        name = self._step_url_name.removeprefix("admin:")
        return [path("step/<slug:name>/", view, name=name), *super().get_urls()]

    def response_add(self, request: HttpRequest, obj: Any, *args: Any, **kwargs: Any) -> Any:
        if "_preview" in request.POST:
            # By way of the saved record's own form, so that "back" from the preview leads there
            # and not to the form that would add it a second time.
            link = format_html('<a href="{}">See the preview</a>', obj.get_absolute_url())
            messages.success(request, format_html("Saved as a draft. {}", link))
            return HttpResponseRedirect(self._address_after(obj))
        return self._go_on(request, obj) or super().response_add(request, obj, *args, **kwargs)

    def response_change(self, request: HttpRequest, obj: Any) -> Any:
        return self._go_on(request, obj) or super().response_change(request, obj)

    def _go_on(self, request: HttpRequest, obj: Any) -> HttpResponse | None:
        """Follow the button that saved the form: to the preview, or to a step's own page."""
        if "_preview" in request.POST:
            return HttpResponseRedirect(obj.get_absolute_url())
        for name in STEPS:
            if f"_{name}" in request.POST:
                messages.success(request, "Saved.")
                return HttpResponseRedirect(self.step_address(name, obj.pk))
        return None

    def step_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Ask before a step and take it: for one record from its form, for many from the list."""
        with transaction.atomic():
            return self._ask_or_take(request, name)

    def _ask_or_take(self, request: HttpRequest, name: str) -> HttpResponse:
        step = STEPS.get(name)
        if step is None:
            raise Http404
        if not self.has_publish_permission(request):
            raise PermissionDenied
        # What no database takes as a key is no key.
        keys = [key for key in request.GET.getlist("id") if re.fullmatch("[0-9]{1,18}", key)]
        records = list(self.get_queryset(request).filter(pk__in=keys).order_by("pk"))
        if request.method == "POST":
            # What was read before the lock could be saved over a colleague's edit, or bring back
            # what a colleague deleted.
            records = [record for record in map(lock, records) if record]
        if not records:
            raise Http404
        possible, refused = self._sort_out(step, name, records)
        single = records[0] if len(records) == 1 else None
        initial = {"name": str(single)} if single else {}
        form = step.form(request.POST if request.method == "POST" else None, initial=initial)
        versions = ",".join(f"{record.pk}:{record.version}" for record in records)
        changed = request.method == "POST" and request.POST.get("versions", versions) != versions
        if request.method == "POST" and possible and form.is_valid() and not changed:
            self._take(request, step, name, possible, form.cleaned_data)
            return HttpResponseRedirect(self._address_after(single))
        context = {
            **self.admin_site.each_context(request),
            "title": f"{step.label}: {single}"
            if single
            else f"{step.label} {len(records)} records",
            "opts": self.opts,
            "original": single,
            "step": step,
            "possible": [(record, _advice(name, record)) for record in possible],
            "refused": refused,
            "versions": versions,
            "changed": changed,
            "form": form,
            "back": self._address_after(single),
        }
        return TemplateResponse(request, "admin/publishing_step.html", context)

    def _sort_out(self, step: Step, name: str, records: list[Any]) -> tuple[list[Any], list[Any]]:
        """Part what the step can be taken with from what it cannot, each with the reasons."""
        possible, refused = [], []
        for record in records:
            reasons = []
            if record.stage not in step.from_stages:
                reasons = [f"It is {record.stage.label.lower()}."]
            elif name in LEADING_TO_THE_PUBLIC:
                reasons = record.publishing_obstacles()
            if reasons:
                refused.append((record, reasons))
            else:
                possible.append(record)
        return possible, refused

    def _take(
        self, request: HttpRequest, step: Step, name: str, records: list[Any], data: dict[str, Any]
    ) -> None:
        for record in records:
            stamp(record, request.user)
            step.apply(because(record, step.done.capitalize()), data)
            self.log_change(request, record, step.done.capitalize() + ".")
        what = str(records[0]) if len(records) == 1 else f"{len(records)} records"
        moment = f" for {_moment(data['moment'])}" if name == "schedule" else ""
        messages.success(request, f"{what}: {step.done}{moment}.")

    def _address_after(self, single: Any) -> str:
        base = f"admin:{self.opts.app_label}_{self.opts.model_name}"
        if single:
            return reverse(f"{base}_change", args=[single.pk])
        return reverse(f"{base}_changelist")


def _moment(moment: Any) -> str:
    return date_format(timezone.localtime(moment), "j F Y, H:i")


class PartOfPublishable(TrackedFields):
    """For records edited inside their parent: whoever may change it may change them."""

    def _may(self, request: HttpRequest, parent: Any) -> bool:
        return parent is None or not parent.pk or may_change(request.user, parent)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_add_permission(request, obj) and self._may(request, obj)  # type: ignore[misc]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._may(request, obj)  # type: ignore[misc]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self._may(request, obj)  # type: ignore[misc]
