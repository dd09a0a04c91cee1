"""Letters as they were written: what a way of setting them does to a text is undone.

Every text that is made of a page, for reading and for searching, is made of these.
"""

from reviews.pdf.added_blanks import without_added_blanks
from reviews.pdf.characters import PageOfChars
from reviews.pdf.letter_spacing import without_letter_spacing
from reviews.pdf.note_marks import with_note_marks
from reviews.pdf.right_to_left import in_reading_order


def as_written(page: PageOfChars) -> PageOfChars:
    """Return the page in the order of reading, with words in one piece and note marks apart."""
    return with_note_marks(without_letter_spacing(without_added_blanks(in_reading_order(page))))
