"""Admin of training: courses, sessions, venues and audiences."""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.utils import flatten_fieldsets
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.db.models.expressions import Combinable
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html
from simple_history.models import HistoricalChanges
from simple_history.template_utils import ModelChange

from mscp.database import clock
from mscp.editing.actions import (
    Confirmation,
    ConfirmedAction,
    ConfirmedActionsAdmin,
    added_line,
    admin_action,
)
from mscp.editing.admin import (
    KEY,
    LONGEST_CHANGE,
    HistoryInWords,
    TrackedForm,
    missing_filter,
)
from mscp.editing.autosave import Offer
from mscp.editing.bulk import AS_PROPOSED, BulkActionsAdmin, Planned, given, validate
from mscp.editing.duplicating import DuplicatesAdmin, duplicating
from mscp.editing.generic import RowsFilter, StackedInline
from mscp.editing.merging import MergesAdmin
from mscp.editing.notes import EarlierNotes, TellsReadersForm
from mscp.editing.pending import WithoutDraftAdmin
from mscp.editing.publishing import (
    PartOfPublishable,
    PublishableAdmin,
    StateFilter,
    may_change,
    may_handle,
    who_changed_its_state,
)
from mscp.editing.similar import AsksAboutSimilar
from mscp.editing.timeline import HistorySource, Source
from mscp.publishing.gate import State
from mscp.records.audit import set_author
from mscp.records.autosave import Autosave
from mscp.records.locking import lock
from mscp.typing import AnyUser
from reviews.models import Briefing, Publication
from reviews.suggested_themes import (
    ConfirmsThemes,
    ConfirmsThemesForm,
    SuggestedThemesFilter,
)
from reviews.theme_actions import THEMES
from reviews.visibility import sees_all, visible_to
from training.access import access_to_check
from training.models import (
    Audience,
    Course,
    CourseChangeNote,
    Delivery,
    Session,
    Venue,
    without_course,
)
from training.models.courses import CourseQuerySet
from training.models.sessions import SessionQuerySet
from training.photos import MOST as MOST_OF_PHOTO
from training.photos import prepare_ahead
from training.programme.admin import ProgrammeImportAdmin
from training.proposals import (
    HELP,
    WAITS,
    add_to_change,
    address_of,
    is_proposed,
    log_begun,
    only_corrects,
    propose_to_change,
    proposes_always,
)
from training.session_actions import SESSION_ACTIONS
from training.session_values import SESSION_VALUES

# Registers itself on import.
__all__ = ["ProgrammeImportAdmin"]

MOST_INLINE = 30
# In a change, whose sessions have no other form.
MOST_IN_CHANGE = 400
MOST_PAST = 100


class SessionInline(PartOfPublishable[Session], StackedInline[Session, Course]):
    """The sessions to come, and links to the past ones."""

    model = Session
    template = "admin/training/session_inline.html"
    verbose_name_plural = f"sessions to come (the next {MOST_INLINE})"
    most = MOST_INLINE
    extra = 0
    fields = [
        ("start_date", "end_date"),
        ("start_time", "end_time"),
        ("delivery", "joining_url"),
        "venue",
        ("places", "capacity", "booking_closes"),
        ("booking_url", "booking_email"),
        ("cost", "trainer", "trainer_shown"),
        "note",
        "change_note",
    ]
    autocomplete_fields = ["venue"]
    view_on_site = False

    def get_queryset(self, request: HttpRequest) -> SessionQuerySet:
        sessions: Any = super().get_queryset(request)
        coming: SessionQuerySet = sessions.upcoming().soonest_first()
        return coming.select_related("venue")

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        formset = super().get_formset(request, obj, **kwargs)
        most = self.most

        class NextSessions(formset):  # type: ignore[misc, valid-type]
            def get_queryset(self) -> Any:
                """Show the next ones; after a POST read those shown, whatever their dates."""
                if not hasattr(self, "rows"):
                    rows = super().get_queryset()[:most]
                    if self.is_bound:
                        # A new course has none yet, whatever the form sends.
                        course = self.instance.pk
                        sessions = self.model._default_manager.filter(course=course)
                        rows = sessions.filter(pk__in=self.sent_keys()).order_by("pk")
                        rows = rows.select_related("venue")
                    # Kept: Django asks for them once for each form, and slicing asks anew.
                    self.rows = rows
                return self.rows

            @cached_property
            def past(self) -> list[Session]:
                """The last past sessions, of which only links are shown."""
                course = self.instance.pk
                return list(Session.objects.filter(course=course).past().latest_first()[:MOST_PAST])

            def sent_keys(self) -> list[str]:
                numbers = range(self.initial_form_count())
                keys = [self.data.get(f"{self.prefix}-{number}-id", "") for number in numbers]
                return [key for key in keys if re.fullmatch("[0-9]{1,18}", key)]

            def clean(self) -> None:
                super().clean()
                if len(self.get_queryset()) < len(self.sent_keys()):
                    # Django would silently ignore such a form.
                    raise ValidationError(
                        "A colleague deleted one of these sessions, or gave it to another course, "
                        "after you had opened this page. Nothing was saved."
                    )

        return NextSessions


