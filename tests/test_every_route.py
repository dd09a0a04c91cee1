"""Every address of the admin, pressed by one person: nothing of theirs is public afterwards.

The world is made by the person who sends the forms. What readers see is read before and after each
form, with all that a form can say: its own fields, a state and a moment, invented words.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.contrib import admin
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.test import Client
from django.urls import get_resolver, resolve

from mscp.cache import versions
from mscp.models import PendingChange, Release
from mscp.publishing.approvals import shipped_content
from mscp.publishing.content_hash import content_hash
from mscp.publishing.gate import Publishable, State
from mscp.publishing.pending import WithoutDraft
from mscp.records.audit import set_author
from reviews.models import Document, DocumentPage, PracticeReview
from tests.admin_forms import fields_of
from tests.factories import (
    MINIMAL_PDF,
    make_file,
    make_finding,
    make_review,
    make_theme,
    make_venue,
    past_the_gate,
)
from tests.mscp.listing.test_reading_pages import ONLY_POST, make_everything, staff_addresses
from tests.pages import body_of
from tests.test_public_surfaces import routes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("kept_readings")]

PEOPLE = ["editor", "publisher", "administrator"]
INVENTED = "Quokka"
# Of forms: the fields that hold words.
WORDS = re.compile(
    r"(^|-)(title|name|text|label|summary|description|body|intro|how_tested|directions|"
    r"accessibility|group|town|pseudonym|background)$"
)
# It is about no record: signing in and out, one's own password, the search, help while typing.
OF_NO_RECORD = {
    *("login", "logout", "password_change", "password_change_done", "jsi18n", "index", "None"),
    *("autocomplete", "app_list", "search", "formatted", "setting-up", "view_on_site"),
    *("autosave", "autosave_throw_away", "typed", "pasted"),
    # What somebody outside answered is dealt with: nobody reads of it.
    "mscp_previewlink_settle",
}


@pytest.fixture(autouse=True)
def contexts_not_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    """Copy no contexts of templates: nothing here looks at them, and a form has hundreds."""
    monkeypatch.setattr("django.test.client.store_rendered_templates", lambda *_, **__: None)


def what_readers_see() -> dict[tuple[str, int], str]:
    """Return what is live or scheduled, and what has no draft, by a hash of what it says."""
    seen = {}
    for model in apps.get_models():
        if issubclass(model, Publishable) and not model.__subclasses__():
            rows: Any = model._base_manager.filter(state="published")
        elif issubclass(model, WithoutDraft):
            rows = [one for one in model._base_manager.all() if one.is_seen()]
        else:
            continue
        for record in rows:
            seen[model._meta.label, record.pk] = content_hash(record)
    live = Document.objects.filter(publication__state="published").values("file")
    for page in DocumentPage.objects.filter(file__in=live):
        seen[page._meta.label, page.pk] = f"{page.text} {page.blocks} {page.picture_alt}"
    return seen


def drafts() -> Iterator[Any]:
    for model in apps.get_models():
        if issubclass(model, Publishable) and not model.__subclasses__():
            yield from model._base_manager.filter(state="draft")


class OwnWork:
    """Something of everything, all of it written by one person."""

    def __init__(self, client: Client) -> None:
        user: Any = client.user  # type: ignore[attr-defined]
        world = make_everything(client)
        self.draft = make_review(state=State.DRAFT, title="Oak", summary="Words.")
        self.document = Document.objects.create(
            publication=self.draft, title="Report", file=make_file(MINIMAL_PDF)
        )
        finding = make_finding(self.document.file, kind="no_tags", details=[])  # type: ignore[arg-type]
        other = make_file(MINIMAL_PDF + b"\n", document=self.document)
        self.release = Release.objects.create(title="Oak")
        for record in drafts():
            record._history_user = user
            set_author(record, user)
            if not record.is_proposed_change and not record.release_id:
                record.release = self.release
            # Its words are of this person.
            for name in ("summary", "body"):
                if hasattr(record, name):
                    setattr(record, name, "Words of one person.")
            record.save()
        self.venues, self.themes = (make_venue(), make_venue()), (make_theme(), make_theme())
        # One that is live already, and of which a version waits.
        self.live = make_review(state=State.DRAFT, title="Elm")
        served = Document.objects.create(
            publication=self.live, title="Report", file=make_file(MINIMAL_PDF + b" ")
        )
        self.waits = make_file(MINIMAL_PDF + b"  ", document=served)
        self.served = served.file
        past_the_gate(
            PracticeReview.objects.filter(pk=self.live.pk),
            state="published",
            published_at="2026-01-01T00:00Z",
            first_published_at="2026-01-01T00:00Z",
        )
        self.only_post = {
            **{
                f"admin:reviews_documentfile_{name}": [
                    f"/admin/reviews/documentfile/{file.uid}/{address}/"
                    for file in (self.document.file, other, self.waits)
                ]
                for name, address in {
                    "accept": "accept",
                    "take_back": f"take-back/{finding.pk}",
                    "clean": "clean",
                    "use": "use",
                    "discard": "discard",
                    "restore": "pages/1/put-back",
                }.items()
            },
            "admin:reviews_documentfile_upload": ["/admin/reviews/documentfile/upload/"],
            "admin:mscp_pendingchange_decide": [
                f"/admin/mscp/pendingchange/{change.pk}/decide/"
                for change in PendingChange.objects.all()
            ],
            **{
                f"admin:{record._meta.app_label}_{record._meta.model_name}_propose": [
                    f"/admin/{record._meta.app_label}/{record._meta.model_name}/{record.pk}/propose/"
                ]
                for record in [*drafts(), self.live]
            },
        }
        self.addresses = [
            one for one in staff_addresses(world) if one.startswith("/admin/")
        ] + self._of_own()

    def _of_own(self) -> list[str]:
        """Return the addresses of the person's own draft, of each merge, and of the release."""
        base = "/admin/reviews/practicereview/"
        steps = admin.site._registry[PracticeReview].confirmed_actions
        found = [f"{base}step/{name}/?id={self.draft.pk}" for name in steps]
        found += [f"{base}{self.draft.pk}/change/", f"{base}{self.live.pk}/change/"]
        found += [f"/admin/reviews/document/{self.document.pk}/change/"]
        for file in (self.document.file, self.served, self.waits):
            base_of_file = f"/admin/reviews/documentfile/{file.uid}/"  # type: ignore[union-attr]
            found += [f"{base_of_file}pages/1/", f"{base_of_file}corrections-before/"]
            found.append(f"{base_of_file}word/")
        for name, (first, second) in {
            "training/venue": self.venues,
            "reviews/theme": self.themes,
        }.items():
            found.append(f"/admin/{name}/{first.pk}/merge/?into={second.pk}")
        of_release = f"/admin/mscp/release/{self.release.pk}/change/"
        steps = admin.site._registry[Release].confirmed_actions
        found += [of_release] + [
            f"/admin/mscp/release/step/{name}/?id={self.release.pk}" for name in steps
        ]
        gather = f"/admin/mscp/release/gather/?of=reviews.practicereview:{self.draft.pk}"
        return [*found, gather]

    def all_addresses(self) -> list[str]:
        return [*self.addresses, *(one for some in self.only_post.values() for one in some)]


