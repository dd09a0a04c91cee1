"""File name check: a name that reveals a version not meant for publication, or a person."""

import re
from collections.abc import Iterator
from pathlib import PurePath

# Words in the names of files which were not meant to be published as they are.
UNFINISHED = {
    "annotated": "annotated",
    "comments": "with comments",
    "commented": "with comments",
    "confidential": "confidential",
    "draft": "a draft",
    "embargoed": "under embargo",
    "internal": "internal",
    "markup": "with marks",
    "restricted": "restricted",
    "sensitive": "sensitive",
    "tracked": "with tracked changes",
    "unredacted": "not redacted",
    "wip": "unfinished",
}
# Capitalised words that are not names of persons.
ORDINARY = frozenset(
    re.findall(
        "[a-z]+",
        """
    about accessible action adult adults agency agencies analysis and annual anonymised appendix
    approved april assessment august baby babies board brief briefing case chapter child children
    childrens clean cleaned combined complete completed concise copy council country csp cspr csppr
    data date december design designed document easy edition embargo england english example
    executive family february file final finding findings for foreword friday from full guidance
    health home impact independent interim introduction january july june lcspr learning
    lessons letter lgbt local london lscb lscp march may meeting merged minute minutes
    monday multi national neglect new notice november october of official old on one
    overview page pages panel paper part partners partnership partnerships pdf pdfs phase plan
    police policy practice press print printed process progress protocol publication public
    published publisher publishing rapid read redacted reference reply report reports response
    review reviewed reviews revised safeguarding sample saturday scan scanned school scr sections
    september serious seven short signed site social spring statement strategic study sudi summary
    summer sunday template terms test text the thematic theme three thursday to tuesday two
    update updated ver version volume wales web website wednesday winter work working written year
    yearly
        """,
    )
)
_WORD = re.compile(r"[^\W\d_]+")
_BIRTH = re.compile(r"(?i)\b(d\.?o\.?b\.?|born)\b")
# Ten digits as the NHS writes them, 3-3-4.
_HEALTH_NUMBER = re.compile(r"(?<!\d)\d{3}[ -]\d{3}[ -]\d{4}(?!\d)")
_ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.]+")


def revealed_by_name(name: str, visible_text: str, partnership: str = "") -> list[str]:
    """Return sentences about what a file's name reveals beyond the document itself.

    ``visible_text`` is all of the document's: a name that occurs there reveals nothing new. Nor
    does a word of the partnership's own name.
    """
    stem = PurePath(name.replace("\\", "/")).name
    stem = re.sub(r"(?i)(\.pdf)+$", "", stem)
    ordinary = ORDINARY | {word.lower() for word in _WORD.findall(partnership)}
    return list(dict.fromkeys(_sentences(stem, visible_text, ordinary)))


def _sentences(stem: str, visible_text: str, ordinary: frozenset[str]) -> Iterator[str]:
    plain = stem.replace("_", " ").replace(".", " ")
    words = _WORD.findall(plain)
    for word in words:
        if kind := UNFINISHED.get(word.lower()):
            yield f"“{stem}” says that it is {kind}"
            break
    if _BIRTH.search(plain):
        yield f"“{stem}” seems to hold a date of birth"
    if _HEALTH_NUMBER.search(plain):
        yield f"“{stem}” seems to hold a number of a person"
    if _ADDRESS.search(stem):
        yield f"“{stem}” holds an e-mail address"
    people = [name for name in _people(plain, ordinary) if not _says(visible_text, name)]
    if people:
        yield f"“{stem}” seems to name {', '.join(people)}, whom the document does not name"


def _people(text: str, ordinary: frozenset[str]) -> Iterator[str]:
    """Yield runs of two or more words that look like a person's names."""
    run: list[str] = []
    for word in [*re.split(r"[\s\-–,()+&\[\]]+", text), ""]:
        is_name = (
            bool(_WORD.fullmatch(word.replace("'", "").replace("’", "")))
            and len(word) > 1
            and word[0].isupper()
            and word.lower() not in ordinary
            and word.lower() not in UNFINISHED
            and not (word.isupper() and len(word) < 5)
        )
        if is_name:
            run.append(word)
            continue
        if len(run) > 1:
            yield " ".join(run)
        run = []


def _says(visible_text: str, name: str) -> bool:
    text = visible_text.lower()
    return all(re.search(rf"\b{re.escape(word.lower())}\b", text) for word in name.split())