class SessionOfChangeInline(SessionInline):
    verbose_name_plural = "sessions to come"
    most = MOST_IN_CHANGE


class CourseNotesInline(EarlierNotes, StackedInline[CourseChangeNote, Course]):
    model = CourseChangeNote


class DateAheadFilter(RowsFilter[CourseQuerySet]):
    title = "next session"
    parameter_name = "dates"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("none-ahead", "No date ahead")]

    def narrow(self, rows: CourseQuerySet, value: str | None) -> CourseQuerySet:
        return rows.without_date_ahead() if value == "none-ahead" else rows


class WithoutCourseFilter(RowsFilter[QuerySet[Briefing]]):
    title = "gap in the chain"
    parameter_name = "gap"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("no-course", "No published course")]

    def narrow(self, rows: QuerySet[Briefing], value: str | None) -> QuerySet[Briefing]:
        return without_course(rows) if value == "no-course" else rows


class CourseForm(TellsReadersForm[Course], AsksAboutSimilar[Course], ConfirmsThemesForm[Course]):
    user: ClassVar[AnyUser]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.unseen: list[int] = []
        if "publications" not in self.fields or sees_all(self.user):
            return
        visible = visible_to(self.user)
        self.fields["publications"].queryset = visible  # type: ignore[attr-defined]
        if self.instance.pk:
            linked, seen = self.instance.publications, visible.values("pk")
            self.unseen = list(linked.exclude(pk__in=seen).values_list("pk", flat=True))
            self.initial["publications"] = list(linked.filter(pk__in=seen))

    def clean_publications(self) -> "QuerySet[Publication]":
        """Keep the links to publications that this person may not see, and so was not shown."""
        chosen: QuerySet[Publication] = self.cleaned_data["publications"]
        if not self.unseen:
            return chosen
        kept = {*self.unseen, *(one.pk for one in chosen)}
        return Publication.objects.filter(pk__in=kept)


class SessionSource(HistorySource):
    """The sessions of a course, in its timeline."""

    def __init__(self, course: int) -> None:
        super().__init__(Session, lambda record: HistoryInWords(Session, record), course=course)

    def about(self, record: Any) -> tuple[str, str]:
        address = reverse("admin:training_session_history", args=[record.id])
        return f"Session of {date_format(record.start_date, 'j F Y')}", address


class CourseHistory(HistoryInWords):
    """Names only the publications that the reader of the history may see."""

    user: AnyUser

    def prepare_delta_change_value(self, change: ModelChange, value: object) -> object:
        if change.field == "publications" and isinstance(value, list):
            keys = [getattr(row["publication"], "pk", row["publication"]) for row in value]
            names = {one.pk: str(one) for one in visible_to(self.user).filter(pk__in=keys)}
            return ", ".join(names.get(key, "one that is not public") for key in keys) or "empty"
        return super().prepare_delta_change_value(change, value)


DUPLICATE = duplicating(
    "the texts, how to book, the audiences, the themes and the publications it passes on",
    "sessions and their dates, and notes on changes",
)