def forms_of(address: str, opened: Any) -> Iterator[dict[str, Any]]:
    """Yield what somebody may send to an address: its own form, and one that says all."""
    own = fields_of(opened) if opened.status_code == 200 else {}
    typed = {
        name: f"{value} {INVENTED}".strip()
        for name, value in own.items()
        if isinstance(value, str) and WORDS.search(name)
    }
    crafted = {
        "state": "published",
        "published_at_0": "2026-01-01",
        "published_at_1": "10:00",
        "published_at": "2026-01-01 10:00",
        "moment": "2027-01-01T10:00",
        "reason": "A reason",
        "note": "A note",
        "post": "yes",
        "confirm": "x",
        "into": "1",
        "file": SimpleUploadedFile("a.pdf", MINIMAL_PDF, "application/pdf"),
    }
    # What a form leaves empty is filled in.
    own |= {name: value for name, value in crafted.items() if name in own and not own[name]}
    typed = {name: value for name, value in typed.items() if name not in crafted}
    # A form takes the first of the buttons that it knows.
    for button in ("_publish", "_approve") if b"_publish" in opened.content else ("_save",):
        yield {**crafted, **own, **typed, button: "x"}
    if typed:
        # What is there already is refused nowhere.
        yield {**crafted, **own, "_save": "x"}


def is_refused(client: Client, address: str, before: dict[Any, str]) -> list[str]:
    """Send the forms of an address, each from the same beginning; return what became public."""
    found = []
    opened = client.get(address)
    if opened.streaming:
        body_of(opened)
        return []
    version = versions.current()
    for sent in forms_of(address, opened):
        with transaction.atomic():
            response = client.post(address, sent)
            if response.streaming:
                body_of(response)
            if response.status_code >= 500:
                found.append(f"{address}: {response.status_code}")
            # Every change of what is public raises it.
            after = before if versions.current() == version else what_readers_see()
            if new := {key for key, words in after.items() if before.get(key) != words}:
                found.append(f"{address}: {sorted(new)} by {[*sent]}")
            transaction.set_rollback(True)
    return found


def test_the_routes_are_all_that_there_are(administrator: Client) -> None:
    with shipped_content():
        own = OwnWork(administrator)
    tried = {resolve(one.partition("?")[0]).view_name for one in own.addresses}
    tried |= set(own.only_post)
    known = {name for name in routes(get_resolver()) if name.startswith("admin:")}
    assert known >= ONLY_POST
    left = {name.removeprefix("admin:") for name in known - tried}
    assert left <= OF_NO_RECORD, "A new route must be tried here."


@pytest.mark.parametrize("person", PEOPLE)
def test_nothing_of_ones_own_goes_live_by_any_route(
    person: str, request: pytest.FixtureRequest, settings: Any
) -> None:
    client: Client = request.getfixturevalue(person)
    with shipped_content():
        own = OwnWork(client)
    settings.TWO_PEOPLE = True
    client.raise_request_exception = False
    before = what_readers_see()
    found = [line for one in own.all_addresses() for line in is_refused(client, one, before)]
    assert not found, "\n".join(found)


def test_with_one_person_an_editor_still_publishes_nothing(editor: Client) -> None:
    with shipped_content():
        own = OwnWork(editor)
    editor.raise_request_exception = False
    before = what_readers_see()
    found = [line for one in own.all_addresses() for line in is_refused(editor, one, before)]
    assert not found, "\n".join(found)


def test_with_one_person_the_same_forms_do_publish(publisher: Client) -> None:
    """The walk sends what a person would: so it sees what goes live."""
    with shipped_content():
        own = OwnWork(publisher)
    publisher.raise_request_exception = False
    before = what_readers_see()
    tried = ("/step/publish/", "/step/schedule/", "/step/apply/", "theme/", "/step/go-live/")
    for part in tried:
        some = [one for one in own.all_addresses() if part in one]
        assert any(is_refused(publisher, one, before) for one in some), part
