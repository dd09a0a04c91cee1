"""Plain text from Word, a PDF or a mail gets its paragraphs, breaks and headings, and no others."""

import random

import pytest

from mscp.text.markdown import to_html
from mscp.text.pasted import to_markdown

# As Word and LibreOffice write plain text: a paragraph is one line, and no line between is blank.
WORD = """What happened
Quinn was three when she died. The family had moved three times in two years, and each move meant \
a new health visitor, a new nursery and a new set of notes that nobody read.
Her mother told the clinic that she was tired.
Key learning
•\tAsk who lives in the home.
o\tOn each visit
What to do next
Bring it to supervision. Talk about it with your team.
"""
FROM_WORD = """## What happened

Quinn was three when she died. The family had moved three times in two years, and each move meant \
a new health visitor, a new nursery and a new set of notes that nobody read.

Her mother told the clinic that she was tired.

## Key learning

- Ask who lives in the home.
  - On each visit

## What to do next

Bring it to supervision. Talk about it with your team.
"""
# As a PDF is copied: each line of the page is a line.
PDF = """1.2 Background to the review
Quinn was three years old when she died. She lived with her mother and an
older brother in a flat that had been let for six months. The family had
moved three times, and no agency knew of all the moves. Every safe\xad
guarding lead said so.
The health visitor saw Quinn twice. On both visits she was asleep, and the
notes say that she was "well presented".
Key findings
• Professionals relied on what they were told by adults and did not see
the child alone.
• Information about the earlier moves was held by three different multi-
agency partners.
Merton Safeguarding Children Partnership
Civic Centre
Morden SM4 5DX"""
FROM_PDF = """## 1.2 Background to the review

Quinn was three years old when she died. She lived with her mother and an older brother in a flat \
that had been let for six months. The family had moved three times, and no agency knew of all the \
moves. Every safeguarding lead said so.

The health visitor saw Quinn twice. On both visits she was asleep, and the notes say that she was \
"well presented".

## Key findings

- Professionals relied on what they were told by adults and did not see the child alone.
- Information about the earlier moves was held by three different multi-agency partners.

Merton Safeguarding Children Partnership\x20\x20
Civic Centre\x20\x20
Morden SM4 5DX"""
MAIL = """Dear Jo,

Please find below the text for the page. It was agreed by the author on
Monday, and by the family.

The review looked at how agencies worked together over two years. It
found that nobody had asked who lived in the home.

Kind regards
Jane Smith
Tel: 020 8545 4226"""
FROM_MAIL = """Dear Jo,

Please find below the text for the page. It was agreed by the author on
Monday, and by the family.

The review looked at how agencies worked together over two years. It found that nobody had asked \
who lived in the home.

Kind regards\x20\x20
Jane Smith\x20\x20
Tel: 020 8545 4226"""
CASES = {
    "Word": (WORD, FROM_WORD),
    "a PDF": (PDF, FROM_PDF),
    "a mail": (MAIL, FROM_MAIL),
    "an address": ("Civic Centre\nMorden\nSM4 5DX", "Civic Centre  \nMorden  \nSM4 5DX"),
    "two lines": ("Jane Smith\nReviewer", "Jane Smith  \nReviewer"),
    "a poem": ("I had a home,\nand then none;\nthe rain fell.", None),
    "a table": ("Year\tReviews\n2023\t4\n2024\t2", "Year\tReviews  \n2023\t4  \n2024\t2"),
    "sentences": ("One is here.\nTwo is here.", "One is here.\n\nTwo is here."),
    "questions": ("What happened?\nWhy was it?", "What happened?\n\nWhy was it?"),
    "a heading with a number": (
        "Finding 1: nobody asked\n\nIt was so.",
        "## Finding 1: nobody asked\n\nIt was so.",
    ),
    "a question above its answer": (
        "What did we find?\n\nIt was so.",
        "## What did we find?\n\nIt was so.",
    ),
    "in capitals": ("KEY FINDINGS\n\nIt was so.", "## KEY FINDINGS\n\nIt was so."),
    "a name of a section beside one of none": (
        "Summary\n\nIt was so.\n\nWorking with fathers\n\nIt was not.",
        "## Summary\n\nIt was so.\n\n## Working with fathers\n\nIt was not.",
    ),
    "three of none": (
        "Seen and heard\n\nA.\n\nWorking with fathers\n\nB.\n\nHome alone\n\nC.",
        "## Seen and heard\n\nA.\n\n## Working with fathers\n\nB.\n\n## Home alone\n\nC.",
    ),
    "a list that a program wrapped": (
        "•\tAsk who lives\nin the home\n•\tListen\nAnd so on.",
        "- Ask who lives in the home\n- Listen\n\nAnd so on.",
    ),
}
# Nothing here is a heading, though each is a short line without a full stop above a text.
NO_HEADINGS = [
    "Jane Smith",
    "Quinn",
    "QUINN AND TOM",
    "Merton Safeguarding Children Partnership",
    "Dear colleague",
    "Kind regards from all of us",
    "The family moved",
    "She kept learning",
    "Key findings:",
    "Key findings,",
    "“What happened”",
    "(Summary)",
    "what happened",
    "12 March 2026",
    "June 2026",
    "Tel: 020 8545 4226",
    "Figure 2",
    "Page 3 of 9",
    "www.example.org",
    "https://example.org/what",
    "Where she lived",
    "Email us at team@example.org",
    "What happened to her on the day when all of the agencies had met before",
    "Year\tReviews",
    "– What happened",
]
KEPT = [
    "A line\nand another\n\nA paragraph",
    "## Done\n\nWhat happened\n\nIt was so.\nIt was not.",
    "- Done\n\nWhat happened\n\nIt was so.",
    "**What happened**\nIt was so.",
    "What happened\n\nIt was [so](https://example.org).\nAnd so.",
    "> What happened\n> It was so.",
    "What happened",
    "What happened\n\nWhy did it happen",
    "It was so.\n\nKey findings",
    "Staff should\n\n- ask",
    "```\nWhat happened\n\nIt was so.\n```",
    "1. Introduction\n\nIt was so.\n\n2. Findings\n\nIt was not.",
]


