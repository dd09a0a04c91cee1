"""Page of a publication on which an editor asks whether words that must not appear stand in it.

What is typed there is kept nowhere: the form has no token of autosave, its answer is never stored,
and the fields are left out of reports of errors.
"""

from typing import Any, TypeVar

from django import forms
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.cache import patch_cache_control
from django.utils.decorators import method_decorator
from django.utils.html import format_html
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from mscp.editing.generic import ModelAdminMixin
from mscp.editing.publishing import MAKES_PUBLIC
from mscp.publishing.absence import AbsenceCheck, absence_status, keep_answer
from mscp.publishing.content_hash import content_hash
from mscp.publishing.gate import change_permission
from mscp.text.occurrences import LONGEST_LINE, MOST_LINES, Wanted
from reviews.absence import look_for
from reviews.models import Publication

Asked = TypeVar("Asked", bound=Publication)

MOST_SHOWN = 10


class WordsForm(forms.Form):
    """Words that must not appear, one a line."""

    words = forms.CharField(
        label="Names, places and dates, one a line",
        strip=False,
        widget=forms.Textarea(
            attrs={
                "rows": 8,
                "class": "vLargeTextField",
                # Nothing of it is to be kept or sent elsewhere by a browser.
                **{"autocomplete": "off", "autocapitalize": "off", "autocorrect": "off"},
                "spellcheck": "false",
            }
        ),
        error_messages={"required": "Type what must not appear, one a line."},
    )

    @sensitive_variables()
    def clean_words(self) -> str:
        words: str = self.cleaned_data["words"]
        lines = [line.strip() for line in words.splitlines() if line.strip()]
        if not any(letter.isalnum() for letter in words):
            raise forms.ValidationError("Type what must not appear, one a line.")
        if len(lines) > MOST_LINES:
            raise forms.ValidationError(f"Ask for at most {MOST_LINES} at a time.")
        if any(len(line) > LONGEST_LINE for line in lines):
            raise forms.ValidationError(
                f"One of the lines has more than {LONGEST_LINE} characters: one name, place or "
                "date a line."
            )
        short = [line for line in lines if sum(map(str.isalnum, line)) < 2]
        if short:
            raise forms.ValidationError("One letter alone would be found everywhere.")
        return "\n".join(lines)


@sensitive_variables()
def _answer(request: HttpRequest, form: WordsForm, record: Any) -> dict[str, Any]:
    """Look for what was typed, keep that it was asked, and return what the page shows of it."""
    wanted = Wanted.of(form.cleaned_data["words"])
    found = look_for(wanted, record)
    is_same = content_hash(type(record)._default_manager.get(pk=record.pk)) == found.content_hash
    if found.unread or not is_same:
        return {"found": found, "is_same": is_same}
    answer = keep_answer(
        record,
        content=found.content_hash,
        words=wanted.lines,
        places=len(found.places),
        user=request.user,
    )
    return {"found": found, "is_same": True, "answer": answer}


class AsksWhatMustNotAppear(ModelAdminMixin[Asked]):
    """Mixin of the admin of publications."""

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_must_not_appear"
        view = self.admin_site.admin_view(self.must_not_appear_view)
        return [path("<int:key>/must-not-appear/", view, name=name), *super().get_urls()]

    @method_decorator(sensitive_post_parameters())
    def must_not_appear_view(self, request: HttpRequest, key: int) -> HttpResponse:
        if not request.user.has_perm(change_permission(self.model)):
            raise PermissionDenied
        record: Any = self.get_queryset(request).filter(pk=key).first()
        if record is None:
            raise Http404
        form = WordsForm(request.POST if request.method == "POST" else None)
        answered: dict[str, Any] = {}
        if request.method == "POST" and form.is_valid():
            answered = _answer(request, form, record)
            form = WordsForm()
        context = {
            **self.admin_site.each_context(request),
            "title": f"Must not appear: {record}",
            "opts": self.opts,
            "record": record,
            "back": _form_address(record),
            "form": form,
            "status": absence_status(record),
            "earlier": AbsenceCheck.objects.of(record)[:MOST_SHOWN],
            **answered,
        }
        status = 400 if form.errors else 200
        response = TemplateResponse(
            request, "admin/reviews/must_not_appear.html", context, status=status
        )
        patch_cache_control(response, no_store=True, no_cache=True, private=True)
        response.headers["Referrer-Policy"] = "same-origin"
        return response

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Asked | None = None,
    ) -> HttpResponse:
        if obj and obj.pk and request.user.has_perm(change_permission(self.model)):
            context["absence"] = absence_status(obj)
            context["absence_address"] = must_not_appear_address(obj)
        view: Any = super()
        response: HttpResponse = view.render_change_form(
            request, context, add, change, form_url, obj
        )
        return response

    def advice_on(self, request: HttpRequest, name: str, record: Asked) -> list[str]:
        view: Any = super()
        advice: list[str] = view.advice_on(request, name, record)
        if name not in MAKES_PUBLIC:
            return advice
        link = '<a href="{}">Must not appear</a>: {}.'
        status = absence_status(record).in_words
        return [*advice, format_html(link, must_not_appear_address(record), status)]


def _form_address(record: Any) -> str:
    options = record._meta
    return reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[record.pk])


def must_not_appear_address(record: Any) -> str:
    options = record._meta
    return reverse(
        f"admin:{options.app_label}_{options.model_name}_must_not_appear", args=[record.pk]
    )
