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
