"""What a screen reader says of four pages, kept as text beside this file, to be read like text.

`make transcripts` writes them anew. What is inside something is indented, where a screen reader
says its end, and a name that is read again as text stands once.
"""

import base64
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import time_machine
from playwright.sync_api import Page

from mscp.records.partial_dates import PartialDate
from tests.factories import (
    MINIMAL_PDF,
    make_contact,
    make_course,
    make_document,
    make_file,
    make_identity,
    make_report,
    make_review,
    make_session,
    make_theme,
    make_venue,
)
from tests.npm import NODE, needs
from tests.snapshots import NOW

READER = NODE / "node_modules/@guidepup/virtual-screen-reader/lib/esm/index.browser.js"
FOLDER = Path(__file__).parent / "transcripts"

pytestmark = [pytest.mark.one_database, needs(READER)]

# It takes for visible what is folded away, and reads what stands there for browsers without script.
TAKE_AWAY = """
() => {
  const gone = [...document.querySelectorAll("body *")].filter((element) =>
    !element.checkVisibility() && !element.matches("option, script, style"));
  gone.concat(...document.querySelectorAll("noscript")).forEach((element) => element.remove());
}
"""
SAY = """
async ([address, most]) => {
  const { virtual } = await import(address);
  await virtual.start({ container: document.querySelector("main") });
  const said = [];
  while (said.length < most) {
    await virtual.next();
    const phrase = await virtual.lastSpokenPhrase();
    if (phrase === "end of main") break;
    said.push([phrase, phrase === await virtual.itemText()]);
  }
  await virtual.stop();
  return said;
}
"""
MOST_PHRASES = 1_000
PAGES = {
    "list": "/reviews/?type=lcspr",
    "month": "/training/?view=month",
    "search": "/search/?q=bruises",
}
BRUISE = "The nurse saw a bruise on the baby, and rang the health visitor."


@pytest.fixture
def library(transactional_db: None) -> Iterator[Any]:
    """Make a few invented records, on a day that stays the same."""
    with time_machine.travel(NOW, tick=False):
        make_identity()
        make_contact()
        bruising, neglect = make_theme(name="Bruising in babies"), make_theme(name="Neglect")
        oak = make_review(
            title="Oak (fictional)",
            themes=[bruising],
            summary="An invented review.",
            report_date=PartialDate(2026, 1),
        )
        elm = make_review(title="Elm (fictional)", report_date=PartialDate(2025))
        make_review(title="Ash (fictional)", type="scr", report_date=PartialDate(2020))
        make_report(title="Bruises in babies (fictional)", themes=[bruising])
        pages = ["Contents", BRUISE, "What was learnt"]
        report = make_document(oak, title="Report", file=make_file(MINIMAL_PDF, pages=pages))
        make_document(elm, title="Report elsewhere")
        hall = make_venue(name="Town hall", town="Anytown")
        for course, day in (("Seeing bruises", "2026-12-01"), ("Neglect", "2026-12-01")):
            themes = [bruising if course == "Seeing bruises" else neglect]
            made = make_course(title=f"{course} (fictional)", themes=themes)
            make_session(made, start_date=day, venue=hall)
        make_session(made, start_date="2026-12-09").cancel(note="The trainer is ill.")
        yield report


@pytest.mark.parametrize("name", [*PAGES, "document"])
def test_what_a_screen_reader_says(library: Any, open_page: Callable[..., Page], name: str) -> None:
    address = PAGES.get(name) or library.reading_address
    page = open_page(address, bypass_csp=True)
    path = FOLDER / f"{name}.txt"
    text = f"{page.title()}\n\n{transcript(spoken(page))}\n"
    if os.environ.get("WRITE_TRANSCRIPTS"):
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text("utf-8")


def spoken(page: Page) -> list[tuple[str, bool]]:
    """Return each phrase said of the main part of the page, and whether it is plain text."""
    page.evaluate(TAKE_AWAY)
    source = base64.b64encode(READER.read_bytes()).decode("ascii")
    said = page.evaluate(SAY, [f"data:text/javascript;base64,{source}", MOST_PHRASES])
    assert len(said) < MOST_PHRASES
    return [(phrase, is_text) for phrase, is_text in said]


# What no screen reader says of itself, and what is read as the text that it is.
UNSAID = {
    "paragraph",
    "rowgroup",
    "caption",
    "status",
    "time",
    "mark",
    "cite",
    "emphasis",
    "strong",
}


def transcript(said: list[tuple[str, bool]]) -> str:
    """Return what was said as lines, each indented as far as it is inside something."""
    lines: list[str] = []
    inside: list[str] = []
    text: list[str] = []
    phrases = [phrase for phrase, _ in said]

    def write_text() -> None:
        words = without_gaps(" ".join(text))
        text.clear()
        # The name of what was just said, as the text that it is made of.
        if words and words not in (lines[-1] if lines else ""):
            lines.append("  " * len(inside) + words)

    for index, (phrase, is_text) in enumerate(said):
        role = phrase.removeprefix("end of ").partition(",")[0]
        if role in UNSAID and not is_text:
            if role in ("paragraph", "rowgroup", "caption"):
                write_text()
            continue
        if is_text:
            text.append(phrase)
            continue
        if phrase.startswith(("end of ", "end, ")):
            if inside and phrase.endswith(inside[-1]):
                write_text()
                inside.pop()
            continue
        write_text()
        lines.append("  " * len(inside) + plain(phrase))
        if f"end of {phrase}" in phrases[index:]:
            inside.append(phrase)
    write_text()
    return "\n".join(lines)


def plain(phrase: str) -> str:
    """Return what is said of a thing, without what says the same of each."""
    phrase = re.sub(r"(level 1, )?position (\d+), set size (\d+)", r"\2 of \3", phrase)
    return without_gaps(phrase)


def without_gaps(words: str) -> str:
    return re.sub(r" (?=[,.])", "", " ".join(words.split()))
