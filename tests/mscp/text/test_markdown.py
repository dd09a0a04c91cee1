"""Text that staff format reads the same whichever threads need it first."""

import pytest

from mscp.text import markdown
from tests.threads import in_threads

TEXT = """## A heading

- one **bold** item
- [words](https://example.org)

> quoted
"""


def test_the_first_threads_of_a_process_read_all_of_the_formatting(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    alone = markdown.to_html(TEXT)
    assert "<strong>" in alone and "<ul>" in alone and "<blockquote>" in alone
    for _ in range(100):
        monkeypatch.setattr(markdown, "_PARSER", markdown.new_parser())
        assert in_threads(4, lambda _: markdown.to_html(TEXT)) == [alone] * 4


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("See https://example.org.", '<a href="https://example.org">https://example.org</a>.'),
        ("(https://example.org/a)", '(<a href="https://example.org/a">https://example.org/a</a>)'),
        (
            "https://example.org/a_(b)?x=1&y=2#z, and",
            '<a href="https://example.org/a_(b)?x=1&amp;y=2#z">'
            "https://example.org/a_(b)?x=1&amp;y=2#z</a>, and",
        ),
        ("“http://example.org”", '“<a href="http://example.org">http://example.org</a>”'),
        ("**https://example.org**", '<strong><a href="https://example.org">'),
        ("[words](https://example.org)", '<p><a href="https://example.org">words</a></p>'),
        ("[https://a.org](https://example.org)", '<a href="https://example.org">https://a.org</a>'),
        ("<https://example.org>", '<p><a href="https://example.org">https://example.org</a></p>'),
        ("`https://example.org`", "<code>https://example.org</code>"),
        ("xhttps://example.org", "<p>xhttps://example.org</p>"),
        ("https://", "<p>https://</p>"),
        ("At www.example.org/a.", 'At <a href="https://www.example.org/a">www.example.org/a</a>.'),
        ("Ask jo.s@example.org.", '<a href="mailto:jo.s@example.org">jo.s@example.org</a>.'),
        ("www.", "<p>www.</p>"),
        ("awww.example.org", "<p>awww.example.org</p>"),
        ("jo @example.org, a@b", "<p>jo @example.org, a@b</p>"),
        ("[www.a.org](https://example.org)", '<a href="https://example.org">www.a.org</a>'),
        (
            "https://example.org/@jo@b.org",
            '<p><a href="https://example.org/@jo@b.org">https://example.org/@jo@b.org</a></p>',
        ),
        ("javascript://example.org", "<p>javascript://example.org</p>"),
        (
            "https://example.org/<b>",
            '<a href="https://example.org/">https://example.org/</a>&lt;b&gt;',
        ),
        ('https://a.org/"onx=1', '<a href="https://a.org/">https://a.org/</a>&quot;onx=1'),
    ],
)
def test_bare_addresses_are_links(text: str, wanted: str) -> None:
    assert wanted in markdown.to_html(text)


def test_an_address_that_is_a_link_counts_as_the_word_it_was() -> None:
    assert markdown.to_words("See https://example.org now") == ["See", "https://example.org", "now"]
