"""Programme import in the admin: paste or upload, review, then confirm or throw away."""

import re
from collections.abc import Callable, Sequence
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ERROR_FLAG
from django.core.exceptions import PermissionDenied, ValidationError
from django.core.files import File
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.http import content_disposition_header

from mscp.database import clock
from mscp.editing.admin import TrackedAdmin, missing_filter
from mscp.editing.autosave import taken_back
from mscp.editing.held_uploads import ShowsHeldFile, hold_chosen, say_which_are_gone, show_held
from mscp.files.sizes import attributes
from mscp.models import BulkChange
from mscp.records.audit import set_author
from mscp.records.history import because
from mscp.records.locking import lock
from mscp.records.moments import moment_in_words
from mscp.text.folding import seen_lines
from mscp.typing import AnyUser
from training.models import Course, ProgrammeImport, ProgrammeSource, Session, Venue
from training.models.programme_lines import Line, Programme, UnreadableError
from training.programme.answers import answer_alone, give_answer, stand, take_new, tick_new
from training.programme.assigning import (
    NotAssignedError,
    assign,
    columns_of,
    sent_columns,
    shown_columns,
)
from training.programme.columns import COLUMNS, NEEDED, is_heading
from training.programme.export import as_csv, as_xlsx, sessions_of
from training.programme.files.csv_rows import HEADING_WITHIN
from training.programme.files.sheets import MOST, read_sheet
from training.programme.hidden_groups import take_in
from training.programme.lines.reading import MOST_LINES, read_text
from training.programme.lines.tidying import give_year, put_month_first, tidy
from training.programme.planning.matching import plan_all
from training.programme.planning.plans import Plan, Status
from training.programme.planning.updates import (
    earlier_of,
    say_apart,
    tick_all,
    tick_lines,
    tick_missing,
)
from training.programme.preview import Preview, change_lines, folded, who_confirms
from training.programme.shared_questions import answer_for_all
from training.programme.sources import (
    MONTH_FIRST,
    NEXT_YEAR,
    answer_again,
    answer_questions_again,
    keep_source,
    order_again,
    read_address,
    read_as_before,
    rename_source,
    years_again,
)
from training.programme.writing import NotWrittenError, fingerprint, write

KEY = re.compile("[0-9]{1,18}")
FILE_TYPES = {
    "csv": ("text/csv; charset=utf-8", as_csv),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", as_xlsx),
}


class ProgrammeFileInput(ShowsHeldFile, forms.FileInput):
    template_name = "admin/widgets/held_file_input.html"


class ReadForm(forms.Form):
    """Reads a programme from a text or a file."""

    text = forms.CharField(
        label="Or lines of text",
        required=False,
        strip=False,
        widget=forms.Textarea(
            attrs={"rows": 6, "class": "vLargeTextField", "aria-describedby": "id_text_helptext"}
        ),
        help_text=(
            "As they stand on a page: the title, a dash and the day; the venue, where there is "
            "one, on the next line."
        ),
    )
    file = forms.FileField(
        label="A spreadsheet or a calendar",
        required=False,
        allow_empty_file=True,
        widget=ProgrammeFileInput(
            attrs={
                "accept": ".csv,.xlsx,.ics",
                "aria-describedby": "id_file_helptext",
                **attributes(MOST),
            }
        ),
        help_text=(
            f"XLSX, CSV or ICS: at most {MOST_LINES:,} sessions and 5 MB. What a "
            "sheet hides is left out, and named."
        ),
    )
    kept = forms.ModelChoiceField(
        ProgrammeSource.objects.all(),
        label="From a kept source",
        required=False,
        empty_label="No, from somewhere new",
        widget=forms.Select(attrs={"aria-describedby": "id_kept_helptext"}),
        help_text=(
            "What was chosen for its courses and venues before is chosen again, and what it lists "
            "no longer is named. A source with an address needs no file: press “Fetch it”."
        ),
    )
    # What most people have comes first.
    field_order = ["kept", "file", "text"]
    programme: Programme
    source: str

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        sources = list(ProgrammeSource.objects.all())
        if not sources:
            del self.fields["kept"]
        self.can_fetch = any(source.address for source in sources)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        say_which_are_gone(self)
        text, file = cleaned.get("text") or "", cleaned.get("file")
        if self.errors:
            return cleaned
        kept = cleaned.get("kept")
        if "_fetch" in self.data:
            if kept is None:
                self.add_error("kept" if "kept" in self.fields else None, "Choose which to fetch.")
            else:
                self._read("kept", kept.name, lambda: read_address(kept))
        elif file is not None and text.strip():
            self.add_error("text", "Give lines of text or a spreadsheet, not both at once.")
        elif file is not None:
            self._read("file", file.name or "a file", lambda: _read_file(file))
        else:
            self._read("text", "Pasted text", lambda: read_pasted(text))
        return cleaned

    def _read(self, field: str, source: str, read: Callable[[], Programme]) -> None:
        try:
            self.programme = read()
        except UnreadableError as error:
            self.add_error(field, ValidationError(str(error)))
        self.source = source[:200]


