"""Guide of a new site: the steps from an empty site to one that can be shown, each done or to do.

A step is done by what is in the site, never by a tick. Staff put aside what they do not want, and
are not asked for it again; of what readers may need more as time goes by, they are.
"""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import NamedTuple

from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from mscp.database import clock
from mscp.models import ConcernContact, DismissedStep, SiteIdentity
from mscp.publishing.gate import State
from mscp.typing import AnyUser
from reviews.models import Document, PracticeReview, Theme
from training.models import Course


class Step(NamedTuple):
    """A step as one member of staff sees it."""

    name: str
    title: str
    address: str
    about: str
    until: str
    """What readers see until it is done."""
    is_done: bool
    is_dismissed: bool
    asked_again: str = ""
    """When staff who put it aside are asked again; empty if never."""


class Guide(NamedTuple):
    steps: list[Step]
    dismissed: list[Step]

    @property
    def done(self) -> int:
        return sum(step.is_done for step in self.steps)

    @property
    def is_open(self) -> bool:
        return self.done < len(self.steps)


class _Plan(NamedTuple):
    name: str
    title: str
    permission: str
    address: Callable[[], str]
    is_done: Callable[[], bool]
    about: str
    until: str
    asked_again: str = ""
    is_needed_since: Callable[[datetime], bool] = lambda _: False
    """Whether something that needs it was published since a moment."""


# Days of a season, after which staff are asked again for what they put aside.
SEASON = 90


def _cannot_be_asked_for(since: datetime) -> bool:
    """Return whether a PDF without text is public since a moment, and nobody to ask for another.

    Its page says that it cannot be read out, and only where there is a contact what to do then.
    """
    silent = Document.objects.published().filter(file__has_text=False)
    return silent.filter(publication__published_at__gt=since).exists() or (
        silent.filter(file__taken_in_at__gt=since).exists()
    )


def _first(model: str, *, draft: Callable[[], bool]) -> Callable[[], str]:
    """Return the address of the form of a first record, or of the list where a draft waits."""

    def address() -> str:
        if draft():
            return f"{reverse(f'admin:{model}_changelist')}?state={State.DRAFT.value}"
        return reverse(f"admin:{model}_add")

    return address


def _identity() -> str:
    return reverse("admin:mscp_siteidentity_changelist")


PLANS = [
    _Plan(
        "identity",
        "Say whose site this is",
        "mscp.change_siteidentity",
        _identity,
        lambda: SiteIdentity.objects.exists(),
        "The name of your partnership, its logo and colours, and two or three sentences for the "
        "home page. One form; only the name is needed.",
        "every page is headed “Safeguarding children partnership”, without a name.",
    ),
    _Plan(
        "numbers",
        "Give the numbers to call about a child",
        "mscp.add_concerncontact",
        lambda: reverse("admin:mscp_concerncontact_add"),
        lambda: ConcernContact.objects.exists(),
        "Whom readers call who are worried about a child, by day and at night. Call each number "
        "yourself before you write it down.",
        "the top of every page says: Child in danger now? 999.",
    ),
    _Plan(
        "contact",
        "Say how readers reach you",
        "mscp.change_siteidentity",
        _identity,
        lambda: SiteIdentity.load().can_be_asked,
        "An e-mail address or a telephone number for questions about the site, its documents and "
        "its training: “How readers reach you” in the form of the partnership.",
        "no page says that one can ask, or how.",
        f"in {SEASON} days, or when a PDF is published that cannot be read out",
        _cannot_be_asked_for,
    ),
    _Plan(
        "themes",
        "Choose your themes",
        "reviews.add_theme",
        lambda: reverse("admin:reviews_theme_starter"),
        lambda: Theme.objects.exists(),
        "Themes join reviews to learnings and courses. Tick those you need in a list of common "
        "ones; you can rename them, and add your own, at any time.",
        "no page leads from a review to the next course on its subject.",
    ),
    _Plan(
        "review",
        "Publish the first review, with its PDF",
        "reviews.add_practicereview",
        _first(
            "reviews_practicereview",
            draft=lambda: PracticeReview.objects.in_state(State.DRAFT).exists(),
        ),
        lambda: PracticeReview.objects.published().filter(documents__isnull=False).exists(),
        "Its type, title, date and themes, and at the end of the form the file. The file is "
        "looked through for what should not be in it, and nothing is public before somebody "
        "publishes it.",
        "the list of practice reviews says that nothing is published there yet.",
    ),
    _Plan(
        "course",
        "Announce the first course",
        "training.add_course",
        _first("training_course", draft=lambda: Course.objects.in_state(State.DRAFT).exists()),
        lambda: Course.objects.published().exists(),
        "Title, themes and its dates. A whole programme can be pasted in or read from a "
        "spreadsheet instead: Sessions → Import a programme.",
        "the page of training says that nothing is published there yet.",
    ),
]


def guide_for(user: AnyUser) -> Guide:
    """Return the steps that a member of staff may take."""
    plans = [plan for plan in PLANS if user.has_perm(plan.permission)]
    dismissed = dict(DismissedStep.objects.values_list("step", "dismissed_at")) if plans else {}
    steps = [_step(plan, dismissed.get(plan.name)) for plan in plans]
    return Guide(
        steps=[step for step in steps if step.is_done or not step.is_dismissed],
        dismissed=[step for step in steps if step.is_dismissed and not step.is_done],
    )


def _step(plan: _Plan, dismissed_at: datetime | None) -> Step:
    is_done = plan.is_done()
    is_dismissed = dismissed_at is not None
    if dismissed_at and plan.asked_again and not is_done:
        is_over = dismissed_at <= clock.now() - timedelta(days=SEASON)
        is_dismissed = not (is_over or plan.is_needed_since(dismissed_at))
    return Step(
        name=plan.name,
        title=plan.title,
        address="" if is_done else plan.address(),
        about=plan.about,
        until=plan.until,
        is_done=is_done,
        is_dismissed=is_dismissed,
        asked_again=plan.asked_again,
    )


@require_POST
def dismiss(request: HttpRequest) -> HttpResponse:
    """Put a step aside, or take it up again (``again``)."""
    plan = next((plan for plan in PLANS if plan.name == request.POST.get("step")), None)
    if plan is None:
        raise BadRequest("There is no such step.")
    user = request.user
    if not (user.is_authenticated and user.has_perm(plan.permission)):
        raise PermissionDenied
    if "again" in request.POST:
        DismissedStep.objects.filter(step=plan.name).delete()
    else:
        DismissedStep.objects.update_or_create(
            step=plan.name, defaults={"dismissed_by": user, "dismissed_at": clock.now()}
        )
    return redirect("admin:index")
