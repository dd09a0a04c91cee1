"""Addresses (URLs, e-mail addresses) over the end of a line have no spaces, and keep hyphens."""

import re

# The beginning of an address, up to the end of the text.
_BEGUN = re.compile(
    r"(?:https?:/?/?|ftp://|www\.|[\w.+-]+@|(?:[a-z0-9-]+\.)+(?:uk|org|com|net|eu|int|info|wales|scot)/)\S*$",
    re.IGNORECASE,
)
# What the rest of one looks like: a name with a domain, or a path.
_MAIL = re.compile(r"[\w.+-]*@[\w-]+(?:\.[\w-]+)*", re.IGNORECASE)
_DOMAIN = re.compile(
    r"(?:[a-z0-9-]+\.)+(?:uk|org|com|net|eu|int|info|wales|scot)(?![\w.]*@)\b", re.IGNORECASE
)
_WHOLE = re.compile(r"(?:https?:|www\.|\S+@\S+\.\w)", re.IGNORECASE)
# An address does not end with one of these, or the next line begins with one.
_GO_ON_AFTER = tuple("/@_=&?%#~+:-")
_GO_ON_WITH = tuple("/@_=&?%#~")
_CLOSED = tuple(")]>”’\"',;")
LONGEST = 300


def keeps_hyphen(before: str, after: str) -> bool:
    """Return whether a hyphen between the ends of two lines is within an address."""
    if _begun(before):
        return True
    first = after[:LONGEST].partition(" ")[0]
    return _MAIL.match(first) is not None or _DOMAIN.match(first) is not None


def goes_on(before: str, after: str, *, full: bool) -> bool | None:
    """Return whether an address at the end of a line goes on in the next; None if none is there.

    ``full`` says that the line had no room for more: only then is an address cut between letters.
    """
    begun = _begun(before)
    if not begun:
        return None
    first = after[:LONGEST].partition(" ")[0]
    inside = first.rstrip(".,;:)")
    if not inside or begun.endswith(_CLOSED) or _WHOLE.match(first):
        return False
    if first.startswith(_GO_ON_WITH):
        return True
    has_signs = any(sign in inside for sign in "/.-_=%")
    if inside[0].isupper() and not has_signs:
        return begun.endswith(tuple("@_=&?%#~"))
    if begun.endswith(_GO_ON_AFTER):
        return inside[0].isalnum()
    if begun.endswith("."):
        return inside[0].islower() or inside[0].isdigit()
    return full and not inside[0].isupper() and has_signs


def _begun(text: str) -> str:
    found = _BEGUN.search(text[-LONGEST:])
    return found[0] if found else ""