@admin.register(ProgrammeImport)
class ProgrammeImportAdmin(TrackedAdmin[ProgrammeImport]):
    list_display = ["source", "number", "state", "read_on", "imported_on"]
    list_display_links = ["source"]
    list_filter = [missing_filter("imported_at", "state", "To look through", "Imported")]
    list_select_related = ["created_by", "imported_by", "kept_source"]
    search_fields = ["source"]
    search_help_text = "Words in the name of the file, or in the first line"
    ordering = ["-created_at", "-pk"]

    # --- permissions: those to add sessions ---------------------------------------------------

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: ProgrammeImport | None = None) -> bool:
        return request.user.has_perm("training.add_session")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(
        self, request: HttpRequest, obj: ProgrammeImport | None = None
    ) -> bool:
        return self.has_view_permission(request)

    def has_delete_permission(
        self, request: HttpRequest, obj: ProgrammeImport | None = None
    ) -> bool:
        """Allow to throw away what is not imported; what is stays as the record of it."""
        return False

    # --- the list -----------------------------------------------------------------------------

    def get_queryset(self, request: HttpRequest) -> QuerySet[ProgrammeImport]:
        imports = super().get_queryset(request)
        # The list does not load the lines, which may be thousands.
        return imports.defer("lines", "remarks", "made", "to_cancel")

    @admin.display(description="state", ordering="imported_at")
    def state(self, obj: ProgrammeImport) -> str:
        return "Imported" if obj.is_done else "To look through"

    @admin.display(description="read", ordering="created_at")
    def read_on(self, obj: ProgrammeImport) -> str:
        return self.made(obj)

    @admin.display(description="imported", ordering="imported_at")
    def imported_on(self, obj: ProgrammeImport) -> str:
        if obj.imported_at is None:
            return "not yet"
        when = timezone.localtime(obj.imported_at).strftime("%-d %b %Y, %H:%M")
        return f"{when}, {obj.imported_by}" if obj.imported_by else when

    # --- addresses ----------------------------------------------------------------------------

    def get_urls(self) -> list[URLPattern]:
        site = self.admin_site.admin_view
        name = "training_programmeimport_{}"
        return [
            path("export.<str:ending>", site(self.export_view), name=name.format("export")),
            path(
                "<int:pk>/throw-away/", site(self.throw_away_view), name=name.format("throw_away")
            ),
            *super().get_urls(),
        ]

    def _page(
        self, request: HttpRequest, name: str, title: str, **context: object
    ) -> TemplateResponse:
        return TemplateResponse(
            request,
            f"admin/training/programmeimport/{name}.html",
            {**self.admin_site.each_context(request), "title": title, "opts": self.opts, **context},
        )

    def _found(self, request: HttpRequest, key: str | int) -> ProgrammeImport:
        if not self.has_view_permission(request):
            raise PermissionDenied
        found = None
        if KEY.fullmatch(str(key)):
            found = ProgrammeImport.objects.filter(pk=int(key)).first()
        if found is None:
            raise Http404
        return found

    # --- reading ------------------------------------------------------------------------------

    def add_view(self, request: HttpRequest, *args: object, **kwargs: object) -> HttpResponse:
        """Read a text or a file."""
        if not self.has_add_permission(request):
            raise PermissionDenied
        is_post = request.method == "POST"
        if is_post and {"_rename", "_delete"} & set(request.POST):
            return self._change_source(request)
        if is_post:
            form = ReadForm(request.POST, request.FILES)
        else:
            typed = taken_back(request)
            form = ReadForm(initial={"text": typed.get("text")})
            form.files = request.FILES
            show_held(form)
        if is_post and form.is_valid():
            tidy(form.programme.lines)
            programme = ProgrammeImport(
                source=form.source, remarks=form.programme.remarks, table=form.programme.table
            )
            if kept := form.cleaned_data.get("kept"):
                programme.kept_source = kept
                read_as_before(kept, programme, form.programme)
                if number := answer_again(kept, form.programme.lines):
                    programme.remarks.append(
                        f"In {number} line{'s' if number != 1 else ''} the course or the venue is "
                        f"as it was chosen for “{kept}” before."
                    )
                order_again(kept, programme, form.programme.lines)
                years_again(kept, programme, form.programme.lines)
                again = answer_questions_again(kept, form.programme.lines, request.user)
                if again:
                    programme.remarks.append(
                        f"Of {again} line{'s' if again != 1 else ''} something was answered as for "
                        f"“{kept}” before; each says so."
                    )
            programme.set_lines(form.programme.lines)
            set_author(programme, request.user)
            because(programme, "Read").save()
            return HttpResponseRedirect(_address(programme))
        if is_post:
            hold_chosen(request, [form])
        return self._page(
            request,
            "read",
            "Import a programme",
            form=form,
            columns=COLUMNS.values(),
            sources=self._sources(),
        )

    def _sources(self) -> list[dict[str, object]]:
        """Return the kept sources, each with when it was used last, and by whom."""
        imports = ProgrammeImport.objects.select_related("created_by", "kept_source")
        latest = imports.defer("lines", "remarks", "made", "to_cancel", "table")
        sources = ProgrammeSource.objects.prefetch_related(
            Prefetch("imports", latest.order_by("-created_at", "-pk"))
        )
        return [
            {"source": source, "used": self.made(last) if last else "not yet"}
            for source in sources
            for last in [next(iter(source.imports.all()), None)]
        ]

    def _change_source(self, request: HttpRequest) -> HttpResponse:
        """Rename or delete a kept source."""
        sent = request.POST
        key = sent.get("_rename") or sent.get("_delete", "")
        with transaction.atomic():
            found = (
                ProgrammeSource.objects.filter(pk=int(key)).first() if KEY.fullmatch(key) else None
            )
            source = found and lock(found)
            if source is None:
                messages.error(request, "A colleague deleted this source meanwhile.")
            elif "_delete" in sent:
                because(source, "Deleted").delete()
                messages.success(
                    request, f"“{source}” is no longer kept. What was imported from it stays."
                )
            else:
                try:
                    rename_source(source, sent.get(f"source-{key}", ""), request.user)
                    messages.success(request, f"It is called “{source}” now.")
                except ValidationError as error:
                    messages.error(request, f"It keeps its name. {' '.join(error.messages)}")
        return HttpResponseRedirect(reverse("admin:training_programmeimport_add"))

    # --- looking through ----------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, *args: object, **kwargs: object
    ) -> HttpResponse:
        programme = self._found(request, object_id)
        if request.method == "POST":
            return self._sent_back(request, programme)
        return self._shown(request, programme)

    def _shown(
        self,
        request: HttpRequest,
        programme: ProgrammeImport,
        lines: Sequence[Line] | None = None,
    ) -> HttpResponse:
        if programme.is_done:
            return self._record(request, programme)
        lines = programme.get_lines() if lines is None else lines
        earlier = earlier_of(programme)
        plans = plan_all(lines, request.user, earlier)
        preview = Preview(
            plans,
            request.user,
            request.POST.get("_page") or request.POST.get("page") or request.GET.get("page"),
            after=request.GET.get("after"),
            missing=earlier.missing,
            to_cancel=programme.to_cancel,
        )
        to_cancel = [one for one in earlier.missing if one.pk in preview.to_cancel]
        source = programme.kept_source
        remarks, rows_not_used = folded(programme.remarks)
        return self._page(
            request,
            "preview",
            f"Look through: {programme.source}",
            programme=programme,
            remarks=remarks,
            rows_not_used=rows_not_used,
            preview=preview,
            columns=shown_columns(programme, lines),
            columns_are_open=bool(programme.table.get("headings"))
            and not set(NEEDED) <= set(columns_of(programme).values()),
            column_names=[(name, label) for name, (label, _) in COLUMNS.items()],
            fingerprint=fingerprint(plans, to_cancel),
            source_name=request.POST.get("source-name", getattr(source, "name", "")),
            source_address=request.POST.get("source-address", getattr(source, "address", "")),
        )

    def _sent_back(self, request: HttpRequest, programme: ProgrammeImport) -> HttpResponse:
        """Save what was typed, then do what the button says."""
        with transaction.atomic():
            locked = lock(programme)
            if locked is None:
                messages.error(request, "A colleague threw this import away meanwhile.")
                return HttpResponseRedirect(_list_address())
            if locked.is_done:
                messages.error(request, "A colleague imported this meanwhile.")
                return HttpResponseRedirect(_address(locked))
            lines = locked.get_lines()
            typed = change_lines(lines, request.POST)
            changed = bool(typed) | tick_lines(lines, request.POST)
            changed |= tick_missing(locked, request.POST)
            if changed and request.POST.get("version") != str(locked.version):
                messages.error(
                    request,
                    f"{locked.updated_by or 'Somebody'} changed lines of this import after you had "
                    "opened it. What you typed is below and is not saved yet; “Look again” "
                    "saves it.",
                )
                return self._shown(request, locked, lines)
            is_stale = request.POST.get("version") != str(locked.version)
            if is_stale and set(_BY_PLACE) & set(request.POST):
                messages.error(
                    request,
                    f"{locked.updated_by or 'Somebody'} changed lines of this import after you had "
                    "opened it. Here is how they stand now: answer once more.",
                )
                return HttpResponseRedirect(_address(locked))
            try:
                kept = self._keep_source(request, locked)
            except ValidationError as error:
                messages.error(request, f"The source is not kept. {' '.join(error.messages)}")
                return self._shown(request, locked, lines)
            try:
                answered = _answered(request, locked, lines)
            except NotAssignedError as error:
                messages.error(request, str(error))
                return self._shown(request, locked, lines)
            if answered is not None:
                lines, changed = answered, True
            if _act_on_lines(request, locked, lines) or changed or kept:
                locked.set_lines(lines)
                set_author(locked, request.user)
                because(locked, "Lines changed").save()
                changed = True
        if "_confirm" in request.POST:
            return self._confirm(request, locked, changed=changed)
        return HttpResponseRedirect(f"{_address(locked)}{_where(request.POST, typed)}")

    def _keep_source(self, request: HttpRequest, programme: ProgrammeImport) -> bool:
        """Keep the source if its name or address was typed, whatever button is pressed."""
        source = programme.kept_source
        kept = (source.name, source.address) if source else ("", "")
        name, address = (request.POST.get(f"source-{part}", "") for part in ("name", "address"))
        if (name, address) == kept or "source-name" not in request.POST:
            return False
        programme.kept_source = keep_source(programme, name, address, request.user)
        messages.success(
            request, f"Kept as “{programme.kept_source}”: choose it when you import the next one."
        )
        return True

    def _confirm(
        self, request: HttpRequest, programme: ProgrammeImport, *, changed: bool
    ) -> HttpResponse:
        if changed:
            messages.warning(
                request,
                "You had changed something, so nothing is imported yet. Here is how it stands "
                "now: look through it and confirm.",
            )
            return HttpResponseRedirect(_address(programme))
        try:
            written = write(programme, request.user, request.POST.get("fingerprint", ""))
        except NotWrittenError as refused:
            messages.error(request, str(refused))
            still_there = ProgrammeImport.objects.filter(pk=programme.pk).exists()
            return HttpResponseRedirect(_address(programme) if still_there else _list_address())
        number = len(written.made_keys("sessions"))
        self.log_change(request, written, f"Imported {number} sessions.")
        messages.success(request, _summary(written))
        return HttpResponseRedirect(_address(written))

    # --- afterwards ---------------------------------------------------------------------------

    def _record(self, request: HttpRequest, programme: ProgrammeImport) -> HttpResponse:
        sessions = Session.objects.filter(pk__in=programme.made_keys("sessions"))
        courses = Course.objects.filter(pk__in=programme.made_keys("courses")).order_by("title")
        lines = programme.get_lines()
        change = BulkChange.objects.filter(pk__in=programme.made_keys("change")).first()
        undone_at = change.undone_at if change else None
        return self._page(
            request,
            "record",
            f"Imported: {programme.source}",
            programme=programme,
            sessions=sessions.select_related("course", "venue").soonest_first(),
            courses=courses,
            changes=Course.objects.proposed_changes()
            .filter(pk__in=programme.made_keys("changes"))
            .order_by("title"),
            drafts=[course for course in courses if course.is_draft],
            venues=Venue.objects.filter(pk__in=programme.made_keys("venues")),
            number=len(programme.made_keys("sessions")),
            who_confirms=who_confirms(),
            changed=Session.objects.filter(pk__in=programme.made_keys("changed"))
            .select_related("course")
            .soonest_first(),
            left_out=[line for line in lines if line.left_out],
            asked=[line for line in lines if line.asked],
            not_added=sum(
                1 for line in lines if line.session is None and not line.left_out and not line.asked
            ),
            imported_on=self.imported_on(programme),
            undo_address=reverse("admin:mscp_bulkchange_undo", args=[change.pk])
            if change and undone_at is None
            else "",
            undone_on=moment_in_words(undone_at) if undone_at else "",
            read_on=self.made(programme),
        )

    def throw_away_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        programme = self._found(request, pk)
        if programme.is_done:
            raise Http404
        if request.method == "POST":
            with transaction.atomic():
                locked = lock(programme)
                if locked and not locked.is_done:
                    locked.delete()
                    messages.success(request, "The import was thrown away. Nothing was added.")
            return HttpResponseRedirect(_list_address())
        title = "Throw this import away?"
        return self._page(request, "throw_away", title, programme=programme)

    # --- export -------------------------------------------------------------------------------

    def export_view(self, request: HttpRequest, ending: str) -> HttpResponse:
        """Send the filtered list of sessions as a spreadsheet."""
        session_admin: Any = self.admin_site._registry[Session]
        if not session_admin.has_view_permission(request):
            raise PermissionDenied
        if ending not in FILE_TYPES:
            raise Http404
        content_type, write_file = FILE_TYPES[ending]
        try:
            changelist = session_admin.get_changelist_instance(request)
        except IncorrectLookupParameters:
            # As the list itself responds.
            return HttpResponseRedirect(
                reverse("admin:training_session_changelist") + f"?{ERROR_FLAG}=1"
            )
        content = write_file(sessions_of(changelist.get_queryset(request)))
        response = HttpResponse(content, content_type=content_type)
        name = f"programme-{clock.today().isoformat()}.{ending}"
        response.headers["Content-Disposition"] = content_disposition_header(True, name) or ""
        return response


