"""Calendar exports as CSV: the columns of Outlook and Google Calendar, read as of sessions."""

from datetime import date, timedelta

from mscp.text.times import read_times
from training.models.programme_lines import Line
from training.programme.columns import plain
from training.programme.files.rows import Row
from training.programme.lines.moments import read_days

PRIVATE = "of private events"
# By these a row of headings is that of a calendar.
_NEEDED = {"subject", "startdate", "alldayevent"}
# How Outlook writes that somebody is only perhaps there.
_TENTATIVE = ("1", "tentative")
_TRUE = {"true", "yes", "1", "on", "wahr", "vrai"}


class CalendarColumns:
    """Where an export of a calendar holds what a programme has no column for."""

    def __init__(self, headings: list[str]) -> None:
        names = {plain(cell): index for index, cell in enumerate(headings)}
        self.is_calendar = names.keys() >= _NEEDED
        self.all_day, self.private = names.get("alldayevent"), names.get("private")
        self.sensitivity, self.shown_as = names.get("sensitivity"), names.get("showtimeas")
        # The columns that are read here, and are no text of a line.
        read_here = (self.all_day, self.private, self.sensitivity, self.shown_as)
        self.own = (
            {index for index in read_here if index is not None} if self.is_calendar else set()
        )

    def beside(self, cells: list[str]) -> list[str]:
        """Return the headings without those that are read here."""
        return ["" if index in self.own else cell for index, cell in enumerate(cells)]

    def adjust(self, line: Line, row: Row) -> None:
        """Read a line as calendars mean it: whole days, and events that are private."""
        if not self.is_calendar:
            return
        if self._is_true(row, self.all_day):
            self._as_whole_days(line)
        if self._cell(row, self.shown_as) in _TENTATIVE and not line.status:
            line.status = "Tentative"
        sensitivity = self._cell(row, self.sensitivity)
        if self._is_true(row, self.private) or sensitivity in ("private", "confidential"):
            line.hide(PRIVATE)

    def _as_whole_days(self, line: Line) -> None:
        # Outlook ends a whole day at the midnight after it, Google on the day, without times.
        ends_at_midnight = bool(line.end) and _is_midnight(line.end)
        line.start = line.end = ""
        if not ends_at_midnight or not line.end_date:
            return
        start, end = _nearest(line.date, line.end_date)
        if start and end and end > start:
            last = end - timedelta(days=1)
            line.end_date = "" if last == start else f"{last:%Y-%m-%d}"

    def _is_true(self, row: Row, index: int | None) -> bool:
        return self._cell(row, index) in _TRUE

    def _cell(self, row: Row, index: int | None) -> str:
        return (
            row.cells[index].strip().lower() if index is not None and index < len(row.cells) else ""
        )


def _is_midnight(text: str) -> bool:
    times = read_times(text)
    return times.start is not None and not (times.start.hour or times.start.minute)


def _nearest(first: str, last: str) -> tuple[date | None, date | None]:
    """Return both days in that order of day and month in which they are closest."""
    pairs = []
    for turn in (str, _turned):
        start, end = read_days(turn(first)).first, read_days(turn(last)).first
        if start and end and end >= start:
            pairs.append((start, end))
    return min(pairs, key=lambda pair: pair[1] - pair[0]) if pairs else (None, None)


def _turned(text: str) -> str:
    """Return a day in figures with its first two turned: 11/05/2027 for 05/11/2027."""
    parts = text.strip().split("/")
    return "/".join([parts[1], parts[0], *parts[2:]]) if len(parts) == 3 else text
