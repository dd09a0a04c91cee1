"""Slugs: made once from a title and kept for good, so that no link ever breaks."""

from collections.abc import Callable
from typing import ClassVar, Unpack

from django.db import models
from django.utils.crypto import get_random_string
from django.utils.text import slugify

from mscp.records.saving import SaveOptions

SLUG_LENGTH = 80
# Functions that say whether an address is not to be given to a new record (mscp.models).
RESERVED: "list[Callable[[str], bool]]" = []
# Words after which a reader expects another.
NEVER_LAST = {
    *("a", "an", "the", "this", "that", "their", "its", "our", "your", "his", "her"),
    *("and", "or", "but", "of", "in", "on", "at", "to", "by", "for", "from", "with", "into"),
    *("about", "against", "between", "through", "under", "is", "are", "be", "who", "which"),
}


def make_slug(text: str, is_taken: Callable[[str], bool]) -> str:
    """Return a slug of the text that is free, cut between words."""
    slug = _cut(slugify(text), SLUG_LENGTH)
    # A title without a Latin letter or digit still needs an address.
    slug = slug or get_random_string(8, "bcdfghjkmnpqrstvwxyz23456789")
    candidate, number = slug, 1
    while is_taken(candidate):
        number += 1
        suffix = f"-{number}"
        candidate = _cut(slug, SLUG_LENGTH - len(suffix)) + suffix
    return candidate


def _cut(slug: str, length: int) -> str:
    """Cut a slug behind the last word that fits and is worth ending with."""
    if len(slug) <= length:
        return slug
    words = slug[: length + 1].rpartition("-")[0].split("-")
    while len(words) > 1 and words[-1] in NEVER_LAST:
        words.pop()
    return "-".join(words) or slug[:length].rstrip("-")


class Slugged(models.Model):
    """Abstract model whose slug is made at its first save and never changed by an edit."""

    # An address is made once, so no edit changes it (mscp.publishing.content_hash).
    NOT_CONTENT: ClassVar[tuple[str, ...]] = ("slug",)

    slug = models.SlugField(
        "address",
        max_length=SLUG_LENGTH,
        editable=False,
        help_text="Made from the title when first saved. It never changes, so links stay good.",
    )

    class Meta:
        abstract = True

    def slug_source(self) -> str:
        return str(self)

    def slug_scope(self) -> "models.QuerySet[Slugged]":
        """Return the rows among which the slug must be unique."""
        return type(self)._default_manager.all()

    def is_taken(self, slug: str) -> bool:
        return self.slug_scope().filter(slug=slug).exists() or self._was_an_address(slug)

    def _was_an_address(self, slug: str) -> bool:
        """Return whether the address of this slug leads elsewhere since a merge."""
        address = getattr(self, "get_absolute_url", None)
        if address is None:
            return False
        before, self.slug = self.slug, slug
        try:
            return any(is_reserved(address()) for is_reserved in RESERVED)
        finally:
            self.slug = before

    def save(self, **options: Unpack[SaveOptions]) -> None:
        if not self.slug:
            self.slug = make_slug(self.slug_source(), self.is_taken)
        super().save(**options)
