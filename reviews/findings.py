"""Explanations of findings for editors: what they mean and what to do about them."""

from dataclasses import dataclass
from enum import StrEnum

from reviews.pdf.report import Check


class Severity(StrEnum):
    """How severe a finding is, the most severe first: who must do what about it."""

    # Could tell who somebody is: a person looks at each and settles it.
    MUST_SETTLE = "must_settle"
    # Goes in the cleaned copy. The file that was sent is public only if somebody says why.
    WILL_BE_CLEANED = "will_be_cleaned"
    TO_KNOW = "to_know"


@dataclass(frozen=True)
class Explanation:
    title: str
    # What it means and what to do about it.
    advice: str
    severity: Severity = Severity.MUST_SETTLE
    # Whether a cleaned copy removes it.
    can_be_cleaned: bool = False


CLEAN = "A cleaned copy takes it out."
AT_SOURCE = (
    "Take the words out in the document it was made from, not only out of sight, and make the PDF "
    "anew."
)

# None of these may be in a document that is public, unless somebody has accepted it with a reason;
# but for those which are only to know.
PRIVACY_FINDINGS = {
    Check.NAMES_IN_PROPERTIES: Explanation(
        "Names or notes in the file's properties",
        "Anybody can read them under “Properties” in a PDF reader. They may name the author or "
        f"say more than the report does. {CLEAN}",
        severity=Severity.WILL_BE_CLEANED,
        can_be_cleaned=True,
    ),
    Check.PROGRAMS_IN_PROPERTIES: Explanation(
        "Names of programs in the file's properties",
        "They tell what the file was made with, sometimes whose computer it was. Harmless as a "
        f"rule. {CLEAN}",
        severity=Severity.WILL_BE_CLEANED,
        can_be_cleaned=True,
    ),
    Check.COMMENTS: Explanation(
        "Comments or marks",
        "Notes, highlighting or drawings that somebody added, with what they say and who wrote "
        f"them. {CLEAN}",
        severity=Severity.WILL_BE_CLEANED,
        can_be_cleaned=True,
    ),
    Check.UNAPPLIED_REDACTION: Explanation(
        "Redaction marked but not carried out",
        "The words under the mark are still in the file. Open it in the program in which it was "
        "marked and apply the redactions, then send the new file.",
    ),
    Check.COVERED_TEXT: Explanation(
        "Text under a box or picture",
        "It cannot be seen, but anybody can copy and search it. A black box does not remove the "
        f"words below. {AT_SOURCE}",
    ),
    Check.INVISIBLE_TEXT: Explanation(
        "Invisible text",
        "It is not drawn on the page, but anybody can copy and search it, and screen readers read "
        f"it out. {AT_SOURCE}",
    ),
    Check.PALE_TEXT: Explanation(
        "Text in the colour of what is behind it",
        f"Nobody sees it, but anybody can copy and search it. {AT_SOURCE}",
    ),
    Check.TINY_TEXT: Explanation(
        "Text too small to be seen",
        f"It looks like a dot or a line, but anybody can copy and search it. {AT_SOURCE}",
    ),
    Check.OFF_PAGE_TEXT: Explanation(
        "Text outside the page",
        f"It stands beyond the edge or was cropped away, but is still in the file. {AT_SOURCE}",
    ),
    Check.HIDDEN_LAYER: Explanation(
        "A hidden layer",
        "Part of the page is switched off. Any reader can switch it on again. Delete the layer in "
        "the program the file was made with, and make the PDF anew.",
    ),
    Check.COVERED_PICTURE: Explanation(
        "A picture under a box",
        "What the box hides is still in the file: anybody can take the picture out and see it. "
        "Blacken or crop the picture itself, in a program for pictures, and make the PDF anew.",
    ),
    Check.UNSEEN_PICTURE: Explanation(
        "A picture, or a large part of one, that no page shows",
        "It was cropped, pushed off the page or never drawn, but anybody can take it out of the "
        "file. In Word or PowerPoint delete the cropped areas (“Compress Pictures”), or delete the "
        "picture, and make the PDF anew.",
    ),
    Check.UNDER_PAGE_COLOUR: Explanation(
        "Page numbers or pictures under the colour of a page",
        "The program that laid out the page left them below a colour or picture that fills it. "
        "Harmless as a rule: look whether the numbers and pictures are those of the layout.",
        severity=Severity.TO_KNOW,
    ),
    Check.ATTACHMENT: Explanation(
        "An attached file",
        f"Another file is inside this one and can be saved from it. {CLEAN}",
        severity=Severity.WILL_BE_CLEANED,
        can_be_cleaned=True,
    ),
    Check.SCRIPT: Explanation(
        "A script or action",
        f"The file does something by itself, or starts something on a click. {CLEAN}",
        severity=Severity.WILL_BE_CLEANED,
        can_be_cleaned=True,
    ),
    Check.FORM_VALUES: Explanation(
        "Filled-in form fields or a signature",
        "What somebody typed, ticked or signed can be read out of the file. In a cleaned copy "
        "what can be seen becomes part of the page; what cannot be seen goes. Where a field has no "
        "look of its own, print the filled-in form to a new PDF instead.",
        severity=Severity.WILL_BE_CLEANED,
        can_be_cleaned=True,
    ),
    Check.EARLIER_REVISION: Explanation(
        "Earlier versions still in the file",
        "The file was changed by adding to it. What was deleted or replaced can be brought back. "
        f"{CLEAN}",
        severity=Severity.WILL_BE_CLEANED,
        can_be_cleaned=True,
    ),
    Check.PICTURE_DATA: Explanation(
        "Data inside a picture",
        f"A photo says more than it shows: where, when or by whom it was taken. {CLEAN}",
        severity=Severity.WILL_BE_CLEANED,
        can_be_cleaned=True,
    ),
    Check.PROGRAM_DATA: Explanation(
        "Leftovers of a program",
        f"Working data or old small pictures of pages, which can show earlier states. {CLEAN}",
        severity=Severity.WILL_BE_CLEANED,
        can_be_cleaned=True,
    ),
    Check.PRIVATE_LINK: Explanation(
        "A link into somebody's computer or network",
        f"Nobody else can follow it, and it can tell names of people and folders. {CLEAN}",
        severity=Severity.WILL_BE_CLEANED,
        can_be_cleaned=True,
    ),
    Check.UNUSED_PART: Explanation(
        "Parts that no page shows",
        "A page that was deleted, or something else that is still in the file although nothing of "
        f"it can be seen. Special programs read it. {CLEAN}",
        severity=Severity.WILL_BE_CLEANED,
        can_be_cleaned=True,
    ),
    Check.OTHER_WORDS: Explanation(
        "Other words than those to be seen",
        "A tag says that other words stand here than those on the page: who copies the text, or "
        "has it read out, gets these. The pages made of the file have what is to be seen. "
        f"{CLEAN}",
        severity=Severity.WILL_BE_CLEANED,
        can_be_cleaned=True,
    ),
    Check.WORDS_ON_NO_PAGE: Explanation(
        "Words that stand on no page",
        "Bookmarks, descriptions of pictures and the like serve readers and stay in the cleaned "
        "copy. Read them: do they name anybody?",
        severity=Severity.TO_KNOW,
    ),
    Check.TELLING_FILE_NAME: Explanation(
        "A file name that tells",
        "Readers never see the name it was sent under: a download is named after the document's "
        "title. But look whether this is the right version, fit to be published.",
    ),
    Check.NOT_CHECKED: Explanation(
        "Not checked",
        "One of the checks could not be made, so nobody knows whether it would have found "
        "something. Look at it yourself, or make the PDF anew.",
    ),
}

