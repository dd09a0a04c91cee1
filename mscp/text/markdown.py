"""Markdown that staff write, rendered as HTML without raw HTML, pictures or scripts."""

import re
from collections.abc import Iterator

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token

FORMATTING_HELP = (
    "Formatting: a blank line starts a paragraph, ## a heading, - a list item; "
    "**bold**, [words](https://address) for a link."
)


def new_parser() -> MarkdownIt:
    """Return a CommonMark parser that threads may share.

    Raw HTML and pictures are disabled: a picture would load from a third party.
    """
    parser = MarkdownIt("commonmark", {"html": False}).disable("image")
    # The parser fills its lists of rules at first use and in place: a second thread would meanwhile
    # parse with some of them. One paragraph fills every list.
    parser.parse("A paragraph.")
    return parser


_PARSER = new_parser()


def to_html(text: str, *, top_heading: int = 2) -> SafeString:
    """Render Markdown as HTML whose highest heading is ``h<top_heading>``.

    Raw HTML is shown as it was typed, and a link may not run script.
    """
    tokens = _PARSER.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            level = int(token.tag[1])
            token.tag = f"h{min(6, max(top_heading, level + top_heading - 2))}"
    html: str = _PARSER.renderer.render(tokens, _PARSER.options, {})
    return mark_safe(html)  # noqa: S308 - see above


def to_words(text: str) -> list[str]:
    """Return the words of rendered Markdown, without marks and addresses.

    A word has no spaces and holds a letter or a digit.
    """
    shown = "".join(_shown(_PARSER.parse(text)))
    return [word for word in shown.split() if any(map(str.isalnum, word))]


# Addresses of links, and marks at the beginning of a line or around words.
_MARKS = re.compile(r"\]\([^)\s]*\)|[*_`\[]|^[ \t]*(?:[-+]|#{1,6}|>|\d+[.)])[ \t]+", re.MULTILINE)


def without_marks(text: str) -> str:
    """Strip the Markdown marks, to show an excerpt as plain text; not exact enough to count."""
    return _MARKS.sub("", text)


def _shown(tokens: list[Token]) -> Iterator[str]:
    for token in tokens:
        if token.children is not None:
            yield from _shown(token.children)
            yield "\n"
        elif token.type in ("softbreak", "hardbreak"):
            yield "\n"
        else:
            yield token.content
            # Blocks of code are apart; within a line nothing is.
            yield "\n" if token.block else ""


def as_list(text: str) -> str:
    """Make each line an item of a list, unless the text has a list already."""
    if any(token.type.endswith("_list_open") for token in _PARSER.parse(text)):
        return text
    lines = [line.strip() for line in text.splitlines()]
    return "\n".join(line if line.startswith("#") else f"- {line}" for line in lines if line)
