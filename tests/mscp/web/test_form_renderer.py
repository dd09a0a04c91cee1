"""Forms look the same, whichever of Django's two sets of templates they are rendered with."""

from typing import Any

import pytest
from django import forms
from django.contrib.admin.widgets import AdminDateWidget, AdminSplitDateTime
from django.forms.renderers import TemplatesSetting, get_default_renderer
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy
from pytest_django.asserts import assertHTMLEqual

from mscp.web.form_renderer import FormRenderer

HOSTILE = "<b title='x'>&\"</b>"
CHOICES = [(1, HOSTILE), ("Group", [(1000, "thousand"), (True, "yes")]), ("", "---")]


class Every(forms.Form):
    text = forms.CharField(label=HOSTILE, help_text="<i>Short.</i>", max_length=5)
    lazy = forms.CharField(label=gettext_lazy("Name"), required=False)
    long = forms.CharField(widget=forms.Textarea(attrs={"rows": 1000, "spellcheck": False}))
    number = forms.IntegerField(min_value=1000, initial=12_345)
    yes = forms.BooleanField(initial=True, disabled=True)
    day = forms.DateField(widget=AdminDateWidget)
    moment = forms.SplitDateTimeField(widget=AdminSplitDateTime)
    one = forms.ChoiceField(choices=CHOICES)
    some = forms.MultipleChoiceField(choices=CHOICES)
    ticks = forms.MultipleChoiceField(choices=CHOICES, widget=forms.CheckboxSelectMultiple)
    radio = forms.ChoiceField(choices=CHOICES, widget=forms.RadioSelect)
    secret = forms.CharField(widget=forms.PasswordInput)
    hidden = forms.CharField(widget=forms.HiddenInput, initial=HOSTILE)
    file = forms.FileField(required=False)


class Kept:
    """A file that is there already."""

    url = "/kept.pdf?a=1&b=2"

    def __str__(self) -> str:
        return HOSTILE


TYPED: dict[str, Any] = {
    "empty": None,
    "wrong": {"text": HOSTILE, "number": HOSTILE, "one": "9", "hidden": ""},
    "right": {"text": "a", "long": f"\n{HOSTILE}", "number": "5,000", "some": ["1", "1000"]},
    "with NUL": {"text": "\x00", "day": "31/02/2027", "ticks": ["True", "1"], "radio": "1"},
}


@pytest.mark.parametrize("shown", ["as_div", "as_p", "as_ul", "as_table"])
@pytest.mark.parametrize("typed", TYPED)
def test_a_form_is_the_same_by_both_sets_of_templates(typed: str, shown: str) -> None:
    ours, djangos = (
        getattr(Every(TYPED[typed], initial={"one": 1, "file": Kept()}, renderer=renderer), shown)()
        for renderer in (FormRenderer(), TemplatesSetting())
    )
    assertHTMLEqual(ours, djangos)
    assert isinstance(ours, SafeString)


def test_rows_of_a_formset_are_the_same_too() -> None:
    rows = forms.formset_factory(Every, extra=2, can_delete=True, can_order=True)
    ours, djangos = rows(), rows()
    ours.renderer, djangos.renderer = FormRenderer(), TemplatesSetting()
    assertHTMLEqual(ours.as_table(), djangos.as_table())


def test_what_is_typed_is_escaped() -> None:
    shown = Every({"text": HOSTILE}, initial={"file": Kept()}, renderer=FormRenderer()).as_div()
    assert "<b title" not in shown and shown.count("&lt;b title=") > 6


def test_the_site_renders_its_forms_with_it() -> None:
    assert isinstance(get_default_renderer(), FormRenderer)
