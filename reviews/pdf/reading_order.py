"""Reading order: what a file draws late and stands alone at its height is read where it stands.

Programs draw the title above a list of contents last, and a cover from its foot to its head. Where
two things stand side by side, only the order of the file says which is read first, and it stays.
"""

from collections.abc import Sequence

from reviews.pdf.lines import Line
from reviews.pdf.turned import is_turned

# A page of more runs is a drawing.
MOST_RUNS = 60


def in_reading_order(lines: Sequence[Line]) -> list[Line]:
    """Return the lines of a page, with each run that nothing stands beside at its height."""
    runs = _runs(lines)
    # Turned lines climb word by word.
    if not 1 < len(runs) <= MOST_RUNS or any(not x.placed or is_turned(x) for x in lines):
        return list(lines)
    ordered = runs[0]
    for run in runs[1:]:
        # A run may go down past what was drawn before it.
        alone = [run] if _is_alone(run, ordered) else [[line] for line in run]
        if all(_is_alone(own, ordered) for own in alone):
            for own in alone:
                place = _place(own, ordered)
                ordered[place:place] = own
        else:
            ordered += run
    return ordered


def _runs(lines: Sequence[Line]) -> list[list[Line]]:
    """Return the lines in runs, each of which goes down the page."""
    runs: list[list[Line]] = []
    for line in lines:
        if runs and line.bottom > runs[-1][-1].top:
            runs[-1].append(line)
        else:
            runs.append([line])
    return runs


def _is_alone(run: Sequence[Line], lines: Sequence[Line]) -> bool:
    """Return whether no line stands at the height of a run."""
    top, bottom = min(line.top for line in run) + 1, max(line.bottom for line in run) - 1
    return not any(line.top < bottom and top < line.bottom for line in lines)


def _place(run: Sequence[Line], lines: Sequence[Line]) -> int:
    """Return where among the lines a run is read: before what is below it, or after them all."""
    bottom = max(line.bottom for line in run) - 1
    left, right = min(line.left for line in run), max(line.right for line in run)
    for place, line in enumerate(lines):
        if line.top >= bottom and line.left < right and left < line.right:
            return place
    return len(lines)
