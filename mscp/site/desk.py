"""The desk of one member of staff: what waits for them, what they sent, what goes live when."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import chain
from typing import Any, NamedTuple

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format

from mscp.database import clock
from mscp.editing.handover_mail import approvers
from mscp.editing.outside_answers import PLACE, open_answers
from mscp.editing.pending import address_of, seen_by
from mscp.models import Page, PendingChange, Release
from mscp.publishing.approvals import Handover, Step, refusal
from mscp.publishing.gate import Publishable, State, change_permission, publish_permission
from mscp.typing import AnyUser
from reviews.models import Briefing, NationalReport, PracticeReview
from training.models import Course

MODELS: tuple[type[Publishable], ...] = (PracticeReview, NationalReport, Briefing, Course, Page)
# Of each list. Who has more will not read it here.
MOST = 20
WEEK = timedelta(days=7)


class Item(NamedTuple):
    """A record on the desk, and what there is to know of it."""

    title: str
    kind: str
    address: str
    words: str
    problems: list[str]


class Desk(NamedTuple):
    waiting: list[Item]
    sent: list[Item]
    written: list[Item]
    going_live: list[Item]
    too_few: str
    """Why nothing can go live, where there are not two people; "" where there are."""
    one_person: bool
    """Whether one person alone can publish, by the setting."""
    may_invite: bool


def desk_for(user: AnyUser) -> Desk:
    """Return the desk of somebody, of what they may edit. A bounded number of queries."""
    mine = [model for model in MODELS if user.has_perm(change_permission(model))]
    handovers = list(Handover.objects.last_of_each().order_by("-pk"))
    records = _records(mine, handovers)
    return Desk(
        waiting=[
            *_answers(user, mine),
            *_first(chain(_asked_for(user), _waiting(user, handovers, records))),
        ],
        sent=_first(chain(_asked_for(user, by_user=True), _sent(user, handovers, records))),
        written=_first(_written(user, mine)),
        going_live=_first(_going_live(user, mine)),
        too_few=_too_few(mine),
        one_person=not settings.TWO_PEOPLE,
        may_invite=user.is_superuser,
    )


def _first(items: Iterable[Item]) -> list[Item]:
    return [item for _, item in zip(range(MOST), items, strict=False)]


def _records(
    models: Iterable[type[Publishable]], handovers: Iterable[Handover]
) -> dict[tuple[str, int], Any]:
    """Return what was handed over and no visitor sees, by type and key: a query for each model."""
    keys: dict[str, list[int]] = {}
    for one in handovers:
        keys.setdefault(one.record_type, []).append(one.record_id)
    found: dict[tuple[str, int], Any] = {}
    for model in models:
        name = model._meta.label_lower
        if keys.get(name):
            for record in model._default_manager.filter(pk__in=keys[name]):
                if not record.is_published:
                    found[name, record.pk] = record
    return found


def _answers(user: AnyUser, models: Iterable[type[Publishable]]) -> Iterator[Item]:
    """Yield what people outside answered to somebody and nobody has dealt with."""
    for answer in open_answers(user, models, most=MOST):
        name = "Agreed" if answer.agreed else "Comment"
        about = ", about an earlier version" if answer.is_voided else ""
        words = f"{name} by {answer.link.name}, {_day(answer.answered_at)}{about}"
        yield _item(answer.link.record, words, place=PLACE)


def _waiting(
    user: AnyUser, handovers: list[Handover], records: dict[tuple[str, int], Any]
) -> Iterator[Item]:
    """Yield what others sent for review, what came back, and what may be published now."""
    backs = [one.record_id for one in handovers if one.step != Step.READY]
    sent_by_me = set(
        Handover.objects.filter(step=Step.READY, by=user.pk, record_id__in=backs).values_list(
            "record_type", "record_id"
        )
    )
    timed = set(Release.objects.scheduled().order_by().values_list("pk", flat=True))
    for one in handovers:
        record = records.get((one.record_type, one.record_id))
        if record is None or record.current_state is State.SCHEDULED:
            continue
        if record.release_id in timed and one.step == Step.APPROVED:
            # It goes live by itself: the desk says so under what goes live when.
            continue
        may_publish = user.has_perm(publish_permission(record))
        is_mine = one.by_key == user.pk
        came_back = (one.record_type, one.record_id) in sent_by_me or (
            record.updated_by_id == user.pk
        )
        if one.step == Step.READY and may_publish and not is_mine:
            yield _item(record, f"Sent for review by {one.by_name}, {_day(one.at)}")
        elif one.step == Step.SENT_BACK and came_back and not is_mine:
            yield _item(record, f"Sent back by {one.by_name}, {_day(one.at)}: {one.note}")
        elif one.step == Step.APPROVED and may_publish:
            yield _item(record, f"Approved by {one.by_name}, {_day(one.at)}: to be published")


def _sent(
    user: AnyUser, handovers: list[Handover], records: dict[tuple[str, int], Any]
) -> Iterator[Item]:
    for one in handovers:
        record = records.get((one.record_type, one.record_id))
        if record is not None and one.step == Step.READY and one.by_key == user.pk:
            yield _item(record, f"Sent for review on {_day(one.at)}")


def _asked_for(user: AnyUser, *, by_user: bool = False) -> Iterator[Item]:
    """Yield what was asked for of what has no draft, by this person or by others."""
    rows = seen_by(user, PendingChange.objects.open()).order_by("pk")
    key: Any = user.pk
    mine = rows.filter(made_by_key=key) if by_user else rows.exclude(made_by_key=key)
    for change in mine[:MOST]:
        who = "You asked for it" if by_user else f"{change.made_by_name} asked for it"
        words = f"{who}, {_day(change.made_at)}: to be confirmed"
        yield Item(str(change), "change", address_of(change), words, [])


def _written(user: AnyUser, models: Iterable[type[Publishable]]) -> Iterator[Item]:
    """Yield what somebody saved in the last seven days, the latest first."""
    since = clock.now() - WEEK
    found: list[Any] = []
    for model in models:
        rows = model._default_manager.filter(updated_by=user.pk, updated_at__gte=since)
        found += rows.order_by("-updated_at")[:MOST]
    found.sort(key=lambda record: record.updated_at, reverse=True)
    for record in found:
        yield _item(record, f"{record.current_state.label}, {_day(record.updated_at)}")


def _going_live(user: AnyUser, models: Iterable[type[Publishable]]) -> Iterator[Item]:
    """Yield what goes live by the clock, the next first, each with what still stands against it."""
    models = list(models)
    found: list[tuple[datetime, Item]] = [*_releases(user), *_alone(models)]
    for model in models:
        rows: Any = model._default_manager
        for record in rows.in_state(State.SCHEDULED).order_by("published_at")[:MOST]:
            problems = [obstacle.sentence for obstacle in record.publishing_obstacles()]
            problems += filter(None, [refusal(record)])
            moment = record.published_at
            found.append((moment, _item(record, _moment(moment), problems)))
    yield from (item for _, item in sorted(found, key=lambda one: one[0]))


def _alone(models: Iterable[type[Publishable]]) -> Iterator[tuple[datetime, Item]]:
    """Yield the changes that go live alone; what did not at its moment comes first, and why."""
    releases = Release.objects.open().filter(for_one=True).order_by("moment")
    found = {release.pk: release for release in releases}
    for model in models if found else ():
        changes: Any = model._default_manager.filter(release__in=list(found))
        for change in changes[:MOST]:
            release = found[change.release_id]
            if release.moment:
                moment, words = release.moment, _moment(release.moment)
                problems = release.obstacles_of(change)
            else:
                moment = datetime.min.replace(tzinfo=UTC)
                words, *problems = release.outcome.split("\n")
            yield moment, _item(change, words, problems)


def _releases(user: AnyUser) -> Iterator[tuple[datetime, Item]]:
    if not user.has_perm("mscp.view_release"):
        return
    for release in Release.objects.gathered().scheduled().order_by("moment")[:MOST]:
        problems = [
            f"{record}: {sentence}"
            for record in release.members()
            for sentence in release.obstacles_of(record)
        ]
        address = reverse("admin:mscp_release_change", args=[release.pk])
        if release.moment:
            words = f"{_moment(release.moment)}, all of it or nothing"
            yield release.moment, Item(str(release), "release", address, words, problems)


def _too_few(models: Iterable[type[Publishable]]) -> str:
    """Return in a sentence of which kinds nothing can go live, since too few may approve."""
    if not settings.TWO_PEOPLE:
        return ""
    kinds = [
        str(model._meta.verbose_name_plural)
        for model in models
        if len(approvers(model).order_by("pk").values_list("pk", flat=True)[:2]) < 2
    ]
    if not kinds:
        return ""
    return (
        "Two people are needed for anything to go live, one who writes and one who approves, and "
        f"fewer than two people here may approve: {', '.join(kinds)}. Nothing of these can go live."
    )


def _item(record: Any, words: str, problems: list[str] | None = None, *, place: str = "") -> Item:
    options = record._meta
    address = reverse(f"admin:{options.app_label}_{options.model_name}_change", args=[record.pk])
    kind = str(options.verbose_name)
    if record.is_proposed_change:
        kind = f"proposed change to a {kind}"
    return Item(str(record), kind, f"{address}{place}", words, problems or [])


def _day(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "j F")


def _moment(moment: datetime) -> str:
    return date_format(timezone.localtime(moment), "l j F Y, H:i")
