"""Direct identifiers in text: numbers and addresses that by themselves tell who somebody is.

NHS numbers, National Insurance numbers, unique pupil numbers, numbers of cases, dates of birth,
full postcodes, telephone numbers and e-mail addresses, in the forms in which they are written in
the United Kingdom. Where a number has a check digit, it is checked; where it has none, a word
beside it must say what it is.

Left out, since they are no person's: numbers for emergencies, those that begin with 03, 08 or 09
(National Telephone Numbering Plan of Ofcom: organisations alone have them), and neutral citations
of judgments, under which these are published.
"""

import re
from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import NamedTuple

from mscp.text import phone_numbers
from mscp.text.folding import DASHES
from mscp.text.written_dates import dates_in

# Raised with every change of what is found, so that files are looked through again.
RULES = 2
# Characters beside an identifier that are quoted with it.
AROUND = 40


class IdentifierKind(StrEnum):
    NHS_NUMBER = "nhs_number"
    NATIONAL_INSURANCE = "national_insurance"
    PUPIL_NUMBER = "pupil_number"
    CASE_NUMBER = "case_number"
    DATE_OF_BIRTH = "date_of_birth"
    POSTCODE = "postcode"
    TELEPHONE = "telephone"
    EMAIL = "email"


LABELS = {
    IdentifierKind.NHS_NUMBER: "NHS number",
    IdentifierKind.NATIONAL_INSURANCE: "National Insurance number",
    IdentifierKind.PUPIL_NUMBER: "Unique pupil number",
    IdentifierKind.CASE_NUMBER: "Number of a case",
    IdentifierKind.DATE_OF_BIRTH: "Date of birth",
    IdentifierKind.POSTCODE: "Full postcode",
    IdentifierKind.TELEPHONE: "Telephone number",
    IdentifierKind.EMAIL: "E-mail address",
}


IN_A_SENTENCE = {
    IdentifierKind.NHS_NUMBER: "an NHS number",
    IdentifierKind.NATIONAL_INSURANCE: "a National Insurance number",
    IdentifierKind.PUPIL_NUMBER: "a unique pupil number",
    IdentifierKind.CASE_NUMBER: "a number of a case",
    IdentifierKind.DATE_OF_BIRTH: "a date of birth",
    IdentifierKind.POSTCODE: "a full postcode",
    IdentifierKind.TELEPHONE: "a telephone number",
    IdentifierKind.EMAIL: "an e-mail address",
}


class Identifier(NamedTuple):
    kind: IdentifierKind
    value: str
    """As it is compared: without spaces and dots, in capitals; an e-mail address in small ones."""
    start: int
    end: int


def identifiers_in(text: str) -> list[Identifier]:
    """Return the identifiers in a text, in their order; none is a part of another."""
    found: list[Identifier] = []
    taken: list[tuple[int, int]] = []
    for one in _all_in(text):
        if not any(one.start < end and start < one.end for start, end in taken):
            taken.append((one.start, one.end))
            found.append(one)
    return sorted(found, key=lambda one: one.start)


def quote(text: str, one: Identifier) -> tuple[str, str, str]:
    """Return what stands before an identifier, it as it is written, and what stands after it."""
    before = text[max(0, one.start - AROUND) : one.start]
    after = text[one.end : one.end + AROUND]
    if one.start > AROUND:
        before = f"…{before.partition(' ')[2] or before}"
    if one.end + AROUND < len(text):
        after = f"{after.rpartition(' ')[0] or after}…"
    return _in_one_line(before, after, text[one.start : one.end])


def _in_one_line(before: str, after: str, written: str) -> tuple[str, str, str]:
    first, written, last = (" ".join(part.split()) for part in (before, written, after))
    space_before = " " if first and before[-1:].isspace() else ""
    space_after = " " if last and after[:1].isspace() else ""
    return f"{first}{space_before}", written, f"{space_after}{last}"