def _summary(written: ProgrammeImport) -> str:
    """Return a sentence about what an import made; the page below has the links."""
    sessions, courses, venues = (
        len(written.made_keys(kind)) for kind in ("sessions", "courses", "venues")
    )
    summary = f"{sessions} session{'s were' if sessions != 1 else ' was'} imported."
    new = []
    if courses:
        new.append(f"{courses} courses, as drafts" if courses != 1 else "1 course, as a draft")
    if venues:
        new.append(f"{venues} venue{'s' if venues != 1 else ''}")
    if new:
        summary = f"{summary} New with them: {'; '.join(new)}."
    if changed := len(written.made_keys("changed")):
        summary = f"{summary} Changed: {changed}."
    if changes := len(written.made_keys("changes")):
        which = "a proposed change" if changes == 1 else f"{changes} proposed changes"
        summary = f"{summary} Those of live courses wait in {which}."
    return summary


def _read_file(file: "File[bytes]") -> Programme:
    return read_sheet(file.read(MOST.most + 1))


def read_pasted(text: str) -> Programme:
    """Read lines of text, or cells copied from a spreadsheet with their headings."""
    first_lines = text.lstrip().split("\n", HEADING_WITHIN)[:HEADING_WITHIN]
    if any(is_heading(line.split("\t")) for line in first_lines if "\t" in line):
        return read_sheet(seen_lines(text).lstrip().encode())
    return read_text(text)


