"""Pasted plain text to Markdown: bullets and numbers become lists, lines become paragraphs.

What is Markdown already stays as it is, so converting twice changes nothing.
"""

import re
from collections.abc import Iterator

from mscp.text.paragraphs import Line, into_paragraphs

# The characters that Windows-1252 has where Unicode has controls, as old files still bring them.
_WINDOWS = {
    0x85: "…",
    0x91: "‘",
    0x92: "’",
    0x93: "“",
    0x94: "”",
    0x95: "•",
    0x96: "–",
    0x97: "—",
    0xA0: " ",
}
# A break within a paragraph (Word, Unicode), and marks that nobody sees.
_MARKS = {0x0B: "  \n", 0x2028: "  \n", 0x2029: "\n\n", 0x200B: None, 0xFEFF: None}
_TABLE = str.maketrans({**_WINDOWS, **_MARKS})

# Word's bullets: those of its fonts, and what its fonts Symbol and Wingdings leave behind.
_BULLETS = "•·●○◦▪▫■□‣⁃∙➢➤►✓✔❖\uf0b7\uf0a7\uf0d8\uf0fc\uf076\uf06e"
# Letters, dashes and signs that are bullets only at some distance from what follows.
_BULLET = re.compile(
    rf"[ \t]*(?:(?P<sure>[{_BULLETS}])[ \t]*|(?P<o>o)[ \t]+|(?P<dash>–)[ \t]+"
    r"|(?P<mark>[-*+])\t[ \t]*|(?P<sign>[§—ØüÜv])(?:\t| {2,})[ \t]*|(?P<section>§) (?!\d))(?=\S)"
)
_NUMBER = re.compile(r"[ \t]*\(?(?P<label>\d{1,3}|[a-z]|[ivx]{2,6})(?P<end>[.)])[ \t]+(?=\S)")
# A list item of Markdown, which is left alone. People type a space behind the mark, Word a tab.
_MARKDOWN_ITEM = re.compile(r"[ ]*(?:[-*+]|\d{1,9}[.)]) +(?=\S)")
_FENCE = re.compile(r" {0,3}(?:```|~~~)")
_ROMAN = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi", "xii", "xiii", "xiv"]


def to_markdown(text: str) -> str:
    """Convert pasted text: Word's bullets and numbers to lists, and lines to paragraphs."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = _without_lone_letters(list(_read(text.translate(_TABLE).split("\n"))))
    # A soft hyphen says where a word was broken.
    return "\n".join(_lists(into_paragraphs(list(lines)))).replace("\xad", "")


def _read(lines: list[str]) -> Iterator[Line]:
    fenced = False
    for line in lines:
        if _FENCE.match(line):
            fenced = not fenced
        if fenced or _MARKDOWN_ITEM.match(line):
            yield Line("markdown" if not fenced and line.strip() else "", 0, line)
        elif bullet := _BULLET.match(line):
            yield Line(f"bullet {_sign(bullet)}", 0, line[bullet.end() :])
        elif number := _NUMBER.match(line):
            label = number["label"]
            kind = "digits" if label.isdigit() else "letters"
            value = int(label) if label.isdigit() else 0
            yield Line(f"{kind} {number['end']} {label}", value, line)
        else:
            yield Line("", 0, line)


def _sign(bullet: re.Match[str]) -> str:
    return next(value for value in bullet.groupdict().values() if value)


def _without_lone_letters(lines: list[Line]) -> Iterator[Line]:
    """Number letters that follow each other from the first: a) b) or i. ii.; leave the others.

    One alone may be a name, the end of a sentence or a reference.
    """
    kinds: dict[int, tuple[str, int]] = {}
    for names in (_ROMAN, [chr(code) for code in range(ord("a"), ord("z") + 1)]):
        for end in ".)":
            run: list[int] = []
            for place, line in enumerate(lines):
                if not line.kind.startswith(f"letters {end}"):
                    continue
                label = line.kind.split()[2]
                wanted = names[len(run)] if len(run) < len(names) else None
                if label == wanted and place not in kinds:
                    run.append(place)
                elif label == names[0] and place not in kinds:
                    _keep(run, f"ordered {names[1]}{end}", kinds)
                    run = [place]
            _keep(run, f"ordered {names[1]}{end}", kinds)
    for place, line in enumerate(lines):
        if place in kinds:
            kind, number = kinds[place]
            yield Line(kind, number, _behind_number(line.text))
        elif line.kind.startswith("digits"):
            # In brackets or before a tab: "1. " and "1) " are Markdown's own.
            yield Line(f"ordered 1{line.kind.split()[1]}", line.number, _behind_number(line.text))
        elif line.kind.startswith("letters"):
            yield Line("", 0, line.text)
        else:
            yield line


def _keep(run: list[int], kind: str, kinds: dict[int, tuple[str, int]]) -> None:
    if len(run) > 1:
        kinds.update({place: (kind, number) for number, place in enumerate(run, start=1)})


def _behind_number(line: str) -> str:
    found = _NUMBER.match(line)
    return line[found.end() :] if found else line


def _lists(lines: list[Line]) -> Iterator[str]:
    """Write the lists: a marker that is new within a list is one level deeper."""
    # The markers of the levels that are open, each with the indentation of what is under it.
    levels: list[tuple[str, int]] = []
    before = ""
    ours = False
    for line in lines:
        if line.kind in ("", "markdown"):
            indented = line.text.startswith((" ", "\t"))
            if line.kind == "markdown" and not indented:
                # Under a list that is Markdown already, Word's next level is deeper.
                item = _MARKDOWN_ITEM.match(line.text)
                levels = [("markdown", item.end() if item else 2)]
            elif line.text.strip():
                if ours and not indented and before.strip():
                    # Else it would be read as going on with the last item.
                    yield ""
                levels = levels if indented else []
            ours = ours and not line.text.strip()
            yield line.text
            before = line.text
            continue
        kinds = [kind for kind, _ in levels]
        if line.kind in kinds:
            levels = levels[: kinds.index(line.kind)]
        indent = levels[-1][1] if levels else 0
        if not levels and before.strip() and not ours:
            yield ""
        marker = f"{line.number}. " if line.kind.startswith("ordered") else "- "
        levels = [*levels, (line.kind, indent + len(marker))]
        yield f"{' ' * indent}{marker}{line.text}"
        before, ours = line.text, True
