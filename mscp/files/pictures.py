"""Pictures that somebody sends: still, of a bounded size, and decoded whole."""

from collections.abc import Callable
from typing import Any, TypeVar

from django.core.exceptions import ValidationError
from PIL import Image

Made = TypeVar("Made")


def made_of_picture(
    source: Any,
    make: Callable[[Image.Image], Made],
    *,
    formats: tuple[str, ...],
    most_pixels: int,
    noun: str,
    save_as: str = "",
) -> Made:
    """Open a picture and return what ``make``, which decodes it, makes of it.

    The sentences call it ``noun``, and say that a damaged one is to be saved again ``save_as``.
    Raises ValidationError.
    """
    million = most_pixels // 1_000_000
    too_large = ValidationError(f"This {noun} has over {million} million points. Save it smaller.")
    try:
        source.seek(0)
        with Image.open(source, formats=formats) as picture:
            moves = getattr(picture, "is_animated", False)
            if picture.width * picture.height <= most_pixels and not moves:
                return make(picture)
    # Pillow refuses to open a far too large picture.
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise too_large from None
    # A damaged picture can raise anything, in the decoder of any format.
    except Exception:  # noqa: BLE001
        raise ValidationError(f"This {noun} is damaged. Save it again{save_as}.") from None
    if moves:
        raise ValidationError(f"This {noun} moves. Choose one that stands still.")
    raise too_large
