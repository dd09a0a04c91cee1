"""Signs that look alike are one, and what nobody sees is nothing."""

import unicodedata
from random import Random

import pytest

from mscp.text.folding import (
    APOSTROPHES,
    QUOTES,
    folded,
    folded_forms,
    lines,
    one_line,
    plain,
    seen_lines,
    strip_invisible,
)

INVISIBLE = [
    *("\u00ad", "\u200b", "\u200c", "\u200d", "\u2060", "\ufeff", "\u180e", "\u034f"),
    # Direction: marks, embeddings, overrides and isolates.
    *("\u200e", "\u200f", "\u061c", "\u202a", "\u202b", "\u202c", "\u202d", "\u202e"),
    *("\u2066", "\u2067", "\u2068", "\u2069", "\x00", "\x7f", "\x9d", "\ud800", "\ufe0f"),
]
SPACES = [*" \t\u00a0\u1680\u2000\u2003\u2007\u2009\u200a\u202f\u205f\u3000"]
DASHES = [*"-\u2010\u2011\u2012\u2013\u2014\u2015\u2212\u058a\u2e3a\ufe58\ufe63\uff0d\u2043\u02d7"]
DIGITS = ["2021", "２０２１", "٢٠٢١", "۲۰۲۱", "२०२१", "𝟮𝟬𝟮𝟭", "𝟸𝟶𝟸𝟷"]


def test_invisible_characters_are_dropped():
    assert strip_invisible("a\x00b \u202eodd\ud800\ufeff") == "ab odd"


def test_what_is_seen_stays():
    assert strip_invisible("Café 日本 👶") == "Café 日本 👶"
    assert one_line(" O’Neill –\tﬁve\u00a0½ ②") == "O’Neill – ﬁve ½ ②"


@pytest.mark.parametrize("sign", INVISIBLE, ids=ascii)
def test_what_nobody_sees_makes_no_difference(sign: str) -> None:
    assert plain(f"{sign}16{sign} May{sign} 2021{sign}") == "16 May 2021"
    assert folded(f"Si{sign}\u00e2n{sign}") == "sian"
    assert sign == "\ufe0f" or lines(seen_lines(f"a{sign}\nb")) == "a\nb"


@pytest.mark.parametrize("kept", ["می\u200cروم", "👩\u200d👧", "क्\u200dष", "❤\ufe0f"], ids=ascii)
def test_what_joins_letters_or_chooses_their_form_is_seen(kept: str) -> None:
    assert (
        one_line(f"a\u200d {kept}\u200c b") == f"a {kept} b" and len(lines(kept)) >= len(kept) - 1
    )
    assert folded(kept) == folded(kept.replace("\u200c", "").replace("\u200d", ""))


@pytest.mark.parametrize("sign", SPACES, ids=ascii)
def test_every_space_is_one(sign: str) -> None:
    assert plain(f"{sign}16{sign}{sign}May{sign}") == "16 May"
    assert folded(f"{sign}Child{sign}M") == "child m" and one_line(f"16{sign}May") == "16 May"


@pytest.mark.parametrize("sign", DASHES, ids=ascii)
def test_every_dash_is_one(sign: str) -> None:
    assert plain(f"16{sign}9{sign}21") == "16-9-21"
    assert folded_forms(f"Multi{sign}agency") == ("multi agency", "multiagency")
    assert folded(f"Multi{sign}agency {sign} work") == "multi agency work"


@pytest.mark.parametrize("sign", [*APOSTROPHES], ids=ascii)
def test_every_apostrophe_is_one(sign: str) -> None:
    assert plain(f"O{sign}Neill") == "O'Neill" and folded(f"O{sign}Neill") == "oneill"


@pytest.mark.parametrize("sign", [*QUOTES], ids=ascii)
def test_every_quote_is_one(sign: str) -> None:
    assert plain(f"{sign}trio{sign}") == '"trio"' and folded(f"{sign}Trio{sign}") == "trio"


@pytest.mark.parametrize("digits", DIGITS)
def test_every_digit_is_one(digits: str) -> None:
    assert plain(digits) == folded(digits) == "2021"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("Siân", "sian"),
        ("SIÂN", "sian"),
        ("Sia\u0302n", "sian"),
        ("Ｓｉâｎ", "sian"),
        ("Łukasz, Søren & Đorđe", "lukasz, soren & dorde"),
        ("Straße", "strasse"),
        ("STRAẞE", "strasse"),
        ("ﬁnancial oﬃce", "financial office"),
        ("Æthelred Œuvre", "aethelred oeuvre"),
        ("İstanbul ıI", "istanbul ii"),
        ("Παπαδόπουλος", "παπαδοπουλοσ"),
        ("ПЁТР", "петр"),
        ("Nguyễn", "nguyen"),
        ("مُحَمَّد", "محمد"),
        ("عـــلی", "علي"),
        ("علي", "علي"),
        ("کریم", "كريم"),
        ("فاطمة", "فاطمه"),
        ("“Toxic trio”", "toxic trio"),
        ("Anne–Marie", "anne marie"),
        ("日本 👶", "日本 👶"),
    ],
)
def test_what_a_searcher_would_not_type_is_left_out(written: str, wanted: str) -> None:
    assert folded(written) == wanted


@pytest.mark.parametrize("kept", ["²021", "½", "①", "m²", "Ⅷ", "日本", "é", "1⁄2"])
def test_a_value_keeps_what_means_something_else(kept: str) -> None:
    assert plain(kept) == kept


def test_folding_twice_changes_nothing_whatever_the_letter() -> None:
    for code in (*range(0x20, 0x600), *range(0x1E00, 0x2400), *range(0xFB00, 0xFFF0, 3)):
        once = folded(f"a{chr(code)}b")
        assert folded(once) == once, hex(code)
        assert folded(unicodedata.normalize("NFD", f"a{chr(code)}b")) == once, hex(code)


def some_texts(number: int) -> list[str]:
    draw = Random(7)
    signs = [*INVISIBLE, *SPACES, *DASHES, *APOSTROPHES, *"abC \n\t\u2028\x0b\x85éﬁß²日👶".strip()]
    return ["".join(draw.choices(signs, k=draw.randrange(12))) for _ in range(number)]


@pytest.mark.parametrize("text", some_texts(40), ids=ascii)
def test_whatever_is_typed_keeps_its_lines_and_places(text: str) -> None:
    text = f"{text}x"
    # Of a text without what nobody sees, each sign has its place.
    assert len(lines(seen_lines(text))) == len(seen_lines(text))
    assert lines(text).splitlines() == list(map(lines, text.splitlines()))
    assert lines(seen_lines(text)) == lines(seen_lines(seen_lines(text)))
    assert plain(plain(text)) == plain(text) and folded(text) in folded(f"{text} {text}")