def _act_on_lines(request: HttpRequest, programme: ProgrammeImport, lines: Sequence[Line]) -> bool:
    """Handle the buttons of lines; return whether anything changed."""
    user = request.user
    if "_tick_all" in request.POST:
        return tick_all(plan_all(lines, user, earlier_of(programme)))
    if "_apart" in request.POST:
        return say_apart(request.POST["_apart"], plan_all(lines, user, earlier_of(programme)))
    return _leave_out(request, lines, user)


# What names lines by their place: it is refused if the lines changed meanwhile.
_BY_PLACE = ("_answer", "_for_all", "_leave", "_take", "_stand", "_join", "_apart")
_YEAR = re.compile("20[0-9]{2}")


def _answered(
    request: HttpRequest, programme: ProgrammeImport, lines: Sequence[Line]
) -> list[Line] | None:
    """Handle what is answered: a question, the ticks, the year, the order; None if nothing is."""
    sent = request.POST

    def planned() -> list[Plan]:
        return plan_all(lines, request.user, earlier_of(programme))

    if "_columns" in sent:
        return assign(programme, lines, sent_columns(sent, shown_columns(programme, lines)))
    answered: list[Line] | None = None
    if ticked := sent.getlist("new"):
        answered = tick_new(planned(), ticked)
    if "_answer" in sent:
        alone = answer_alone(lines, sent["_answer"], sent.getlist("like"), request.user)
        return alone or give_answer(planned(), sent["_answer"], sent.getlist("like"))
    if "_for_all" in sent:
        return answer_for_all(planned(), sent["_for_all"])
    if "_stand" in sent:
        return stand(planned(), sent["_stand"])
    if "_new" in sent:
        return take_new(planned(), sent["_new"])
    year = sent.get("year", "").strip()
    if "_year" in sent and _YEAR.fullmatch(year) and give_year(lines, int(year)):
        programme.table = {**programme.table, "year": NEXT_YEAR}
        return list(lines)
    if "_month_first" in sent and put_month_first(lines):
        programme.table = {**programme.table, "order": MONTH_FIRST}
        return list(lines)
    return answered


