"""Text as people paste it from Word and mail becomes the lists that it was."""

import pytest

from mscp.text.markdown import to_html
from mscp.text.pasted import to_markdown

CASES = {
    "bullets with tabs": (
        "•\tQuinn was 3\n•\tThe family moved",
        "- Quinn was 3\n- The family moved",
    ),
    "bullets with spaces": ("•  One\n· Two", "- One\n  - Two"),
    "middle dots": ("·        One\n·        Two", "- One\n- Two"),
    "no space at all": ("•One\n•Two", "- One\n- Two"),
    "a second level": ("•\tOne\no\tSub\no\tSub\n•\tTwo", "- One\n  - Sub\n  - Sub\n- Two"),
    "three levels": ("•\tOne\no\tTwo\n§\tThree\n•\tOne", "- One\n  - Two\n    - Three\n- One"),
    "Symbol and Wingdings": ("\uf0b7\tOne\n\uf0a7\tTwo", "- One\n  - Two"),
    "dashes": ("– One\n– Two", "- One\n- Two"),
    "an arrow of Wingdings": ("Ø\tOne\nØ\tTwo", "- One\n- Two"),
    "indented": ("\t•\tOne\n\t•\tTwo", "- One\n- Two"),
    "behind a paragraph": (
        "It asks:\n•\tOne\n•\tTwo\nAnd so on.",
        "It asks:\n\n- One\n- Two\n\nAnd so on.",
    ),
    "blank lines between": ("•\tOne\n\n•\tTwo\n\nEnd.", "- One\n\n- Two\n\nEnd."),
    "letters": ("a) One\nb) Two\nc) Three", "1. One\n2. Two\n3. Three"),
    "letters with points": ("a.\tOne\nb.\tTwo", "1. One\n2. Two"),
    "in brackets": ("(a) One\n(b) Two", "1. One\n2. Two"),
    "numbers in brackets": ("(1) One\n(2) Two", "1. One\n2. Two"),
    "romans": ("i. One\nii. Two\niii. Three\niv. Four", "1. One\n2. Two\n3. Three\n4. Four"),
    "letters under numbers": (
        "1.\tOne\na)\tSub\nb)\tSub\n2.\tTwo",
        "1. One\n   1. Sub\n   2. Sub\n2. Two",
    ),
    "numbers with tabs": ("Asks:\n1.\tOne\n2)\tTwo\nEnd", "Asks:\n\n1. One\n   2. Two\n\nEnd"),
    "hyphens with tabs": ("-\tOne\n-\tTwo\nEnd", "- One\n- Two\n\nEnd"),
    "bullets under numbers": ("1. One\n•\tSub\n2. Two", "1. One\n   - Sub\n2. Two"),
    "bullets of Windows-1252": ("\x95 It\x92s one\n\x95 \x93Two\x94", "- It’s one\n- “Two”"),
    "breaks of Word": ("One\x0bTwo\u2028Three", "One  \nTwo  \nThree"),
    "ends of Windows": ("•\tOne\r\n•\tTwo\r\n", "- One\n- Two\n"),
    "unseen marks": ("\ufeffOne\u200b two\xadthree\xa0four", "One twothree four"),
}
LEFT_ALONE = [
    "- One\n- Two",
    "* One\n* Two",
    "1. One\n2. Two",
    "1) One\n2) Two",
    "- One\n  - Sub\n    - Sub\n- Two",
    "1. One\n   - Sub\n   - Sub\n2. Two",
    "- One\n\n  goes on\n- Two",
    "## Heading\n\nText, **bold** and [words](https://example.org).",
    "A line\nand another\n\nA paragraph",
    "i. stands alone",
    "a) stands alone, as does\n\nb. this",
    "§ 47 of the Act",
    "§47 of the Act",
    "— said in the review",
    "“Quoted”, ‘twice’, it’s",
    "over – and under",
    "```\n• kept\n```",
    "> quoted",
    "",
    "\n\n",
    "value • other",
    "v good",
]


@pytest.mark.parametrize("name", CASES)
def test_pasted_lists_become_markdown(name: str) -> None:
    pasted, wanted = CASES[name]
    assert to_markdown(pasted) == wanted
    assert to_markdown(wanted) == wanted


@pytest.mark.parametrize("text", LEFT_ALONE)
def test_what_is_markdown_or_prose_is_left_alone(text: str) -> None:
    assert to_markdown(text) == text


def test_levels_are_read_as_levels() -> None:
    html = to_html(to_markdown("1.\tOne\na)\tSub\n•\tDeep\nb)\tSub\n2.\tTwo\nEnd"))
    assert html.count("<ol>") == 2 and html.count("<ul>") == 1
    assert "<p>End</p>" in html
    assert html.index("Two") < html.index("</ol>\n<p>End")


@pytest.mark.parametrize("text", [pasted for pasted, _ in CASES.values()] + LEFT_ALONE)
def test_no_word_is_lost(text: str) -> None:
    def words(of: str) -> list[str]:
        letters = "".join(char if char.isalpha() else " " for char in of)
        return [word for word in letters.split() if len(word) > 2 and word != "iii"]

    gone = str.maketrans({"\u200b": None, "\xad": None})
    assert words(to_markdown(text)) == words(text.translate(gone))