ACCESSIBILITY_FINDINGS = {
    Check.NO_TEXT: Explanation(
        "A picture without text",
        "Screen readers find nothing to read and no search finds its words. Have the text "
        "recognised (OCR), or better, make the PDF from the original document.",
        severity=Severity.TO_KNOW,
    ),
    Check.NO_TAGS: Explanation(
        "Not tagged",
        "Without tags a screen reader must guess headings, lists and the order of the text. In "
        "Word: Save as PDF, Options, “Document structure tags for accessibility”.",
        severity=Severity.TO_KNOW,
    ),
    Check.NO_LANGUAGE: Explanation(
        "No language",
        "A screen reader cannot know in which language to speak. Set it in the document's "
        "properties. A cleaned copy sets English.",
        can_be_cleaned=True,
        severity=Severity.TO_KNOW,
    ),
    Check.NO_TITLE: Explanation(
        "No title",
        "Readers show the name of the file in its place. Set the title in the document's "
        "properties. A cleaned copy takes the title you gave it here.",
        can_be_cleaned=True,
        severity=Severity.TO_KNOW,
    ),
    Check.NO_BOOKMARKS: Explanation(
        "A long file without bookmarks",
        "Readers cannot see its parts and jump to them. In Word: Save as PDF, Options, “Create "
        "bookmarks using headings”.",
        severity=Severity.TO_KNOW,
    ),
    Check.COPYING_FORBIDDEN: Explanation(
        "Copying is forbidden",
        "This can keep a screen reader from the text. Save it without restrictions. A cleaned "
        "copy has none.",
        can_be_cleaned=True,
        severity=Severity.TO_KNOW,
    ),
    Check.REPAIRED: Explanation(
        "The file was damaged and has been repaired",
        "What is kept here is the repaired copy. Look at every page, or better, save the file "
        "again from the program it was made with.",
        severity=Severity.TO_KNOW,
    ),
}

_ALL = {
    c.value: explanation for c, explanation in (PRIVACY_FINDINGS | ACCESSIBILITY_FINDINGS).items()
}
# The kinds of each severity, and those with which no document is public.
KINDS = {
    severity: frozenset(kind for kind, known in _ALL.items() if known.severity is severity)
    for severity in Severity
}
PRIVACY = KINDS[Severity.MUST_SETTLE] | KINDS[Severity.WILL_BE_CLEANED]
ACCESSIBILITY = frozenset(check.value for check in ACCESSIBILITY_FINDINGS)


def explained(check: str) -> Explanation:
    """Return the explanation of a check; one that no longer exists is explained by its name."""
    return _ALL.get(check, Explanation(check, "", Severity.TO_KNOW))


def severity_of(check: str) -> Severity:
    """Return how severe a kind of finding is."""
    return explained(check).severity