# What is asked for the whole, and stands above the lines.
_FOR_WHOLE = ("_for_all", "_new", "_year", "_month_first", "new")
_OF_LINE = re.compile("([0-9]{1,5})(-.*)?")


def _where(sent: QueryDict, typed: Sequence[int]) -> str:
    """Return where the preview goes on: at the questions for the whole, or at the next line.

    ``typed`` are the lines in which something was typed.
    """
    here = sent.get("page", "")
    wanted = {"page": sent.get("_page") or here}
    names = [match[1] for name in _BY_PLACE if (match := _OF_LINE.fullmatch(sent.get(name, "")))]
    if set(_FOR_WHOLE) & set(sent):
        place = "#whole"
    elif wanted["page"] == here and (names := [*names, *map(str, typed)]):
        wanted["after"], place = names[0], "#next"
    else:
        place = ""
    query = urlencode({name: value for name, value in wanted.items() if KEY.fullmatch(value)})
    return f"{'?' if query else ''}{query}{place}"


def _leave_out(request: HttpRequest, lines: Sequence[Line], user: AnyUser) -> bool:
    """Handle the buttons of lines: leave out, take back, or join two lines."""
    if "_join" in request.POST:
        return _join(request.POST["_join"], plan_all(lines, user))
    for button in ("_leave", "_take"):
        if button in request.POST:
            return _leave_one(request.POST[button], lines, is_left_out=button == "_leave")
    if "_take_in" in request.POST:
        return take_in(lines, request.POST["_take_in"])
    if "_take_back" in request.POST:
        # What the source hides is taken in by a button of its own.
        taken_back = [line for line in lines if line.left_out and not line.hidden]
        for line in taken_back:
            line.left_out = False
        return bool(taken_back)
    if "_leave_out_stopped" in request.POST:
        plans = [plan for plan in plan_all(lines, user) if plan.status is Status.STOPPED]
    elif "_leave_out_past" in request.POST:
        today = clock.today()
        plans = [
            plan
            for plan in plan_all(lines, user)
            if not plan.existing and plan.last_day and plan.last_day < today
        ]
    else:
        return False
    left_out = [plan.line for plan in plans if not plan.line.left_out]
    for line in left_out:
        line.left_out = True
    return bool(left_out)


def _leave_one(index: str, lines: Sequence[Line], *, is_left_out: bool) -> bool:
    """Leave out one line, or take it back."""
    line = lines[int(index)] if KEY.fullmatch(index) and int(index) < len(lines) else None
    if line is None or line.left_out is is_left_out:
        return False
    line.left_out = is_left_out
    return True


def _join(index: str, plans: Sequence[Plan]) -> bool:
    """Make one session of two lines on consecutive days."""
    plan = plans[int(index)] if KEY.fullmatch(index) and int(index) < len(plans) else None
    if plan is None or plan.joins is None:
        return False
    second = plans[plan.joins]
    if second.last_day is None or plan.start_date is None:
        return False
    plan.line.date = plan.start_date.strftime("%d/%m/%Y")
    plan.line.end_date = second.last_day.strftime("%d/%m/%Y")
    second.line.left_out = True
    return True


def _address(programme: ProgrammeImport) -> str:
    return reverse("admin:training_programmeimport_change", args=[programme.pk])


def _list_address() -> str:
    return reverse("admin:training_programmeimport_changelist")
