"""Reading time of a 7-minute learning.

static/js/reading-time.js counts in the same way during typing; a browser test compares the two.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from math import ceil

from mscp.text.markdown import to_words

WORDS_A_MINUTE = 200
MOST_MINUTES = 7
MOST_WORDS = WORDS_A_MINUTE * MOST_MINUTES


def count_words(texts: Iterable[str]) -> int:
    return sum(len(to_words(text)) for text in texts)


@dataclass(frozen=True)
class ReadingTime:
    words: int

    @property
    def minutes(self) -> int:
        """Return minutes, rounded up, so that only what is too long has eight."""
        return ceil(self.words / WORDS_A_MINUTE)

    @property
    def about(self) -> str:
        return f"about {self.minutes} minute{'' if self.minutes == 1 else 's'}"

    @property
    def is_too_long(self) -> bool:
        return self.words > MOST_WORDS

    @property
    def sentence(self) -> str:
        if not self.words:
            return NOTHING_WRITTEN
        sentence = TOO_LONG if self.is_too_long else WITHIN
        return sentence.format(about=self.about, words=f"{self.words:,}")


# The script of the form writes the same sentences.
NOTHING_WRITTEN = "Nothing is written yet."
WITHIN = f"It takes {{about}} to read: {{words}} of at most {MOST_WORDS:,} words."
TOO_LONG = f"It takes {{about}} to read ({{words}} words); seven minutes are {MOST_WORDS:,} words."