def comparable(kind: IdentifierKind, written: str) -> str:
    """Return the value under which an identifier is compared, however it is written."""
    if kind is IdentifierKind.EMAIL:
        return _AT.sub("@", written).casefold().strip(".")
    if kind is IdentifierKind.TELEPHONE:
        return re.sub(r"[^0-9+]", "", phone_numbers.tidied(written))
    if kind is IdentifierKind.DATE_OF_BIRTH:
        days = (day.as_date() for day in dates_in(written))
        return next((day.isoformat() for day in days if day), written.strip())
    return re.sub(r"[\W_]", "", written).upper()


# --- one kind after another, those with a check digit or a word beside them first ----------------

_SPACE = r"[ \u00a0\u2009\u202f]"
_DASHES = re.escape(DASHES)
_GAP = rf"[ \u00a0\u2009\u202f{_DASHES}]"
_DIGITS_BEFORE = r"(?<![\w.,/£$€-])"
# Not the beginning of a longer number, nor of a decimal.
_DIGITS_AFTER = r"(?![\w/]|[.,:]\d|-\d)"


def _all_in(text: str) -> Iterator[Identifier]:
    has_digits = _ANY_DIGIT.search(text) is not None
    if "@" in text or "(at)" in text or "[at]" in text:
        yield from _emails(text)
    if has_digits:
        for find in _WITH_DIGITS:
            yield from find(text)


_ANY_DIGIT = re.compile("[0-9]")

_NHS = re.compile(
    rf"{_DIGITS_BEFORE}([0-9]{{3}})({_GAP}?)([0-9]{{3}})({_GAP}?)([0-9]{{4}}){_DIGITS_AFTER}"
)
_CHI = re.compile(r"(?i)(?:chi|nhs)(?!\w)[^0-9]{0,12}$")
_ISBN = re.compile(r"(?i)(isbn|issn|doi)[\s:-]*(10)?[\s:-]*$")


def _nhs_numbers(text: str) -> Iterator[Identifier]:
    """Yield numbers of ten digits whose last is the check digit, modulo 11 (NHS Data Dictionary).

    Those that begin with 0, 1, 2 or 8 are none of England, Wales or Northern Ireland; Scotland's,
    which begin with a day of birth, count with a word before them. An ISBN has the same check.
    """
    for match in _NHS.finditer(text):
        digits = match[1] + match[3] + match[5]
        if (match[2] == "") != (match[4] == "") or not is_nhs_number(digits):
            continue
        before = text[max(0, match.start() - 20) : match.start()]
        if _ISBN.search(before) or not (digits[0] in "345679" or _CHI.search(before)):
            continue
        yield Identifier(IdentifierKind.NHS_NUMBER, digits, match.start(), match.end())


def is_nhs_number(digits: str) -> bool:
    """Return whether the last of ten digits is the check digit of the others."""
    weighed = sum(int(digit) * (10 - place) for place, digit in enumerate(digits))
    return len(set(digits)) > 1 and weighed % 11 == 0


_NI = re.compile(
    r"(?<!\w)(?!BG|GB|NK|KN|TN|NT|ZZ)[ABCEGHJ-PRSTW-Z][ABCEGHJ-NPRSTW-Z]"
    rf"{_SPACE}?(?:[0-9]{{2}}{_SPACE}?){{3}}[A-D](?!\w)"
)


def _national_insurance(text: str) -> Iterator[Identifier]:
    """Yield National Insurance numbers (HMRC manual NIM39110)."""
    for match in _NI.finditer(text):
        yield _identifier(IdentifierKind.NATIONAL_INSURANCE, text, match.start(), match.end())


_UPN = re.compile(r"(?<!\w)[A-HJ-NP-RT-Z][0-9]{11}[0-9A-HJ-NP-RT-Z](?!\w)")
_UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"


def _pupil_numbers(text: str) -> Iterator[Identifier]:
    """Yield unique pupil numbers with a valid check letter (DfE, UPN guide)."""
    for match in _UPN.finditer(text):
        number = match[0]
        # The last place of a temporary number is a letter, which counts by its own place.
        values = [int(one) if one.isdigit() else _UPN_LETTERS.index(one) for one in number[1:]]
        weighed = sum(value * weight for weight, value in enumerate(values, 2))
        if _UPN_LETTERS[weighed % 23] == number[0]:
            yield _identifier(IdentifierKind.PUPIL_NUMBER, text, match.start(), match.end())


