"""Kept sources of the programme: read again with what was answered about them before."""

from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError

from mscp.concurrency.limits import release_connection
from mscp.database import clock
from mscp.records.audit import set_author
from mscp.records.history import because
from mscp.records.locking import lock
from mscp.text.days import short
from mscp.typing import AnyUser
from mscp.web.fetching import UnreachableError, fetch
from training.models import Course, ProgrammeImport, ProgrammeSource, Venue
from training.models.programme_lines import NEW, NONE, TICKED, Line, Programme, UnreadableError
from training.programme.answers import AS_IT_STANDS, asked
from training.programme.assigning import as_called, assign, by_heading
from training.programme.columns import COLUMNS
from training.programme.files.sheets import MOST, read_sheet
from training.programme.lines.tidying import give_next_year, is_order_open, put_month_first
from training.programme.lines.titles import normal
from training.programme.planning.matching import plan_all

# Answers that are kept of one source; more would be one of thousands of lines.
MOST_ANSWERS = 2000
MONTH_FIRST = "month"
# The year was given for all days that have none; of another programme it is another year.
NEXT_YEAR = "next"
# Whether a session is held, and when, is asked anew of each programme.
OF_ONE_TIME = (
    *("not held", "provisional", "said moved", "several", "several days", "long", "weekday"),
    *("no day", "number", "order", "other day", "twice", "past"),
)
# What is answered for a line, and the text that it was answered for.
ANSWERED = {"course": "title", "place": "venue"}


def read_address(source: ProgrammeSource) -> Programme:
    """Fetch the address of a source and read it. Raises UnreadableError."""
    if not source.address:
        raise UnreadableError(f"“{source}” has no address to fetch. Choose its file.")
    # It may take seconds, and others need the database meanwhile.
    release_connection()
    try:
        content = fetch(source.address, most=MOST.most)
    except UnreachableError as error:
        raise UnreadableError(str(error)) from error
    return read_sheet(content)


def read_as_before(source: ProgrammeSource, programme: ProgrammeImport, read: Programme) -> None:
    """Give the columns of a sheet the meaning that they had in the last import of its source."""
    kept: Any = source.answers.get("columns")
    if not kept or not programme.table:
        return
    columns = by_heading(programme, kept)
    lines = assign(programme, read.lines, columns)
    if lines is not None:
        read.lines = lines
        named = ", ".join(
            f"“{short(programme.table['headings'][index], 40)}” is “{COLUMNS[name][0]}”"
            for index, name in sorted(columns.items())
        )
        programme.remarks.append(f"The columns were read as for “{source}” before: {named}.")


def _is_kept(kind: str, question: str, answer: str) -> bool:
    """Return whether an answer holds for the next programme too: it must be about a text of it."""
    return kind not in OF_ONE_TIME and "“" in question and answer != AS_IT_STANDS.label


def order_again(source: ProgrammeSource, programme: ProgrammeImport, lines: Sequence[Line]) -> None:
    """Read days in figures with the month first, if that was said before and none tells it."""
    if source.answers.get("order") == MONTH_FIRST and is_order_open(lines):
        put_month_first(lines)
        programme.table = {**programme.table, "order": MONTH_FIRST}
        programme.remarks.append(
            f"The days in figures were read with the month first, as for “{source}” before."
        )


def years_again(source: ProgrammeSource, programme: ProgrammeImport, lines: Sequence[Line]) -> None:
    """Give days without a year the one in which they come next, if they were given one before."""
    if source.answers.get("year") != NEXT_YEAR:
        return
    if number := give_next_year(lines, clock.today()):
        programme.table = {**programme.table, "year": NEXT_YEAR}
        programme.remarks.append(
            f"{number} day{'s have' if number != 1 else ' has'} no year. A year was given for "
            f"“{source}” before, so the one was taken in which each comes next; each line says so."
        )


