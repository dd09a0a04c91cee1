"""Findings of a file as its report tells them: by severity, the most severe first."""

from collections.abc import Iterable
from functools import cached_property
from itertools import groupby

from reviews.findings import ACCESSIBILITY, Explanation, Severity, explained
from reviews.models import DocumentFile, Finding


class OneKind:
    """The findings of one kind, told as one thing.

    A file has one of each kind that a copy takes out; those of files taken in by an earlier release
    have one on each page.
    """

    def __init__(self, kind: str, findings: list[Finding]) -> None:
        self.kind = kind
        self.findings = findings

    @property
    def explanation(self) -> Explanation:
        return explained(self.kind)

    @property
    def page(self) -> int | None:
        """Return its first page; None if it concerns the file as such."""
        pages = [finding.page for finding in self.findings]
        return None if None in pages else pages[0]

    @property
    def place(self) -> str:
        pages = [page for finding in self.findings for page in finding.all_pages]
        return Finding(page=self.page, pages=pages).place

    @property
    def details(self) -> list[str]:
        return list(dict.fromkeys(d for finding in self.findings for d in finding.details))

    @property
    def is_open(self) -> bool:
        return any(finding.blocks and not finding.is_accepted for finding in self.findings)

    @property
    def accepted(self) -> list[Finding]:
        return [finding for finding in self.findings if finding.is_accepted]


class Findings:
    """What was found in a file, by what is to be done about it."""

    def __init__(self, file: DocumentFile) -> None:
        self.file = file

    @cached_property
    def _all(self) -> list[Finding]:
        return list(self.file.findings.select_related("file"))

    def _of(self, severity: Severity) -> list[Finding]:
        return [finding for finding in self._all if finding.severity is severity]

    @cached_property
    def to_settle(self) -> list[Finding]:
        """Each is judged by a person, in the order of the pages."""
        return self._of(Severity.MUST_SETTLE)

    @cached_property
    def first_of_kind(self) -> frozenset[int]:
        """Return the keys of those to settle with which the advice for their kind is given."""
        first: dict[str, int] = {}
        for finding in self.to_settle:
            first.setdefault(finding.kind, finding.pk)
        return frozenset(first.values())

    @cached_property
    def to_clean(self) -> list[OneKind]:
        return _by_kind(self._of(Severity.WILL_BE_CLEANED))

    @cached_property
    def to_know(self) -> list[OneKind]:
        """Without what concerns accessibility."""
        known = self._of(Severity.TO_KNOW)
        return _by_kind(finding for finding in known if finding.kind not in ACCESSIBILITY)

    @cached_property
    def accessibility(self) -> list[OneKind]:
        return _by_kind(finding for finding in self._all if finding.kind in ACCESSIBILITY)

    @property
    def still_to_settle(self) -> list[Finding]:
        return [finding for finding in self.to_settle if not finding.is_accepted]

    @property
    def still_to_clean(self) -> list[Finding]:
        return [
            finding
            for kind in self.to_clean
            for finding in kind.findings
            if not finding.is_accepted
        ]

    @property
    def can_be_cleaned(self) -> bool:
        """Return whether a cleaned copy would be better than the file."""
        return any(finding.explanation.can_be_cleaned for finding in self._all)

    @property
    def everything(self) -> Iterable[OneKind]:
        """All of them by kind, the most severe first."""
        return [*_by_kind(self.to_settle), *self.to_clean, *self.to_know, *self.accessibility]


def _by_kind(findings: Iterable[Finding]) -> list[OneKind]:
    every = list(findings)
    order = list(dict.fromkeys(finding.kind for finding in every))
    every.sort(key=lambda finding: order.index(finding.kind))
    return [OneKind(kind, list(group)) for kind, group in groupby(every, lambda one: one.kind)]