@pytest.mark.parametrize("name", CASES)
def test_lines_become_what_they_were(name: str) -> None:
    pasted, wanted = CASES[name]
    wanted = wanted or pasted.replace("\n", "  \n")
    assert to_markdown(pasted) == wanted
    assert to_markdown(wanted) == wanted
    assert to_markdown(pasted.replace("\n", "\r\n")) == wanted


@pytest.mark.parametrize("line", NO_HEADINGS)
def test_what_is_not_surely_a_heading_is_none(line: str) -> None:
    for text in (
        f"{line}\n\nIt was so.",
        f"{line}\nIt was so.",
        f"It was so.\n\n{line}\n\nAnd so.",
    ):
        assert "<h" not in to_html(to_markdown(text))


@pytest.mark.parametrize("text", KEPT)
def test_what_is_formatted_or_in_doubt_is_kept(text: str) -> None:
    assert to_markdown(text) == text


WORDS = [
    "Quinn",
    "the",
    "Key",
    "findings",
    "moved.",
    "home",
    "o",
    "1.",
    "What",
    "a)",
    "multi-",
    "I",
]


def made_up(chance: random.Random) -> str:
    """Return lines of a few words, of many, of none, and items."""

    def line() -> str:
        most = chance.choice([0, 4, 4, 16, 40])
        words = " ".join(chance.choices(WORDS, k=chance.randint(min(1, most), most)))
        return f"•\t{words}" if words and chance.random() < 0.2 else words

    return "\n".join(line() for _ in range(chance.randint(1, 12)))


def test_converting_twice_changes_nothing_and_no_word_is_lost() -> None:
    def words(of: str) -> list[str]:
        # The others may be the marks of lists.
        return [word for word in of.replace("-", " ").split() if len(word) > 2]

    chance = random.Random(1)
    for _ in range(3000):
        text = made_up(chance)
        once = to_markdown(text)
        assert to_markdown(once) == once, text
        assert words(once.replace("#", "").replace("multimulti", "multi multi")) == words(text)