def answer_questions_again(source: ProgrammeSource, lines: Sequence[Line], user: AnyUser) -> int:
    """Answer what was answered of the same texts before; return of how many lines."""
    known: Any = source.answers.get("asked")
    if not known:
        return 0
    answered = 0
    for plan in plan_all(lines, user):
        given = False
        for doubt in asked(plan):
            label = known.get(f"{doubt.kind}\n{doubt.text}")
            answer = next((one for one in doubt.answers if one.label == label), None)
            if answer and not answer.copies:
                plan.line.answer(doubt.kind, doubt.text, answer)
                given = True
        answered += given
    return answered


def rename_source(source: ProgrammeSource, name: str, user: AnyUser) -> None:
    """Give a kept source another name. Raises ValidationError."""
    source.name = " ".join(name.split())
    source.full_clean()
    set_author(source, user)
    because(source, "Renamed").save()


def answer_again(source: ProgrammeSource, lines: Sequence[Line]) -> int:
    """Answer for lines what was answered for their texts before; return for how many."""
    known = {
        "course": set(Course.objects.own_records().values_list("pk", flat=True)),
        "place": set(Venue.objects.values_list("pk", flat=True)),
    }
    answered = 0
    for line in lines:
        given = False
        for kind, name in ANSWERED.items():
            answer = source.answer(kind, normal(getattr(line, name)))
            # What was chosen may have been deleted since.
            if answer in (NEW, NONE) or (answer.isdecimal() and int(answer) in known[kind]):
                setattr(line, kind, answer)
                given = True
        answered += given
    return answered


def keep_answers(programme: ProgrammeImport, lines: Sequence[Line], user: AnyUser) -> None:
    """Keep with its source what was chosen in an import, once that is made."""
    source = programme.kept_source and lock(programme.kept_source)
    if not source:
        return
    answers = {kind: dict(source.answers.get(kind, {})) for kind in ANSWERED}
    for line in lines:
        for kind, name in ANSWERED.items():
            text, chosen = normal(getattr(line, name)), getattr(line, kind)
            # A course that was new is known from now on, by its title.
            if text and chosen and not line.left_out and chosen not in (NEW, TICKED):
                answers[kind][text] = chosen
    # How its columns were read.
    called = as_called(programme)
    kept: dict[str, Any] = {
        kind: dict(list(given.items())[-MOST_ANSWERS:]) for kind, given in answers.items()
    }
    asked_before: dict[str, str] = dict(source.answers.get("asked", {}))
    for line in lines:
        for question, text, answer in line.answered:
            if _is_kept(question, text, answer):
                asked_before.pop(f"{question}\n{text}", None)
                asked_before[f"{question}\n{text}"] = answer
    if asked_before:
        kept["asked"] = dict(list(asked_before.items())[-MOST_ANSWERS:])
    if order := programme.table.get("order"):
        kept["order"] = order
    if year := programme.table.get("year"):
        kept["year"] = year
    if called:
        kept["columns"] = called
    kept = {**source.answers, **kept}
    if kept != source.answers:
        source.answers = kept
        set_author(source, user)
        because(source, "Answers of an import kept").save()


def keep_source(
    programme: ProgrammeImport, name: str, address: str, user: AnyUser
) -> ProgrammeSource:
    """Keep the source of an import by a name, or give that which it has another.

    Raises ValidationError.
    """
    name, address = " ".join(name.split()), address.strip()
    source = programme.kept_source or ProgrammeSource.objects.filter(name=name).first()
    if source is not None:
        source = lock(source)
    source = source or ProgrammeSource()
    source.name, source.address = name, address
    try:
        source.full_clean()
    except ValidationError as error:
        raise ValidationError(
            [
                f"{'Name' if field == 'name' else 'Address'}: {' '.join(messages)}"
                for field, messages in error.message_dict.items()
            ]
        ) from error
    set_author(source, user)
    because(source, "Kept").save()
    return source
