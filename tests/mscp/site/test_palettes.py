"""Each palette that a partnership may choose has the contrast of WCAG 2.2, light and dark."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from mscp.models import Palette, SiteIdentity
from tests.factories import make_identity

CSS = (Path(settings.BASE_DIR) / "static" / "css" / "tokens.css").read_text()
LIGHT, DARK = "light", "dark"
# Text, what lies under it, and the least contrast: AAA for the bar with the numbers, AA for links,
# 3 for the lines of controls.
PAIRS = [
    ("--teal-text", "--teal", 7),
    ("--link", "--paper", 4.5),
    ("--link", "--paper-raised", 4.5),
    ("--link", "--paper-sunk", 4.5),
    ("--link-visited", "--paper", 4.5),
    ("--link-visited", "--paper-raised", 4.5),
    ("--link-visited", "--paper-sunk", 4.5),
    ("--ink", "--paper", 7),
    ("--ink-soft", "--paper-sunk", 4.5),
    ("--accent-text", "--accent", 4.5),
    ("--accent-text", "--accent-hover", 4.5),
    ("--accent", "--paper", 3),
    ("--line-strong", "--paper-raised", 3),
]


def colours(palette: str, scheme: str) -> dict[str, str]:
    """Return the variables of a palette, as the cascade leaves them."""
    found: dict[str, str] = {}
    for is_dark, block in _blocks():
        if is_dark and scheme == LIGHT:
            continue
        for selector, body in re.findall(r"(:root[^{]*)\{([^}]*)\}", block):
            if selector.strip() in (":root", f':root[data-palette="{palette}"]'):
                found.update(re.findall(r"(--[\w-]+):\s*(#[0-9a-f]{6});", body))
    return found


def _blocks() -> list[tuple[bool, str]]:
    """Return the style sheet in parts, each with whether it is for the dark."""
    parts = re.split(r"(@media \(prefers-color-scheme: dark\) \{.*?\n\})", CSS, flags=re.DOTALL)
    return [(part.startswith("@media"), part) for part in parts]


def contrast(one: str, other: str) -> float:
    def luminance(colour: str) -> float:
        parts = [int(colour[start : start + 2], 16) / 255 for start in (1, 3, 5)]
        red, green, blue = (
            part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
        )
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
@pytest.mark.parametrize("palette", Palette.values)
def test_text_can_be_read(palette: str, scheme: str) -> None:
    values = colours(palette, scheme)
    faint = {
        (text, under): contrast(values[text], values[under])
        for text, under, least in PAIRS
        if contrast(values[text], values[under]) < least
    }
    assert not faint


@pytest.mark.parametrize("scheme", [LIGHT, DARK])
def test_every_palette_has_colours_of_its_own(scheme: str) -> None:
    bars = {colours(palette, scheme)["--teal"] for palette in Palette.values}
    links = {colours(palette, scheme)["--link"] for palette in Palette.values}
    assert len(bars) == len(links) == len(Palette.values)


@pytest.mark.django_db
def test_the_choice_of_the_partnership_is_on_every_page() -> None:
    make_identity()
    assert "data-palette" not in Client().get("/").content.decode()
    SiteIdentity.objects.update(palette="plum")
    assert '<html lang="en-GB" data-palette="plum">' in Client().get("/about/").content.decode()
