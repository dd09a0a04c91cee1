"""Calendar dates in text, in every form in which they are written in the United Kingdom.

"12 March 2011", "12th of March, 2011", "March 12", "12/3/11", "12.03.2011", "2011-03-12" (ISO
8601), "20110312" and "D:20110312" of a file's properties. The day comes before the month. Of a year
of two digits the century is that in which it is not after 2035.
"""

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from mscp.text.days import FULL_MONTHS, LATEST, MONTHS
from mscp.text.folding import DASHES

# In full or in three letters; other beginnings are parts of other words.
_MONTHS = {name: number for name, number in MONTHS.items() if name in FULL_MONTHS or len(name) == 3}
_MONTHS["sept"] = 9
_MONTH = "|".join(sorted(_MONTHS, key=len, reverse=True))
_DAY = r"(?P<day{0}>0?[1-9]|[12][0-9]|3[01])"
_DASH = rf"[/.{re.escape(DASHES)}]"
WRITTEN = re.compile(
    r"(?i)(?<![0-9])(?:"
    # 12 March 2011, 12th of March, 12-Mar-11
    rf"{_DAY.format(1)}(?:st|nd|rd|th)?(?:\s+day)?(?:\s+of)?[\s,-]+(?P<month1>{_MONTH})(?![a-z])\.?"
    r"(?:[\s,-]+(?P<year1>[12][0-9]{3}|'?[0-9]{2}(?![0-9:.,/]?[0-9]|\s?[ap]\.?m)))?"
    # March 12, 2011
    rf"|(?<![a-z])(?P<month2>{_MONTH})(?![a-z])\.?\s+{_DAY.format(2)}(?:st|nd|rd|th)?(?![0-9:])"
    r"(?:,?\s+(?P<year2>[12][0-9]{3}))?"
    # 12/03/2011, 12.3.11
    rf"|{_DAY.format(3)}\s?(?P<dash>{_DASH})\s?(?P<month3>0?[1-9]|1[0-2])\s?(?P=dash)\s?"
    r"(?P<year3>[12][0-9]{3}|[0-9]{2})"
    # 2011-03-12, 2011/03/12, 20110312, 2011:03:12
    r"|(?P<year4>(?:19|20)[0-9]{2})(?P<sep>[-/.:]?)(?P<month4>0[1-9]|1[0-2])(?P=sep)"
    r"(?P<day4>0[1-9]|[12][0-9]|3[01])"
    r"(?=[0-9]{6}(?![0-9])|[T ]|[^0-9]|$)"
    r")(?![0-9]*[0-9]{7})"
)
_HAS_DIGIT = re.compile("[0-9]")


class WrittenDate(NamedTuple):
    day: int
    month: int
    year: int | None
    """None where the text leaves it out."""
    start: int
    end: int

    def as_date(self) -> date | None:
        return _date(self.year, self.month, self.day) if self.year else None


def dates_in(text: str) -> Iterator[WrittenDate]:
    """Yield the days of the calendar in a text, in their order."""
    if not _HAS_DIGIT.search(text):
        return
    for match in WRITTEN.finditer(text):
        for form in "1234":
            if match[f"day{form}"]:
                break
        year, month, day = (match[f"{part}{form}"] for part in ("year", "month", "day"))
        number = int(month) if month.isdigit() else _MONTHS[month.casefold()]
        whole = _year(year) if year else None
        # A day that is in no year is none: the 31st of June.
        if _date(whole or 2000, number, int(day)):
            yield WrittenDate(int(day), number, whole, *match.span())


def _year(written: str) -> int:
    digits = written.strip("'")
    if len(digits) == 4:
        return int(digits)
    return int(digits) + (2000 if int(digits) <= LATEST else 1900)


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