# Matched in small letters, which is quicker than without regard to case.
_BORN = re.compile(
    r"(?<!\w)(?:d\.?\s?o\.?\s?b(?!\w)\.?|dates?\s+of\s+births?|birth\s?dates?|birthday|born(?!\w)"
    r"|(?<=\()b\.?(?=\s?[0-9]))"
)
# Beside one another, or in two cells of a table.
FARTHEST = 40
# "Born in Leeds. On 3 May 2019 he …"; "born between 1 April 1950 and …", which is of many.
_NOT_OF_ONE = re.compile(
    r"(?:^[.;]\s+[a-z]|[a-z]{2}[.;]\s)|(?<!\w)(?:between|after|before|since|until|from)(?!\w)|[0-9@]"
)


def _births(text: str) -> Iterator[Identifier]:
    """Yield whole dates beside a word that says that somebody was born then."""
    lower = text.lower()
    if len(lower) != len(text):
        lower = text
    for word in _BORN.finditer(lower):
        after = dates_in(text[word.end() : word.end() + 2 * FARTHEST])
        day = next((one for one in after if one.start <= FARTHEST), None)
        offset = word.end()
        if day is None or _NOT_OF_ONE.search(lower[word.end() : word.end() + day.start]):
            # The date first, as in: 12/03/2011 (DOB).
            offset = max(0, word.start() - FARTHEST)
            *_, day = None, *dates_in(text[offset : word.start()])
            between = lower[offset + day.end : word.start()] if day else ""
            if between.strip(" ([,:\n\r") or word[0] == "born":
                continue
        when = day.as_date() if day else None
        if day and when:
            # However it is written, it is one date.
            start, end = offset + day.start, offset + day.end
            yield Identifier(IdentifierKind.DATE_OF_BIRTH, when.isoformat(), start, end)


# Names of the systems in which cases are kept, and of the numbers that courts and police give.
_SYSTEMS = (
    "liquid\\s?logic|mosaic|ics|lcs|care\\s?first|framework\\s?-?i|azeus|eclipse|capita\\s+one|"
    "synergy|impulse|cpims?|system\\s?one|systmone|emis|rio|paris|carenotes|pnc|niche|cris|connect"
)
_NUMBER_WORD = r"(?:number|no|nos|num|nr|ref|refs|reference|id|urn|\#)"
# The word before a number that says whose it is, up to the number itself.
_LABEL = re.compile(
    rf"(?i)(?<!\w)(?:(?:{_SYSTEMS})\s*(?:case|client|person|record|child)?\s*{_NUMBER_WORD}"
    rf"|(?:case|client|child|file|patient|person|hospital|court|claim|crime|incident|occurrence|"
    rf"custody|prison|cad|social\s+care|passport|home\s+office)\s*(?:file\s*|case\s*|record\s*)?"
    rf"{_NUMBER_WORD}"
    rf"|(?:reference|ref|number|no)\s+of\s+the\s+case)"
    rf"\.?\s*{_NUMBER_WORD}?\s*[.:;={_DASHES}]?\s*(?:is\s+|was\s+|:)?\s*$"
)
LONGEST_LABEL = 60
# In small letters, with which a search is quicker than without regard to case.
_MAYBE_LABEL = re.compile(
    r"(?<![a-z])(?:number|nos?|num|nr|refs?|reference|id|urn|of the case|#)(?![a-z])"
    r"[^a-z0-9]{0,6}(?:is |was |number|no|ref)?[^a-z0-9]{0,4}[a-z]{0,6}[^a-z]?[0-9]"
)
_VALUE = re.compile(
    rf"(?<![\w/.-])(?=[A-Z]{{0,6}}[\W_]?[0-9])[A-Z0-9]+(?:[/.{_DASHES}][A-Z0-9]+)*(?!\w)",
    re.IGNORECASE,
)
# Of the Family Court (ZW23C50123), of the Crown Court (T20217001), of the High Court
# (KB-2023-001234), and a unique reference number of the police and the CPS (01VX0123421).
_COURTS = re.compile(
    r"(?<![\w/-])(?:[A-Z]{2}[0-9]{2}[A-Z][0-9]{5}|T20[0-9]{6}|"
    r"(?:KB|QB|FD|BL|CO|CA|PT|HC|AC)-20[0-9]{2}-[A-Z]{0,3}-?[0-9]{6}|"
    r"[0-9]{2}[A-Z]{2}[0-9]{7})(?![\w/-])"
)
# Behind the name of the system in which the case is kept (LCS-123456, Mosaic 1234567); years and
# numbers of rooms are shorter.
_IN_A_SYSTEM = re.compile(
    r"(?<![\w/-])(?:LCS|ICS|CRIS|CPIMS?|PNC|EMIS|R[iI][oO]|M(?:osaic|OSAIC)|N(?:iche|ICHE)|System[Oo]ne|SystmOne"
    r"|Care[Ff]irst|Liquid ?[Ll]ogic|Azeus|Care[Nn]otes)"
    rf"[ :#/{_DASHES}]{{0,2}}(?P<value>[A-Z]{{0,2}}[0-9]{{5,10}}[A-Z]?)(?![\w/-])"
)
# Of police crime reports: CR/12345/21, 1234567/21.
_CRIME = re.compile(
    r"(?<![\w/-])(?:CR|CRI|CRIS|CAD|NC|OCC)[/ ]?[0-9]{3,8}[/ -](?:[0-9]{2}|[0-9]{4})(?![\w/-])"
)


