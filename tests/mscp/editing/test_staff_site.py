"""The frame of the staff pages: what is daily and what is rare, and what is asked for once."""

import re

import pytest
from django.template import Context, Template
from django.test import Client
from django.utils.safestring import SafeString

from mscp.publishing.gate import State
from mscp.templatetags.staff_lists import named_by
from tests.factories import make_course, make_review
from tests.pages import text_of

pytestmark = pytest.mark.django_db


def test_what_is_rare_stands_apart_and_opens_where_one_is(administrator: Client) -> None:
    page = administrator.get("/admin/reviews/practicereview/").content.decode()
    daily, rare = page.split('<details class="nav-rare"')
    assert '<a href="/admin/reviews/practicereview/" aria-current="page">' in daily
    assert "/admin/training/audience/" not in daily and "/admin/training/audience/" in rare
    assert not rare.startswith(" open")
    page = administrator.get("/admin/training/audience/add/").content.decode()
    assert '<details class="nav-rare" open>' in page


def test_sections_are_those_that_one_may_open(editor: Client) -> None:
    page = editor.get("/admin/").content.decode()
    assert "/admin/reviews/practicereview/add/" in page
    assert "/admin/auth/user/" not in page


def test_what_the_guide_asks_for_is_no_task_as_well(publisher: Client) -> None:
    make_review(state=State.DRAFT), make_course(state=State.DRAFT)
    page = publisher.get("/admin/")
    drafts = re.findall(r'href="(/admin/\w+/\w+/\?state=draft)"', page.content.decode())
    assert sorted(drafts) == [
        "/admin/reviews/practicereview/?state=draft",
        "/admin/training/course/?state=draft",
    ]
    assert "practice review in draft" not in text_of(page)
    # Put aside, the guide asks no longer; the draft is there all the same.
    publisher.post("/admin/setting-up/", {"step": "review"})
    assert "1 practice review in draft" in text_of(publisher.get("/admin/"))


def test_each_cell_has_the_name_of_its_column() -> None:
    cells = [SafeString('<th class="field-a"><a href="#">x</a></th>'), SafeString("<td>y</td>")]
    headers = [{"text": 'size "in" <b>'}, {"text": "b", "class_attrib": ' class="action-checkbox"'}]
    assert list(named_by(cells, headers)) == [
        '<th data-name="Size &quot;in&quot; &lt;b&gt;" class="field-a"><a href="#">x</a></th>',
        "<td>y</td>",
    ]
    template = Template(
        "{% load staff_lists %}{% for c in cells|named_by:headers %}{{ c }}{% endfor %}"
    )
    assert "&lt;td" not in template.render(Context({"cells": cells, "headers": headers}))
