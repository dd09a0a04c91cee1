"""Title check: words that belong to the name of a working file and not to a title."""

import re

# Before "draft": then the title is about the draft, which is no file of the author's.
_ABOUT = "".join(
    rf"(?<!\b{word}[ _])"
    for word in "the a an this that our its their on of to from for in about with and or".split()
)
# Of a report: what it is, and in the middle what kind of one.
_KINDS = (
    "final|full|overview|independent|joint|interim|first|second|third|executive|serious|case|child|"
    "children|practice|safeguarding|local|learning|rapid|thematic|domestic|homicide|abuse|death|"
    "annual|multi-agency|lcspr|cspr|scr|dhr|imr|review"
)
_REPORT = (
    "reports?|reviews?|summary|briefing|version|copy|lcspr|cspr|scr|dhr|imr|chronology|action plan"
)
_NOT_OF_ONE = (
    "bill|act|regulations?|guidance|guidelines?|code|order|standards?|templates?|policy|tool"
)
# "Final report" and "Draft Mental Health Bill" are titles; "draft" at an end, or a state in
# capitals within a title in small letters, is what an author calls a file that is worked on.
_MARKS = [
    re.compile(pattern, re.IGNORECASE)
    for pattern in (
        r"(?<![\w.])v(?:er(?:sion)?)?[ ._]?\d+(?:\.\d+)*[a-z]?(?![^\W_])",
        r"(?<![^\W_])(?:re)?draft(?:[ _-]?\d+)?(?=[\s_)\]]*$)",
        rf"{_ABOUT}(?<![^\W_])draft(?:[ _-]+(?:{_KINDS}))*[ _-]+(?:{_REPORT})(?![^\W_])"
        rf"(?![ _-]+(?:{_NOT_OF_ONE})\b)",
        r"^[\s_(\[]*draft(?=[\s_)\]]*[:_-])",
        r"[(\[](?:draft|final|clean|edited|amended|updated|[\w ]*copy)(?: version)?[)\]]",
        r"\b(?:tracked|track(?:ed)? changes|mark(?:ed)?[ -]?up|unredacted)\b",
        r"\b(?:with|incl\.?|including|[a-z]{2,3}(?:['’]s)?) (?:comments|edits)(?=[\s_)\]]*$)",
        r"^(?:copy of(?! (?:the|an?|our) )|microsoft \w+ -)(?= )",
        r"\.(?:docx?|pdf|pages|odt|rtf|indd|pptx?|xlsx?|pub)\b",
        r"\w+_\w+",
        # 20240131, 310124
        r"(?<!\d)(?:20\d\d[01]\d[0-3]\d|[0-3]\d[01]\d(?:20)?[12]\d)(?!\d)",
    )
]
_STATE = re.compile(r"(?<![^\W_])(?:DRAFT|FINAL|CLEAN|AMENDED|REDACTED)(?![^\W_])")

# What programs give a file that nobody gave a title.
_PLACEHOLDER = re.compile(
    r"""[\W_]*(?:
    (?:untitled|unnamed|no\ title)(?:[\W_]*(?:document|presentation|design|spreadsheet))?
    |(?:new\ )?(?:microsoft\ )?(?:office\ )?word\ document
    |(?:microsoft\ )?powerpoint(?:\ presentation)?
    |(?:document|presentation|book|publication|workbook|doc|drawing)\d+
    |(?:layout|sheet|slide|slide\ number)\ ?\d+
    |(?:insert|type|enter|click\ to\ (?:add|edit))\ (?:the\ |document\ |report\ )*title(?:\ here)?
    |(?:document\ |report\ )?title|about:blank|blank\ page|print|anonymous|unspecified|none|null
    |scan(?:ned\ (?:document|image))?
    )[\W\d_]*""",
    re.VERBOSE | re.IGNORECASE,
)


def is_placeholder(title: str) -> bool:
    """Return whether a title is none, but what a program writes in its place."""
    return bool(_PLACEHOLDER.fullmatch(title))


def marks_of_working_file(title: str) -> list[str]:
    """Return the words of a title that name a version, a state or a file; none in a good title."""
    found = [match[0].strip(" _-()[]") for mark in _MARKS for match in mark.finditer(title)]
    if any(letter.islower() for letter in title):
        found += _STATE.findall(title)
    return list(dict.fromkeys(word for word in found if word))


def is_no_title(title: str) -> bool:
    """Return whether readers should not see a title as it is."""
    return is_placeholder(title) or bool(marks_of_working_file(title))