def _case_numbers(text: str) -> Iterator[Identifier]:
    for match in _VALUE.finditer(text) if _MAYBE_LABEL.search(text.casefold()) else ():
        value = match[0]
        if sum(map(str.isdigit, value)) < 3 or _LIKE_A_DATE.fullmatch(value):
            continue
        if _LABEL.search(text[max(0, match.start() - LONGEST_LABEL) : match.start()]):
            yield _identifier(IdentifierKind.CASE_NUMBER, text, *match.span())
    for match in _IN_A_SYSTEM.finditer(text):
        yield _identifier(IdentifierKind.CASE_NUMBER, text, *match.span("value"))
    for pattern in (_COURTS, _CRIME):
        for match in pattern.finditer(text):
            yield _identifier(IdentifierKind.CASE_NUMBER, text, match.start(), match.end())


_LIKE_A_DATE = re.compile(
    r"(?i)[0-3]?[0-9][./-][01]?[0-9][./-][0-9]{2,4}|(?:19|20)[0-9]{2}(?:[/-](?:[0-9]{2}|[0-9]{4}))?"
)

# Areas of Royal Mail (PAF), so that a code of another kind is not taken for one.
_AREAS = (
    "AB AL B BA BB BD BF BH BL BN BR BS BT CA CB CF CH CM CO CR CT CV CW DA DD DE DG DH DL DN DT "
    "DY E EC EH EN EX FK FY G GL GU GY HA HD HG HP HR HS HU HX IG IM IP IV JE KA KT KW KY L LA LD "
    "LE LL LN LS LU M ME MK ML N NE NG NN NP NR NW OL OX PA PE PH PL PO PR RG RH RM S SA SE SG SK "
    "SL SM SN SO SP SR SS ST SW SY TA TD TF TN TQ TR TS TW UB W WA WC WD WF WN WR WS WV YO ZE"
).split()
_INWARD = "[0-9][ABD-HJLNP-UW-Z]{2}"
_POSTCODE = re.compile(
    rf"(?<![\w&/.-])(?P<area>[A-Z]{{1,2}})[0-9][0-9A-HJKMNPR-Y]?(?P<gap>\s?){_INWARD}(?![\w/-])"
)
_POSTCODE_SMALL = re.compile(
    r"(?<![\w&/.@-])(?P<area>[a-z]{1,2})[0-9][0-9a-hjkmnpr-y]? [0-9][abd-hjlnp-uw-z]{2}(?![\w/@-])"
)
_ORDINAL = re.compile("(?i)(1st|2nd|3rd|[04-9]th)$")


