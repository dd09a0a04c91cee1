"""Citations: a reference in Harvard style, and records for reference managers.

Only known facts are given; an unknown author or date is left out, or called unknown if the style
has words for it.
"""

import re
from dataclasses import dataclass
from datetime import date
from typing import Self

from django.utils.dateformat import format as format_date

from mscp.database.compiled_query import related
from mscp.records.partial_dates import PartialDate
from mscp.text.lists import in_words
from reviews.models import Publication

RIS_TYPE = "application/x-research-info-systems; charset=utf-8"
BIBTEX_TYPE = "application/x-bibtex; charset=utf-8"

# Names that are BibTeX's own.
_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]


@dataclass(frozen=True)
class Citation:
    key: str
    title: str
    type: str
    authors: list[str]
    publisher: str
    dated: PartialDate | None
    themes: list[str]
    address: str
    accessed: date

    @classmethod
    def of(cls, publication: Publication, *, address: str, accessed: date) -> Self:
        """Make one from a publication; its publisher is the author if no other is known."""
        publisher = _on_one_line(publication.publisher)
        return cls(
            # Never the title, which an editor may correct after somebody cited it.
            key=f"{publication.kind.replace('_', '-')}-{publication.pk}",
            title=_on_one_line(publication.title),
            type=publication.get_type_display(),
            authors=[_on_one_line(name) for name in publication.authors]
            or ([publisher] if publisher else []),
            publisher=publisher,
            dated=publication.report_date,
            themes=[_on_one_line(theme.name) for theme in related(publication, "themes")],
            address=address,
            accessed=accessed,
        )

    @property
    def authors_in_tags(self) -> list[str]:
        """Return the authors as Zotero reads them from a page.

        It takes the last word of a name for the family name, but for one with a comma what is
        before it. So that of a body, which has no other part, ends with one.
        """
        is_body = self.authors == [self.publisher] and "," not in self.publisher
        return [f"{self.publisher},"] if is_body else self.authors

    # --- Harvard, as Cite Them Right has it: only the title is in italics ---------------------

    @property
    def author(self) -> str:
        """Return the authors as a reference names them: "A, B and C"."""
        return in_words(self.authors)

    @property
    def before_title(self) -> str:
        return f"{self.author} {self._year}" if self.author else ""

    @property
    def after_title(self) -> str:
        if not self.author:
            middle = f" {self._year}."
        else:
            middle = "" if self.title.endswith((".", "?", "!")) else "."
            if self.publisher and self.publisher != self.author:
                middle += f" {self.publisher.removesuffix('.')}."
        accessed = format_date(self.accessed, "j F Y")
        return f"{middle} Available at: {self.address} (Accessed: {accessed})."

    @property
    def _year(self) -> str:
        return f"({self.dated.year if self.dated else 'no date'})"

    def __str__(self) -> str:
        return f"{self.before_title} {self.title}{self.after_title}".strip()

    # --- records ------------------------------------------------------------------------------

    def as_ris(self) -> str:
        """Return a RIS record, which EndNote, Zotero and Mendeley read; one value a line."""
        fields = [
            ("TY", "RPRT"),
            ("ID", self.key),
            ("TI", self.title),
            *(("AU", author) for author in self.authors),
            ("PB", self.publisher),
            ("M3", self.type),
            ("PY", str(self.dated.year) if self.dated else ""),
            ("DA", _slashed(self.dated) if self.dated else ""),
            *(("KW", theme) for theme in self.themes),
            ("UR", self.address),
            ("Y2", f"{self.accessed:%Y/%m/%d}/"),
        ]
        lines = [f"{tag}  - {value}" for tag, value in fields if value]
        return "\r\n".join([*lines, "ER  - ", ""])

    def as_bibtex(self) -> str:
        """Return a BibTeX record, which LaTeX and JabRef read."""
        fields = {
            # In double braces, names and titles keep their spelling.
            "author": " and ".join(f"{{{_in_tex(author)}}}" for author in self.authors),
            "title": f"{{{_in_tex(self.title)}}}",
            "institution": _in_tex(self.publisher),
            "type": _in_tex(self.type),
            "year": str(self.dated.year) if self.dated else "",
            "keywords": _in_tex(", ".join(self.themes)),
            "url": self.address,
            "urldate": self.accessed.isoformat(),
        }
        lines = [f"  {name} = {{{value}}}," for name, value in fields.items() if value]
        if self.dated and self.dated.month:
            lines.append(f"  month = {_MONTHS[self.dated.month - 1]},")
        if self.dated and self.dated.day:
            lines.append(f"  day = {{{self.dated.day}}},")
        return "\n".join([f"@techreport{{{self.key},", *lines, "}", ""])


def _on_one_line(text: str) -> str:
    return " ".join(text.split())


def _slashed(dated: PartialDate) -> str:
    """Format a date as "2024/07//": unknown parts stay empty between the slashes."""
    month, day = (f"{part:02d}" if part else "" for part in (dated.month, dated.day))
    return f"{dated.year}/{month}/{day}/"


# A brace has a command, since BibTeX counts one even after a backslash.
_TEX = str.maketrans(
    {
        "\\": r"\textbackslash{}",
        "{": r"\textbraceleft{}",
        "}": r"\textbraceright{}",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
        **{sign: f"\\{sign}" for sign in "%&#_$"},
    }
)


# Two of these in a row would be typeset as another sign: -- as a dash, '' as a quote.
_LIGATURE = re.compile(r"([-'`<>,])(?=\1)")


def _in_tex(text: str) -> str:
    return _LIGATURE.sub(r"\1{}", text.translate(_TEX))
