"""Staff dashboard: open tasks, each linked to the list on which to finish it."""

from collections.abc import Iterator
from typing import Any, NamedTuple

from django.conf import settings
from django.db.models import Model
from django.urls import reverse
from django.utils.formats import date_format

from mscp.database import clock
from mscp.editing.publishing import PROPOSED, TAKEN_BACK
from mscp.models import Backup, ConcernContact, Page, SiteIdentity, StatementConfirmation
from mscp.publishing.gate import State
from mscp.publishing.releases import Release
from mscp.publishing.schedules import taken_back
from mscp.typing import AnyUser
from reviews.models import Briefing, Document, NationalReport, PracticeReview, Publication, Theme
from reviews.suggested_themes import with_suggested_themes
from training.access import access_to_check
from training.models import Course, Delivery, ProgrammeImport, Session, Venue, without_course

PUBLISHABLE = (PracticeReview, NationalReport, Briefing, Course, Page)


class Task(NamedTuple):
    number: int
    text: str
    address: str


def tasks_for(user: AnyUser) -> list[Task]:
    """Return the open tasks that a member of staff may see."""
    return [task for task in _tasks(user) if task.number]


def gaps_for(user: AnyUser) -> list[Task]:
    """Return the gaps in the learning chain, for those who can close them."""
    return [gap for gap in _gaps(user) if gap.number]


def _gaps(user: AnyUser) -> Iterator[Task]:
    if _may(user, "add", Briefing) and _may(user, "view", Theme):
        number = Theme.objects.without_learning().count()
        text = f"{_noun(Theme, number)} with published reviews and no published learning"
        yield Task(number, text, _list(Theme, gap="no-learning"))
    if _may(user, "add", Course) and _may(user, "view", Briefing):
        number = without_course(Briefing.objects.published()).count()
        text = f"published {_noun(Briefing, number)} that no published course goes with"
        yield Task(number, text, _list(Briefing, gap="no-course", state="published"))
    if _may(user, "publish", Course):
        number = Course.objects.published().without_date_ahead().count()
        text = f"published {_noun(Course, number)} with no date ahead"
        yield Task(number, text, _list(Course, dates="none-ahead", state="published"))


