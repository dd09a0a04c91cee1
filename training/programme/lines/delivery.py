"""Words on how a session is taught: online, in person, or both."""

import re

from mscp.text.folding import plain

_ONLINE = (
    r"(?:virtual|virtually|online|on-line|remote|remotely|webinar|zoom|(?:ms |microsoft )?teams)"
)
_OF_A_SESSION = r"(?: (?:only|based|session|training|workshop|course|event|delivery|learning))*"
_ONLINE_ONLY = re.compile(
    rf"(?:(?:{_ONLINE}|live|via|by|on|only|a|session|training|workshop|course|event|ms|microsoft)"
    r"\b[\s,/.:()\[\]-]*)+",
    re.IGNORECASE,
)
_IS_ONLINE = re.compile(rf"\b{_ONLINE}\b", re.IGNORECASE)
_TOGETHER = r"(?:in[ -]person|face[ -]to[ -]face|f2f|classroom)"
_BOTH = (
    rf"(?:hybrid|blended|{_TOGETHER} (?:and|&|or|/) {_ONLINE}|{_ONLINE} (?:and|&|or|/) {_TOGETHER})"
)
_IN_PERSON_ONLY = re.compile(rf"{_TOGETHER}{_OF_A_SESSION}\W*", re.IGNORECASE)
_BOTH_ONLY = re.compile(rf"{_BOTH}{_OF_A_SESSION}\W*", re.IGNORECASE)
IS_BOTH = re.compile(rf"\b{_BOTH}(?!\w)", re.IGNORECASE)
_BEGINS_ONLINE = re.compile(rf"\W*{_ONLINE}\b", re.IGNORECASE)
# "Face to face at the Town Hall", "F2F, Town Hall".
DELIVERY_FIRST = re.compile(
    rf"(?:{_BOTH}|{_TOGETHER}|{_ONLINE}){_OF_A_SESSION}(?:\s*,\s+|\s+(?=(?:at|in|@)\s))",
    re.IGNORECASE,
)


def is_online(text: str) -> bool:
    """Return whether a text says that something is taught online, and nothing else."""
    text = plain(text)
    return bool(_ONLINE_ONLY.fullmatch(text) and _IS_ONLINE.search(text))


def begins_online(text: str) -> bool:
    """Return whether a text may say that it is online, as "Teams (link to follow)"."""
    return bool(_BEGINS_ONLINE.match(plain(text)))


def is_in_person(text: str) -> bool:
    """Return whether a text says that people come together, and nothing else."""
    return bool(_IN_PERSON_ONLY.fullmatch(plain(text)))


def is_both(text: str) -> bool:
    return bool(_BOTH_ONLY.fullmatch(plain(text)))


def says_how(text: str) -> bool:
    """Return whether a text says how something is taught, and nothing else."""
    return is_online(text) or is_in_person(text) or is_both(text)
