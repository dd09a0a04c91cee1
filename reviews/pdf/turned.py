"""Turned text: lines that climb or fall, of which every word is read as a line of its own."""

from collections.abc import Iterable, Sequence

from reviews.pdf.lines import Line

# The share of the letters of a page from which it is one that has to be turned to be read.
MOST = 0.6


def is_turned(line: Line) -> bool:
    """Return whether the letters of a line stand above each other."""
    height = line.bottom - line.top
    return (
        line.placed
        and len(line.text) > 2
        and height > 1.2 * (line.right - line.left)
        and height > 1.1 * line.size
    )


def is_turned_page(lines: Sequence[Line]) -> bool:
    """Return whether most of the text of a page is turned."""
    letters = sum(len(line.text) for line in lines)
    return sum(len(line.text) for line in lines if is_turned(line)) > MOST * letters > 0


def with_turned_joined(lines: Iterable[Line]) -> list[Line]:
    """Return lines, with the words of a turned one put together in the order of the file."""
    joined: list[Line] = []
    is_open = False
    for line in lines:
        last = joined[-1] if joined else None
        if last is not None and is_open and _goes_on(last, line):
            joined[-1] = last._replace(
                text=f"{last.text} {line.text}",
                top=min(last.top, line.top),
                bottom=max(last.bottom, line.bottom),
            )
            continue
        joined.append(line)
        is_open = is_turned(line)
    return joined


def _goes_on(last: Line, line: Line) -> bool:
    """Return whether a word stands above or below another in the same turned line."""
    size = max(line.size, 1.0)
    gap = max(line.top - last.bottom, last.top - line.bottom)
    return (
        abs(line.size - last.size) < 0.7
        and line.right - line.left < 2 * size
        and min(line.right, last.right) - max(line.left, last.left) > 0.5 * (line.right - line.left)
        and gap < size
    )