def _tasks(user: AnyUser) -> Iterator[Task]:
    # Where there is neither, mscp.site.setting_up asks.
    if _may(user, "change", SiteIdentity) and (identity := SiteIdentity.load()).can_be_asked:
        ways = {"e-mail": identity.email, "telephone": identity.phone}
        missing = [name for name, value in ways.items() if not value]
        text = f"way to reach you missing: {' and '.join(missing)} for questions"
        yield Task(len(missing), text, reverse("admin:mscp_siteidentity_changelist"))
    if _may(user, "change", SiteIdentity):
        identity = SiteIdentity.load()
        text = "notice banner that has ended: take it off, or give it a new last day"
        # Not the address of a step of setting up, which would stand for it.
        address = reverse("admin:mscp_siteidentity_change", args=[1])
        yield Task(int(identity.notice_has_ended(clock.today())), text, address)
    if _may(user, "add", StatementConfirmation):
        latest = StatementConfirmation.objects.first()
        when = (
            f"last confirmed on {date_format(latest.day, 'j F Y')}" if latest else "never confirmed"
        )
        text = f"accessibility statement to read and confirm: {when}"
        address = reverse("admin:mscp_statementconfirmation_add")
        yield Task(int(latest is None or latest.is_due), text, address)
    if user.is_superuser and (said := Backup.overdue()):
        yield Task(1, f"backup overdue: {said[0].lower()}{said[1:]}", _list(Backup))
    for model in PUBLISHABLE:
        if not _may(user, "change", model):
            continue
        for state, adjective in ((State.DRAFT, "in draft"), (State.SCHEDULED, "scheduled")):
            number = model.objects.in_state(state).count()
            yield Task(
                number, f"{_noun(model, number)} {adjective}", _list(model, state=state.value)
            )
        if settings.TWO_PEOPLE:
            number = taken_back(model.objects.all()).count()
            text = (
                f"{_noun(model, number)} no longer scheduled: two people are needed, and nobody "
                "else had approved"
            )
            yield Task(number, text, _list(model, state=TAKEN_BACK))
        number = model.objects.proposed_changes().count()
        text = f"{_noun(model, number)} with a proposed change"
        yield Task(number, text, _list(model, state=PROPOSED))
    if _may(user, "change", Release):
        number = Release.objects.gathered().open().count()
        text = f"{_noun(Release, number)} to go live together"
        yield Task(number, text, _list(Release, state="open"))
    # The rest concerns published records, so it is for those who may change them.
    for model in (PracticeReview, NationalReport, Briefing, Course):
        if _may(user, "publish", model):
            number = _without_theme(model)
            text = f"published {_noun(model, number)} without a theme"
            yield Task(number, text, _list(model, themes__isnull="True", state="published"))
            number = with_suggested_themes(model.objects.all()).count()
            text = f"{_noun(model, number)} with suggested themes to confirm"
            yield Task(number, text, _list(model, suggested="yes"))
    if _may(user, "publish", PracticeReview):
        number = Document.objects.addresses_to_check().count()
        text = (
            "addresses of documents not checked yet" if number != 1 else "address not checked yet"
        )
        yield Task(number, text, _list(Document, url_checked__exact=0, url_missing="no"))
    if _may(user, "change", Document):
        number = Document.objects.with_open_findings().count()
        text = (
            "documents with findings to settle"
            if number != 1
            else "document with findings to settle"
        )
        yield Task(number, text, _list(Document, findings="open"))
        number = Document.objects.with_lost_corrections().count()
        text = (
            "documents whose new file has none of the corrections of the file before"
            if number != 1
            else "document whose new file has none of the corrections of the file before"
        )
        yield Task(number, text, _list(Document, corrections="lost"))
    if _may(user, "publish", Course):
        coming = Session.objects.own_records().upcoming().going_ahead()
        number = coming.filter(venue=None).exclude(delivery=Delivery.ONLINE).count()
        text = f"{_noun(Session, number)} to come without a venue"
        narrowed = {"when": "upcoming", "takes-place": "yes", "venue_missing": "yes"}
        yield Task(number, text, _list(Session, **narrowed))
    if _may(user, "add", Session):
        number = ProgrammeImport.objects.filter(imported_at=None).count()
        text = f"{_noun(ProgrammeImport, number)} to look through"
        yield Task(number, text, _list(ProgrammeImport, imported_at_missing="yes"))
    if _may(user, "change", Venue):
        number = access_to_check(Venue.objects.all()).count()
        text = f"{_noun(Venue, number)} in use, access not checked for 12 months"
        yield Task(number, text, _list(Venue, **{"access-check": "due"}))
    if _may(user, "change", ConcernContact):
        number = ConcernContact.objects.filter(verified_on=None).count()
        text = f"{_noun(ConcernContact, number)} that nobody has checked"
        yield Task(number, text, _list(ConcernContact, verified_on_missing="yes"))


def _without_theme(model: Any) -> int:
    """Count published records without a theme, in the common table if there is one."""
    published = (
        Publication.objects.published().filter(kind=model.KIND)
        if issubclass(model, Publication)
        else model.objects.published()
    )
    return published.exclude(themes__isnull=False).count()


def _may(user: AnyUser, action: str, model: type[Model]) -> bool:
    return user.has_perm(f"{model._meta.app_label}.{action}_{model._meta.model_name}")


def _noun(model: type[Model], number: int) -> str:
    names = model._meta
    return str(names.verbose_name if number == 1 else names.verbose_name_plural)


def _list(model: type[Model], **query: object) -> str:
    options = model._meta
    address = reverse(f"admin:{options.app_label}_{options.model_name}_changelist")
    return f"{address}?{'&'.join(f'{name}={value}' for name, value in query.items())}"
