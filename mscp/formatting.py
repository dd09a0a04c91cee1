"""Text that staff format, turned into HTML that can carry nothing else."""

from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt

FORMATTING_HELP = (
    "Formatting: a blank line starts a paragraph, ## a heading, - a list item; "
    "**bold**, [words](https://address) for a link."
)

# CommonMark without raw HTML and without pictures: a picture would call a third party.
_PARSER = MarkdownIt("commonmark", {"html": False}).disable("image")


def to_html(text: str, *, top_heading: int = 2) -> SafeString:
    """Return formatted text as HTML whose highest heading is ``h<top_heading>``.

    Raw HTML is shown as it was typed, and a link may not run script.
    """
    tokens = _PARSER.parse(text)
    for token in tokens:
        if token.type in ("heading_open", "heading_close"):
            level = int(token.tag[1])
            token.tag = f"h{min(6, max(top_heading, level + top_heading - 2))}"
    return mark_safe(_PARSER.renderer.render(tokens, _PARSER.options, {}))  # noqa: S308 - see above
