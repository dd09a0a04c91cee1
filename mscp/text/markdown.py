"""Markdown that staff write, rendered as HTML without raw HTML, pictures or scripts."""

import re
from collections.abc import Iterator

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
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
    parser.core.ruler.push("bare_addresses", _link_addresses)
    # The parser fills its lists of rules at first use and in place: a second thread would meanwhile
    # parse with some of them. One paragraph fills every list.
    parser.parse("A paragraph.")
    return parser


# An address in running text, without what ends a sentence around it.
_ADDRESS = re.compile(
    r"(?<![\w/@.])(?:(?:https?://|www\.(?=\w))[^\s<>\"“”‘’]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+)",
    re.IGNORECASE,
)
_AFTER_ADDRESS = ".,:;!?'*_~"


def _link_addresses(state: StateCore) -> None:
    """Make links of bare addresses, as GitHub's Markdown does; not within a link or code."""
    for token in state.tokens:
        if token.children and re.search("://|www[.]|@", token.content, re.IGNORECASE):
            depth = 0
            children: list[Token] = []
            for child in token.children:
                depth += child.nesting if child.type.startswith("link_") else 0
                if child.type == "text" and not depth:
                    children += _with_links(state, child)
                else:
                    children.append(child)
            token.children = children


def _with_links(state: StateCore, text: Token) -> Iterator[Token]:
    done = 0
    for found in _ADDRESS.finditer(text.content):
        address = _without_end(found[0])
        href = state.md.normalizeLink(_scheme_of(address) + address)
        if not state.md.validateLink(href):
            continue
        if found.start() > done:
            yield _text(text, text.content[done : found.start()])
        yield Token("link_open", "a", 1, attrs={"href": href}, markup="linkify", info="auto")
        yield _text(text, state.md.normalizeLinkText(address))
        yield Token("link_close", "a", -1, markup="linkify", info="auto")
        done = found.start() + len(address)
    if done < len(text.content):
        yield _text(text, text.content[done:])


def _scheme_of(address: str) -> str:
    """Return the scheme that an address is written without, as in fields for one address."""
    if "://" in address:
        return ""
    return "https://" if address[:4].lower() == "www." else "mailto:"


def _without_end(address: str) -> str:
    """Strip the stop of the sentence, and a bracket that was opened before the address."""
    while address:
        unmatched = address[-1] == ")" and address.count(")") > address.count("(")
        if not unmatched and address[-1] not in _AFTER_ADDRESS:
            return address
        address = address[:-1]
    return address


def _text(like: Token, content: str) -> Token:
    return Token("text", "", 0, content=content, level=like.level)


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
