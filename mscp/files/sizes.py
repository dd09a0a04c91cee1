"""Sizes of files: the most bytes that a field takes, said before a file is sent and once it came.

``static/js/file-sizes.js`` says it first, in the same words; the server looks again.
"""

import json
from dataclasses import asdict, dataclass

from django.core.exceptions import ValidationError


@dataclass(frozen=True)
class MostBytes:
    """The most bytes of a file, and the sentence for one that has more."""

    most: int
    sentence: str
    # Of files whose name ends in this, in small letters; "" is any other.
    ending: str = ""

    def check(self, size: int) -> None:
        """Refuse a file of so many bytes. Raises ValidationError."""
        if size > self.most:
            raise ValidationError(self.sentence)


def attributes(*limits: MostBytes) -> dict[str, str]:
    """Return the attributes by which the script knows the limits of an input; the first applies."""
    return {"data-most-bytes": json.dumps([asdict(limit) for limit in limits])}