@admin.register(Course)
class CourseAdmin(
    ConfirmsThemes[Course],
    BulkActionsAdmin[Course],
    DuplicatesAdmin[Course],
    MergesAdmin[Course],
    PublishableAdmin[Course],
):
    is_parent = True
    confirmed_actions: ClassVar[Mapping[str, ConfirmedAction[Any]]] = {
        **PublishableAdmin.confirmed_actions,
        "themes": THEMES,
        "duplicate": DUPLICATE,
    }
    form: "type[TrackedForm[Course]]" = CourseForm
    not_duplicated = "sessions"
    inlines = [SessionInline, CourseNotesInline]
    list_display = ["title", "next_session", "current_state", "changed"]
    list_filter = [
        StateFilter,
        DateAheadFilter,
        ("audiences", admin.RelatedOnlyFieldListFilter),
        ("themes", admin.RelatedOnlyFieldListFilter),
        SuggestedThemesFilter,
    ]
    actions = [
        *PublishableAdmin.actions,
        admin_action("themes", THEMES, permission="change"),
        admin_action("duplicate", DUPLICATE, permission="add"),
        "confirm_themes",
    ]
    list_select_related = ["updated_by"]
    search_fields = ["title", "summary", "provider"]
    search_help_text = "Words in the title, the summary or the provider"
    autocomplete_fields = ["themes", "audiences", "publications"]
    fieldsets = [
        ("The course", {"fields": ["title", "summary", "description", "outcomes"]}),
        (
            "For whom and how",
            {"fields": ["audiences", ("level", "length"), "prerequisites", "provider"]},
        ),
        ("Booking", {"fields": ["cost", ("booking_url", "booking_email")]}),
        ("What it passes on", {"fields": ["themes", "publications"]}),
        ("For staff", {"fields": ["staff_note", "address", "made", "changed"]}),
    ]
    readonly_fields = ["address", "made", "changed"]

    def get_inlines(self, request: HttpRequest, obj: Course | None) -> Any:
        inlines = super().get_inlines(request, obj)
        if obj and obj.is_proposed_change:
            return [SessionOfChangeInline if one is SessionInline else one for one in inlines]
        return inlines

    def pages_changed(self, live: Course) -> list[tuple[str, str]]:
        themes = [(f"the theme {one}", one.get_absolute_url()) for one in live.themes.all()]
        lists = [("the list of sessions", reverse("training:sessions"))]
        return [*lists, *super().pages_changed(live), *themes]

    def get_queryset(self, request: HttpRequest) -> CourseQuerySet:
        courses: Any = super().get_queryset(request)
        ordered: CourseQuerySet = courses.next_first()
        return ordered

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Course], search_term: str
    ) -> tuple[QuerySet[Course], bool]:
        """Offer for a session only the courses to which this person may add one."""
        courses, may_repeat = super().get_search_results(request, queryset, search_term)
        chosen_for = (request.GET.get("model_name"), request.GET.get("field_name"))
        if chosen_for == ("session", "course") and not self.has_publish_permission(request):
            # To a live one it is proposed; what is withdrawn is a publisher's.
            gone = Course.objects.in_state(State.WITHDRAWN)
            return courses.exclude(pk__in=gone.values("pk")), may_repeat
        return courses, may_repeat

    def get_form(
        self, request: HttpRequest, obj: Course | None = None, change: bool = False, **kwargs: Any
    ) -> "type[forms.ModelForm[Course]]":
        form = super().get_form(request, obj, change, **kwargs)
        if issubclass(form, CourseForm):
            form.user = request.user
        return form

    def get_historical_record_context_helper(
        self, request: HttpRequest, historical_record: HistoricalChanges
    ) -> HistoryInWords:
        helper = CourseHistory(
            self.model, historical_record, max_displayed_delta_change_chars=LONGEST_CHANGE
        )
        helper.user = request.user
        return helper

    def names_of(self, request: HttpRequest, rows: list[Any]) -> list[str]:
        """Name only the publications that this person may see."""
        if not rows or not isinstance(rows[0], Publication):
            return super().names_of(request, rows)
        seen = visible_to(request.user).filter(pk__in=[row.pk for row in rows])
        names = [str(one) for one in seen]
        return [*names, *(["some that are not public"] if len(names) < len(rows) else [])]

    def timeline_sources(self, request: HttpRequest, key: int) -> list[Source]:
        return [*super().timeline_sources(request, key), SessionSource(key)]

    def merge_remarks(self, source: Course, target: Course) -> list[str]:
        """Name the sessions that both have at the same time."""
        taken = {(one.start_date, one.start_time) for one in target.sessions.all()}
        return [
            f"Both have a session on {one.when}{f', {one.times}' if one.times else ''}: both stay."
            for one in source.sessions.all()
            if (one.start_date, one.start_time) in taken
        ]

    @admin.display(description="next session", ordering="next_date")
    def next_session(self, obj: Course) -> date | str:
        return obj.next_date or "no date ahead"


