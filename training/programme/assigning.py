"""Columns of an import given another meaning: its rows are read again, and answers are kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.http import QueryDict

from mscp.text.days import short
from training.models import ProgrammeImport
from training.models.programme_lines import BY_TEXT, TEXTS, Line
from training.programme.columns import COLUMNS, letter, plain
from training.programme.files.calendar_exports import CalendarColumns
from training.programme.files.sheets import line_of, read_statuses, row_of
from training.programme.lines.tidying import tidy

Columns = Mapping[int, str]
# How remarks begin on columns that are not used, which are written anew.
UNUSED = ("The column “", "No column is called")


class NotAssignedError(Exception):
    """The columns cannot be like that; the message is a sentence for the editor."""


@dataclass(frozen=True)
class ShownColumn:
    """A column as the preview shows it, with an example and what it may be."""

    index: int
    letter: str
    heading: str
    example: str
    # The text of a line that it is, or "".
    name: str


def columns_of(programme: ProgrammeImport) -> dict[int, str]:
    columns: dict[str, str] = programme.table.get("columns", {})
    return {int(index): name for index, name in columns.items() if name in COLUMNS}


def shown_columns(programme: ProgrammeImport, lines: Sequence[Line]) -> list[ShownColumn]:
    """Return the columns of a sheet that have a heading or a text; none for other sources."""
    headings: list[str] = programme.table.get("headings", [])
    columns = columns_of(programme)
    own = CalendarColumns(headings).own
    rows: list[list[str]] = [line.row.get("cells", []) for line in lines]
    found = []
    for index in range(max([len(headings), *map(len, rows)], default=0) if headings else 0):
        heading = headings[index] if index < len(headings) else ""
        example = next((row[index] for row in rows if index < len(row) and row[index]), "")
        if (heading.strip() or example) and index not in own:
            name = columns.get(index, "")
            found.append(ShownColumn(index, letter(index), heading, example, name))
    return found


def sent_columns(sent: QueryDict, shown: Sequence[ShownColumn]) -> dict[int, str]:
    """Return what was chosen for each column. Raises NotAssignedError."""
    columns: dict[int, str] = {}
    for column in shown:
        name = sent.get(f"column-{column.index}", column.name)
        if name not in COLUMNS:
            continue
        if name in columns.values():
            raise NotAssignedError(
                f"Two columns cannot both be “{COLUMNS[name][0]}”. Choose “Not used” for one."
            )
        columns[column.index] = name
    return columns


def assign(
    programme: ProgrammeImport, lines: Sequence[Line], columns: Columns
) -> list[Line] | None:
    """Read the rows again with their columns as given; return the lines, or None if nothing is new.

    Whatever was typed, chosen or answered of a line stays, but for the texts of columns that mean
    something else now.
    """
    before = columns_of(programme)
    if before == dict(columns) or not programme.table.get("headings"):
        return None
    calendar = CalendarColumns(programme.table["headings"])
    headings: list[str] = programme.table["headings"]
    was = _read(lines, before, calendar, headings)
    new = _read(lines, columns, calendar, headings)
    moved = {name for name in COLUMNS if _place(before, name) != _place(columns, name)}
    programme.table = {
        **programme.table,
        "columns": {str(index): name for index, name in columns.items()},
    }
    unused = [
        f"The column “{short(heading)}” ({letter(index)}) is not used."
        for index, heading in enumerate(calendar.beside(programme.table["headings"]))
        if heading.strip() and index not in columns
    ]
    programme.remarks = [
        *(text for text in programme.remarks if not text.startswith(UNUSED)),
        # Those of a calendar are many, and in one remark.
        *([" ".join(unused)] if calendar.is_calendar and unused else unused),
    ]
    return [
        _carried(line, old, fresh, moved) if line.row else line
        for line, old, fresh in zip(lines, was, new, strict=True)
    ]


def as_called(programme: ProgrammeImport) -> dict[str, str]:
    """Return which text each column is by its heading, as it is kept with a source."""
    headings: list[str] = programme.table.get("headings", [])
    columns = columns_of(programme)
    return {
        plain(heading): columns.get(index, "")
        for index, heading in enumerate(headings)
        if heading.strip()
    }


def by_heading(programme: ProgrammeImport, kept: Mapping[str, str]) -> dict[int, str]:
    """Return the columns as they were read of the same source before, by their headings."""
    columns: dict[int, str] = {}
    known = columns_of(programme)
    for index, heading in enumerate(programme.table.get("headings", [])):
        name = kept.get(plain(heading), known.get(index, ""))
        if name in COLUMNS and name not in columns.values():
            columns[index] = name
    return columns


def _place(columns: Columns, name: str) -> int | None:
    return next((index for index, other in columns.items() if other == name), None)


def _read(
    lines: Sequence[Line], columns: Columns, calendar: CalendarColumns, headings: list[str]
) -> list[Line]:
    found = []
    for line in lines:
        row = row_of(line.number, line.row)
        found.append(line_of(row, dict(columns)) if line.row else Line(line.number))
        calendar.adjust(found[-1], row)
    read_statuses(found, columns, headings)
    tidy(found)
    return found


def _carried(line: Line, was: Line, new: Line, moved: set[str]) -> Line:
    """Return a line as it is read now, with what somebody typed, chose or answered before."""
    for name in TEXTS:
        text = getattr(line, name)
        if name not in moved and text != getattr(was, name):
            setattr(new, name, text)
    new.course = BY_TEXT if "title" in moved else line.course
    new.place = BY_TEXT if "venue" in moved else line.place
    for name in ("left_out", "apart", "uid", "session", "known"):
        setattr(new, name, getattr(line, name))
    new.takes, new.answered, new.row = list(line.takes), list(line.answered), line.row
    # What was taken in of what the file hides stays in.
    taken = set(was.unseen) - set(line.unseen)
    for why in taken & set(new.unseen):
        for name, text in new.unseen.pop(why).items():
            new.write(name, text)
    settled = [(one.kind, one.text) for one in was.remarks]
    open_ones = {(one.kind, one.text) for one in line.remarks}
    settled = [one for one in settled if one not in open_ones]
    answered: Any = {(kind, text) for kind, text, _ in line.answered}
    new.remarks = [
        one
        for one in new.remarks
        if (one.kind, one.text) not in settled and (one.kind, one.text) not in answered
    ]
    return new
