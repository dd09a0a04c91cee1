"""Telephone numbers of the United Kingdom: read as people write them, checked for their form.

The national numbering plan (Ofcom) by its prefixes and lengths. Whether anybody answers, only a
call can tell. Not a library: those bring the plans of all countries, to be updated month by month,
for a rule of one page.
"""

import re

from mscp.text.folding import plain

# Emergency, police, health, power cuts, banks, and the harmonised numbers of social value.
SHORT = {"999", "112", "101", "111", "105", "119", "159", "18000"}
SHORT |= {"116000", "116006", "116111", "116117", "116123"}
# Childline.
SHORT |= {"08001111"}
# To which a text is sent: 85258.
_TEXTED = re.compile("[6-8][0-9]{4}")
_LONG = re.compile("0(1[0-9]|2[03489]|3[0347]|5[56]|7[0-9]|8[0478]|9[018])[0-9]{8}")
# Some small places, and freephone numbers, have a digit less.
_ONE_LESS = re.compile("0(1[2-9][0-9]{7}|800[0-9]{6}|500[0-9]{6})")
_NOISE = re.compile(r"[\s().-]+")
_ABROAD = "This is a number abroad: give one of the United Kingdom, such as 020 7946 0010."
_FORM = "Write a telephone number in digits: 020 7946 0010."


class PhoneNumberError(ValueError):
    """Raised with a sentence for whoever typed the number."""


def tidied(text: str) -> str:
    """Return a number with single spaces, without brackets, hyphens and +44."""
    text = re.sub(r"^(\+|00)\s*44\s*(\(\s*0\s*\))?\s*", "0", plain(text))
    return re.sub("^00", "0", _NOISE.sub(" ", text).strip())


def read(text: str) -> str:
    """Return a number of the United Kingdom as it is shown. Raises PhoneNumberError."""
    text = plain(text)
    if re.match(r"(\+|00)(?!\s*44)", text):
        raise PhoneNumberError(_ABROAD)
    number = tidied(text)
    digits = number.replace(" ", "")
    if not re.fullmatch("[0-9]+", digits):
        raise PhoneNumberError(_FORM)
    if digits in SHORT or _TEXTED.fullmatch(digits):
        return number
    if not (_LONG.fullmatch(digits) or _ONE_LESS.fullmatch(digits)):
        raise PhoneNumberError(_wrong(digits))
    return number if re.fullmatch("[0-9 ]+", text) else _grouped(digits)


def _wrong(digits: str) -> str:
    count = "one digit" if len(digits) == 1 else f"{len(digits)} digits"
    if not digits.startswith("0"):
        return f"This has {count} and no code: begin with 0, as 020 7946 0010."
    if len(digits) != 11:
        return f"This has {count}; a number of the United Kingdom that begins with 0 has 11."
    return f"No number of the United Kingdom begins with {digits[:3]}."


def _grouped(digits: str) -> str:
    """Return a number in the groups in which it is read out."""
    if digits.startswith("02"):
        cuts = (3, 7)
    elif digits[1] in "389" and len(digits) == 11:
        cuts = (4, 7)
    else:
        cuts = (5, 5)
    parts = (digits[: cuts[0]], digits[cuts[0] : cuts[1]], digits[cuts[1] :])
    return " ".join(part for part in parts if part)