# In the form of a session besides what it says.
NOT_CLOSED = ("opened_version", "confirmed")
NOT_ONLINE = ~Q(delivery=Delivery.ONLINE)


def default_time(request: HttpRequest) -> str:
    """Return which sessions a list opens on: those to come, but what is searched for in all."""
    is_search = any(name == "q" or name.startswith("start_date") for name in request.GET)
    return "all" if is_search else "upcoming"


class WhenFilter(RowsFilter[SessionQuerySet]):
    title = "time"
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        self.default = default_time(request)
        return [("upcoming", "To come"), ("past", "Past"), ("all", "All")]

    def value(self) -> str:
        return super().value() or self.default

    def choices(self, changelist: Any) -> Iterator[Any]:
        """Yield the three, of which one is always chosen."""
        for value, label in self.lookup_choices:
            yield {
                "selected": self.value() == value,
                "query_string": changelist.get_query_string({self.parameter_name: value}),
                "display": label,
            }

    def narrow(self, rows: SessionQuerySet, value: str | None) -> SessionQuerySet:
        if value == "upcoming":
            return rows.upcoming()
        return rows.past() if value == "past" else rows


class SessionForm(TrackedForm[Session]):
    user: ClassVar[AnyUser]
    # The live course to whose proposed change the session goes.
    live_course: Course | None = None

    def clean_course(self) -> Course:
        chosen: Course = self.cleaned_data["course"]
        if self.fault:
            return chosen
        # Until it is saved nobody can publish the course that it is added to.
        course = lock(chosen)
        if course is None:
            raise ValidationError("A colleague deleted this course. Choose another.")
        if may_change(self.user, course):
            return course
        if self.instance.pk and course.pk == self.instance.course_id:
            return course
        if not is_proposed(self.user, course):
            raise ValidationError(
                "This course is withdrawn, and only a publisher or whoever looks after training "
                "changes it. Ask one of them, or choose another course."
            )
        self.live_course = course
        return course

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        session = self.instance
        if not session.pk or self.errors or not only_corrects(self.user, session.course):
            return cleaned
        says = self.cleaned_data.get("change_note", "")
        corrected = set(self.changed_data) & set(Session.WHEN)
        if says and "change_note" in self.changed_data and not corrected:
            sentence = (
                "A note goes with another day or time. Correct that here too, or propose a change."
            )
            self.add_error("change_note", sentence)
        return cleaned


class GoingAheadFilter(RowsFilter[SessionQuerySet]):
    title = "takes place"
    parameter_name = "takes-place"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("yes", "Takes place"), ("no", "Cancelled")]

    def narrow(self, rows: SessionQuerySet, value: str | None) -> SessionQuerySet:
        if value == "yes":
            return rows.going_ahead()
        return rows.exclude(cancelled_at=None) if value == "no" else rows