def _postcodes(text: str) -> Iterator[Identifier]:
    for match in _POSTCODE.finditer(text):
        if match["area"] not in _AREAS or _ORDINAL.search(match[0]):
            continue
        # Without a space between them such letters and digits are mostly numbers of something.
        if not match["gap"] and not _ADDRESS_BEFORE.search(text[: match.start()][-60:]):
            continue
        yield _identifier(IdentifierKind.POSTCODE, text, match.start(), match.end())
    for match in _POSTCODE_SMALL.finditer(text):
        if match["area"].upper() in _AREAS and not _ORDINAL.search(match[0]):
            yield _identifier(IdentifierKind.POSTCODE, text, match.start(), match.end())


_ADDRESS_BEFORE = re.compile(
    r"(?i)(?:post\s?code\W{0,3}|(?:road|street|avenue|lane|close|drive|court|house|london|[a-z]+),?\s+)$"
)

_CALL = re.compile(
    r"(?<![\w/£$€#.=+-])(?:(?P<abroad>\+|00)(?=[1-9(])|\(?0(?=[1-9]))"
    rf"[0-9()][0-9() \u00a0\u2009\u202f.{_DASHES}]{{7,20}}[0-9]"
    r"(?![0-9]|[/.,]\d)"
)


def _telephones(text: str) -> Iterator[Identifier]:
    match = _CALL.search(text)
    while match:
        length = _end_of_number(match[0])
        end = match.start() + length if length else match.end()
        if length:
            yield _identifier(IdentifierKind.TELEPHONE, text, match.start(), end)
        # Of two in one line, such as those of two columns, the second is looked at by itself.
        match = _CALL.search(text, end)


def _end_of_number(written: str) -> int:
    """Return the length of the telephone number that a text of digits begins with, or 0."""
    ends = [match.end() for match in re.finditer("[0-9](?![0-9])", written)]
    for end in reversed(ends):
        part = written[:end]
        if part.count("(") != part.count(")") and part.count("(") + part.count(")") > 1:
            continue
        if _is_number(part):
            return end
    return 0


def _is_number(written: str) -> bool:
    digits = re.sub("[^0-9+]", "", written)
    if re.match(r"(?:\+|00)44", digits) or not digits.startswith(("+", "00")):
        try:
            number = re.sub("[^0-9]", "", phone_numbers.read(written))
        except phone_numbers.PhoneNumberError:
            return False
        return number not in phone_numbers.SHORT and number[:2] in ("01", "02", "07")
    # E.164: at most fifteen digits; written with 00, only in groups.
    count = len(re.sub("[^0-9]", "", digits)) - 2 * digits.startswith("00")
    is_grouped = bool(re.search(r"[0-9][ .-][0-9]", written))
    return 8 <= count <= 15 and (digits.startswith("+") or is_grouped)


_AT = re.compile(r"@|\s?[(\[]at[)\]]\s?")
_LOCAL_PART = re.compile(r"(?<![\w.+'-])\w[\w.+'-]{0,63}$")
_DOMAIN = re.compile(
    r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,24}(?![\w-])", re.IGNORECASE
)


def _emails(text: str) -> Iterator[Identifier]:
    # From the sign outwards: from the left, every word of a page might begin one.
    for sign in _AT.finditer(text):
        begin = max(0, sign.start() - 65)
        local = _LOCAL_PART.search(text[begin : sign.start()])
        domain = _DOMAIN.match(text, sign.end())
        if local and domain:
            yield _identifier(IdentifierKind.EMAIL, text, begin + local.start(), domain.end())


def _identifier(kind: IdentifierKind, text: str, start: int, end: int) -> Identifier:
    return Identifier(kind, comparable(kind, text[start:end]), start, end)


_WITH_DIGITS: tuple[Callable[[str], Iterator[Identifier]], ...] = (
    *(_national_insurance, _pupil_numbers, _births, _nhs_numbers),
    *(_case_numbers, _postcodes, _telephones),
)
