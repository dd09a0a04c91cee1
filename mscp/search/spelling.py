"""What a visitor may have meant by a word that finds nothing."""

from collections.abc import Iterable
from difflib import get_close_matches

from django.db.models.functions import Length

from mscp.models import KnownWord
from mscp.search.analysis import LONGEST_TERM, plain_words

FEWEST_LETTERS = 4
MOST_MEANT = 3
# So many are looked at: of some, only what is not published yet has them.
MOST_CLOSE = 20
# Of a word of eight letters, two may be wrong.
HOW_CLOSE = 0.75
BATCH = 500


def remember(*texts: object) -> None:
    """Write down the words of texts that are not known yet."""
    words = {
        word
        for word in plain_words(*texts)
        if FEWEST_LETTERS <= len(word) <= LONGEST_TERM and word.isalpha()
    }
    # In order, so that two that write at once never wait for each other.
    new = [KnownWord(word=word) for word in sorted(words - _known(words))]
    KnownWord.objects.bulk_create(new, batch_size=BATCH, ignore_conflicts=True)


def _known(words: Iterable[str]) -> set[str]:
    ordered = sorted(words)
    found: set[str] = set()
    for start in range(0, len(ordered), BATCH):
        some = KnownWord.objects.filter(word__in=ordered[start : start + BATCH])
        found |= set(some.values_list("word", flat=True))
    return found


def meant_by(word: str) -> list[str]:
    """Return known words that a mistyped one is close to, the closest first.

    Drafts have known words too: whoever offers one must look whether it finds something.
    """
    word = word.casefold()
    if len(word) < FEWEST_LETTERS:
        return []
    alike = KnownWord.objects.annotate(length=Length("word")).filter(
        length__gte=len(word) - 2, length__lte=len(word) + 2
    )
    # Whoever mistypes a word rarely mistypes both of its ends.
    either = alike.filter(word__startswith=word[0]) | alike.filter(word__endswith=word[-1])
    known = either.values_list("word", flat=True)
    return [near for near in get_close_matches(word, known, MOST_CLOSE, HOW_CLOSE) if near != word]