@admin.register(Session)
class SessionAdmin(BulkActionsAdmin[Session], ConfirmedActionsAdmin[Session]):
    parent_field = "course"
    confirmed_actions = {**SESSION_ACTIONS, "set": SESSION_VALUES}
    confirmation_template = "admin/training/session/confirm.html"
    actions = [
        *(admin_action(name, one, permission="change") for name, one in SESSION_ACTIONS.items()),
        admin_action("set", SESSION_VALUES, permission="change"),
    ]
    form = SessionForm
    change_form_template = "admin/training/session/change_form.html"
    list_display = ["day", "course", "where", "places", "state"]
    list_display_links = ["day"]
    list_filter = [
        WhenFilter,
        GoingAheadFilter,
        "delivery",
        "places",
        missing_filter(
            "venue", "place", "No venue yet", "A venue, or online", condition=NOT_ONLINE
        ),
        "venue",
    ]
    list_select_related = ["course", "venue", "updated_by"]
    search_fields = ["course__title", "venue__name", "trainer", "note"]
    search_help_text = "Words in the title of the course, the venue, the trainer or the note"
    search_query: ClassVar = {"when": "all"}
    show_full_result_count = False
    date_hierarchy = "start_date"
    autocomplete_fields = ["course", "venue"]
    fieldsets = [
        (None, {"fields": ["course"]}),
        ("When", {"fields": [("start_date", "end_date"), ("start_time", "end_time")]}),
        ("Where and how", {"fields": [("delivery", "joining_url"), "venue"]}),
        (
            "Places",
            {
                "fields": [
                    ("places", "capacity", "booking_closes"),
                    ("booking_url", "booking_email"),
                ]
            },
        ),
        ("Cost and trainer", {"fields": ["cost", ("trainer", "trainer_shown")]}),
        ("Beside it", {"fields": ["note", "change_note"]}),
        ("Record", {"fields": ["made", "changed"]}),
    ]
    readonly_fields = ["made", "changed"]

    def get_queryset(self, request: HttpRequest) -> SessionQuerySet:
        """Leave those of proposed changes to the forms of these, but show their history."""
        sessions: Any = super().get_queryset(request)
        match = request.resolver_match
        is_history = match is not None and str(match.url_name).endswith("_history")
        own: SessionQuerySet = sessions if is_history else sessions.own_records()
        return own

    def get_ordering(self, request: HttpRequest) -> list[str | Combinable]:
        """Sort by the nearest: upcoming ones soonest first, otherwise the latest first."""
        when = request.GET.get("when") or default_time(request)
        return ["start_date"] if when == "upcoming" else ["-start_date"]

    def has_change_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        allowed = super().has_change_permission(request, obj)
        if obj is None or not allowed:
            return allowed
        return may_handle(request.user, obj.course) and not self._was_open(request, obj)

    def _was_open(self, request: HttpRequest, session: Session) -> bool:
        """Return whether a form is sent that was opened before its course went live.

        What was typed into fields that are closed now is kept and shown, and not left out.
        """
        sent = {"start_date", "note"} <= request.POST.keys()
        return sent and only_corrects(request.user, session.course)

    def has_delete_permission(self, request: HttpRequest, obj: Session | None = None) -> bool:
        allowed = super().has_delete_permission(request, obj)
        return allowed and (obj is None or may_change(request.user, obj.course))

    def offers(
        self, request: HttpRequest, key: str, record: Session | None, kept: Autosave
    ) -> list[Offer]:
        offered = super().offers(request, key, record, kept)
        if record is None or not is_proposed(request.user, record.course):
            return offered
        address = reverse("admin:training_course_propose", args=[record.course_id])
        return [Offer("Propose a change of its course", address), *offered]

    def get_readonly_fields(
        self, request: HttpRequest, obj: Session | None = None
    ) -> "list[str] | tuple[Any, ...]":
        """Where a second person is needed for the rest, leave open only when it is held."""
        names = list(super().get_readonly_fields(request, obj))
        if obj is None or not only_corrects(request.user, obj.course):
            return names
        every = flatten_fieldsets(self.get_fieldsets(request, obj))
        closed = [one for one in every if one not in (*Session.CORRECTIONS, *NOT_CLOSED, *names)]
        return [*names, *closed]

    def why_not(self, request: HttpRequest, record: Session) -> str:
        return who_changed_its_state(record.course, name="its course")

    def get_form(
        self, request: HttpRequest, obj: Session | None = None, change: bool = False, **kwargs: Any
    ) -> "type[forms.ModelForm[Session]]":
        form = super().get_form(request, obj, change, **kwargs)
        if issubclass(form, SessionForm):
            form.user = request.user
            course = form.base_fields.get("course")
            if course and proposes_always(request.user):
                course.help_text = HELP
        return form

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        """Lead to the form of the proposed change that a session belongs to."""
        if KEY.fullmatch(object_id) and self.has_view_permission(request):
            of_change = Course.objects.filter(
                revises__isnull=False, sessions=int(object_id)
            ).first()
            if of_change is not None:
                return HttpResponseRedirect(address_of(of_change))
        return super().change_view(request, object_id, form_url, extra_context)

    def save_model(
        self, request: HttpRequest, obj: Session, form: "forms.ModelForm[Session]", change: bool
    ) -> None:
        live = getattr(form, "live_course", None)
        if live is not None:
            of_change, is_begun = add_to_change(obj, live, request.user)
            if is_begun:
                log_begun(self, request, of_change)
        super().save_model(request, obj, form, change)

    def response_add(
        self, request: HttpRequest, obj: Session, post_url_continue: str | None = None
    ) -> HttpResponse:
        return self._to_change(request, obj) or super().response_add(
            request, obj, post_url_continue
        )

    def response_change(self, request: HttpRequest, obj: Session) -> HttpResponse:
        return self._to_change(request, obj) or super().response_change(request, obj)

    def _to_change(self, request: HttpRequest, session: Session) -> HttpResponse | None:
        """Tell where a session went that was added to a live course, and go on from there."""
        if not session.course.is_proposed_change:
            return None
        where = format_html('<a href="{}">proposed change</a>', address_of(session.course))
        messages.success(
            request,
            format_html(
                "The session of {} is in the {} of “{}”: readers see it once that is applied.",
                session.when,
                where,
                session.course,
            ),
        )
        if "_addanother" in request.POST:
            return HttpResponseRedirect(reverse("admin:training_session_add"))
        return HttpResponseRedirect(address_of(session.course))

    def view_on_site(self, obj: Session) -> str:
        return obj.get_absolute_url()

    @admin.display(description="day", ordering="start_date")
    def day(self, obj: Session) -> str:
        return format_html("{}<br>{}", obj.when, obj.times) if obj.times else obj.when

    @admin.display(description="where", ordering="venue__name")
    def where(self, obj: Session) -> str:
        return obj.venue.name if obj.venue else f"no venue ({obj.get_delivery_display().lower()})"

    @admin.display(description="state")
    def state(self, obj: Session) -> str:
        """Return the state of its course, which is its own, or that it is cancelled."""
        state = obj.course.current_state
        kind, label = (State.WITHDRAWN, "Cancelled") if obj.is_cancelled else (state, state.label)
        return format_html('<span class="state state-{}">{}</span>', kind.value, label)

    # --- the confirmed actions ----------------------------------------------------------------

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Session | None = None,
    ) -> HttpResponse:
        if obj:
            context["action_links"] = [
                (action, self.confirmation_address(name, obj.pk))
                for name, action in SESSION_ACTIONS.items()
                if self.may_confirm(request, name) and not self.reasons_against(request, name, obj)
            ]
            context |= self._change_context(request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def _change_context(self, request: HttpRequest, session: Session) -> dict[str, Any]:
        """Return what the form of a session of a live course shows of a change of that."""
        course = session.course
        if not is_proposed(request.user, course):
            return {}
        change = course.proposed_changes.first()
        return {
            "only_corrects": only_corrects(request.user, course),
            "course_change_address": address_of(change) if change else "",
            "propose_course_address": reverse("admin:training_course_propose", args=[course.pk]),
        }

    def may_confirm(self, request: HttpRequest, name: str) -> bool:
        if name not in SESSION_ACTIONS:
            return super().may_confirm(request, name)
        needed = self.has_add_permission if name == "copy" else self.has_change_permission
        return needed(request)

    def reasons_against(self, request: HttpRequest, name: str, record: Session) -> list[str]:
        # What says more than when a session is held may also be proposed.
        may_wait = name in ("copy", "set") and is_proposed(request.user, record.course)
        if not (may_wait or may_handle(request.user, record.course)):
            return ["Its course is live, so only a publisher can do this."]
        if name not in SESSION_ACTIONS:
            return []
        return SESSION_ACTIONS[name].reasons_against(record)

    def advice_on(self, request: HttpRequest, name: str, record: Session) -> list[str]:
        if name in ("copy", "set") and is_proposed(request.user, record.course):
            return [WAITS]
        return super().advice_on(request, name, record)

    def take_action(self, confirmation: Confirmation[Session]) -> str:
        request, name, records, data, _ = confirmation
        if name in ("move", "copy"):
            records = [record for record in records if record.pk in data["days"]]
        if name == "copy":
            return self._copy(request, records, data["days"])
        return super().take_action(confirmation._replace(records=records))

    def _change_or_propose(
        self, request: HttpRequest, record: Session, plan: Planned, what: str
    ) -> dict[str, object]:
        """Set values of a session, or of what stands for it in the change of its course."""
        if not is_proposed(request.user, record.course):
            return super()._change_or_propose(request, record, plan, what)
        name = str(record)
        part, change, is_begun = propose_to_change(record, request.user)
        if is_begun:
            log_begun(self, request, change)
        validate(part, plan.after, {})
        line = given(part, plan, user=request.user, reason=what)
        self.log_change(request, change, f"{what}: session of {record.when}.")
        if is_begun:
            # Undone with the change that was begun for it.
            line = added_line(change, plan.sentence)
        return line | {"name": name, "result": f"{plan.sentence}, {AS_PROPOSED}"}

    def _copy(self, request: HttpRequest, sessions: list[Session], days: dict[int, date]) -> str:
        waiting = live = 0
        for session in sessions:
            copy = session.copy_to(days[session.pk])
            if is_proposed(request.user, session.course):
                change, is_begun = add_to_change(copy, session.course, request.user)
                waiting += 1
                if is_begun:
                    log_begun(self, request, change)
            elif session.is_published:
                live += 1
            set_author(copy, request.user)
            copy.save()
            self.log_addition(request, copy, f"Copied from the session of {session.when}.")
        if len(sessions) > 1:
            public = f" {live} of them are public already." if live else ""
            wait = f" {waiting} of them wait in a proposed change." if waiting else ""
            messages.success(request, f"{len(sessions)} sessions copied.{public}{wait}")
            return ""
        if waiting:
            messages.success(
                request,
                f"Copied to {copy.when}, in this proposed change: readers see it once that is "
                "applied.",
            )
            return address_of(copy.course)
        public = " It is public already." if live else ""
        messages.success(request, f"Copied to {copy.when}.{public} Check the rest and save.")
        return reverse("admin:training_session_change", args=[copy.pk])


class AccessCheckFilter(RowsFilter[QuerySet[Venue]]):
    title = "access check"
    parameter_name = "access-check"

    def lookups(self, request: HttpRequest, model_admin: object) -> list[tuple[str, str]]:
        return [("never", "Never"), ("old", "Over 12 months ago"), ("due", "Either, and in use")]

    def narrow(self, rows: QuerySet[Venue], value: str | None) -> QuerySet[Venue]:
        if value == "never":
            return rows.filter(access_checked_on=None)
        if value == "old":
            return rows.filter(access_checked_on__lt=clock.a_year_ago())
        return access_to_check(rows) if value == "due" else rows


@admin.register(Venue)
class VenueAdmin(MergesAdmin[Venue], WithoutDraftAdmin[Venue]):
    file_sizes = {"photo": (MOST_OF_PHOTO,)}
    list_display = ["name", "address_in_full", "access_checked_on", "changed"]
    list_filter = [AccessCheckFilter, *Venue.FACTS]
    list_select_related = ["updated_by"]
    search_fields = ["name", "street", "town", "postcode"]
    fieldsets = [
        (
            None,
            {
                "fields": ["name", "street", "town", "postcode"],
                "description": "A venue has no draft: its page is public as soon as it is saved.",
            },
        ),
        ("Getting there", {"fields": ["map_url", "directions"]}),
        (
            "Access",
            {
                "fields": [*Venue.FACTS, "access_checked_on", "accessibility"],
                "description": (
                    "Say yes or no only to what somebody has seen; visitors are shown “Not known” "
                    "for the rest. “Today” beside the day below records a check made today."
                ),
            },
        ),
        ("Photo", {"fields": ["photo", "photo_alt"]}),
        ("For staff", {"fields": ["staff_note", "page", "made", "changed"]}),
    ]
    readonly_fields = ["page", "made", "changed"]

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, object] | None = None,
    ) -> HttpResponse:
        # Before the transaction begins, which keeps other editors waiting.
        may = self.has_add_permission(request) or self.has_change_permission(request)
        if may and (photo := request.FILES.get("photo")):
            prepare_ahead(photo)
        return super().changeform_view(request, object_id, form_url, extra_context)

    def view_on_site(self, obj: Venue) -> str:
        return obj.get_absolute_url()

    @admin.display(description="address")
    def address_in_full(self, obj: Venue) -> str:
        return obj.address

    @admin.display(description="address of its page")
    def page(self, obj: Venue) -> str:
        return super().address(obj)


@admin.register(Audience)
class AudienceAdmin(MergesAdmin[Audience], WithoutDraftAdmin[Audience]):
    list_display = ["name", "position", "changed"]
    list_select_related = ["updated_by"]
    search_fields = ["name"]
    fieldsets = [
        (None, {"fields": ["name", "position"]}),
        ("Record", {"fields": ["made", "changed"]}),
    ]
    readonly_fields = ["made", "changed"]
