"""File name check: a name that reveals a version not meant for publication, or a person.

And the names in a file's properties that are no news: those of the partnership itself.
"""

import re
from collections.abc import Iterable, Iterator
from pathlib import PurePath

from mscp.text.folding import plain
from reviews.pdf.report import Check, Found

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
# Capitalised words that are not names of persons, whole and as files shorten them.
ORDINARY = frozenset(
    re.findall(
        "[a-z]+",
        """
    about abuse academy access accessible account accounts act action adult adults advice
    agencies agency agenda agreement aid alternative an analysis and annual anon anonymised app
    appendix approved approx appx apr april as assessment assoc assurance at audit aug august
    auth authority babies baby bd bill blood board book booklet brief briefing bulletin business
    by care case centre chapter checklist child children childrens circular clean cleaned code
    college combined comm commission commissioned commissioner committee comms communication
    community complete completed compliance concise conf conference cons consult consultation
    consultations contents control copy corporate cost council country county court cover covid
    crime criminal criminality csp csppr cspr cyber data date death deaths debate dec december
    delivery department dept design designed dev digital disability disabled discussion doc docs
    document domestic draft drug drugs duty early east easy ed edition education embargo
    emergency employment eng engagement england english equality est estate evaluation evidence
    example exec executive exploitation extra fact factsheet family fatal feb february female
    file fin final finding findings fire first five flyer for force foreword form forum four
    framework fri friday from full fund further general girls good gov governance government
    govt great green group grp guidance guide handbook harm health hidden high home homes
    homicide hosp hospital house housing human impact in incident income increasing ind
    independent inf infant infected info infographic information injury inquiry inspection
    institute interim international into intro introduction investigation is issue issues jan
    january jnt joint jul july jun june justice key kingdom knowledge law lcspr lead leaflet
    learning legal lessons letter level lgbt life list local london looked lscb lscp making
    management manual mar march may meeting mental merged mgmt mgt mid midlands ministry mins
    minute minutes modern module mon monday monitoring moving mtg multi my nat national natl
    need needs neglect network new newsletter next no north note notes notice nov november
    number nurse nursery obs oct october of office officer official old on one online
    operational order org organisation other our outcome outcomes over overview page pages panel
    paper para parent parental parents parliament part partners partnership partnerships pdf
    pdfs people perf performance permanent pg phase physical pilot plan planning pol police
    policy post poster pp prac practice pre prelim presentation press prevention principles
    print printed priority private probation procedure procedures process prof prog programme
    progress project prot protection protocol provision pub public publication published
    publisher publishing qtr quality quarter quarterly question questions quick race rapid read
    rec recomm recommend recommendation recommendations record records recs redact redacted ref
    reference referral refs reg regional register regulations release rep reply report reports
    rept res research resource resources resp response results rev revd review reviewed reviews
    revised right rights risk road royal rural safe safeguarding safety sample sat saturday scan
    scanned sched schedule scheme school science scotland scr scrutiny sec second secondary sect
    section sections sector security self sen sep sept september serious service services sess
    setting seven sexual sg short signed significant site six slides soc social south spec
    special specialist speech spring staff standard standards stat state statement statistics
    stats statutory std steering step stock strat strategic strategies strategy street structure
    student study sub sudi summ summary summer sun sunday supp support survey system systems
    table task team tech technical temp template ten terms test text the thematic theme thinking
    third three through thu thur thurs thursday time to together tool toolkit town training
    transition transparency treatment trends trust ts tue tues tuesday two under understanding
    unit united univ university unknown update updated urban use user validation ver version
    victim victims view vision voice vol volume vulnerable wales web website wed wednesday
    welfare well wellbeing west what when white why winter with without women work workforce
    working workshop world written year yearly young youth yr
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
    for word in [*re.split(r"[\s,()+&\[\]-]+", plain(text)), ""]:
        is_name = (
            bool(_WORD.fullmatch(word.replace("'", "")))
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
    """Return whether the text has every word of a name, or a word that it is short for."""
    text = visible_text.lower()
    return all(
        re.search(rf"\b{re.escape(word.lower().removesuffix('s'))}s?\b", text)
        or _is_short(word, visible_text)
        for word in name.split()
    )


def _is_short(word: str, visible_text: str) -> bool:
    """Return whether a word is the beginning of a longer one with a capital, as "Recomm" is."""
    return len(word) > 3 and bool(re.search(rf"\b{re.escape(word)}[a-z]{{3}}", visible_text))


def without_own_name(found: Iterable[Found], *own: str) -> list[Found]:
    """Return findings without the partnership's own name in the properties of a file."""
    names = {_plain(name) for name in own if name}
    kept = []
    for one in found:
        if one.check is Check.NAMES_IN_PROPERTIES:
            details = [x for x in one.details if _plain(x.partition(": ")[2]) not in names]
            if not details:
                continue
            one = Found(one.check, one.page, details, one.pages)
        kept.append(one)
    return kept


def _plain(name: str) -> str:
    return " ".join(_WORD.findall(name.lower()))
