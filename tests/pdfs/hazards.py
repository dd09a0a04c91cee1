"""The clean file with exactly one thing wrong with it, for everything that can be wrong.

Each is a function in one of the modules beside this one. Its decorator makes it a Hazard, named as
the function is.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from pikepdf import Pdf

from tests.pdfs.builder import SECRET, Canvas, clean_pdf, drawn, edited


@dataclass(frozen=True)
class Hazard:
    name: str
    check: str  # the code of the one finding expected
    page: int | None  # from 1; None where the whole file is meant
    make: Callable[[], bytes]
    secret: str = ""  # words that extraction finds on that page and that must not be published
    pages: int = 3


HAZARDS: list[Hazard] = []


def named(function: Callable[..., object]) -> str:
    return function.__name__.replace("_", " ")


def made(
    check: str, page: int | None = None, secret: str = "", pages: int = 3
) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    """A file made in a way of its own."""

    def add(make: Callable[[], bytes]) -> Callable[[], bytes]:
        HAZARDS.append(Hazard(named(make), check, page, cache(make), secret, pages))
        return make

    return add


def in_file(check: str) -> Callable[[Callable[[Pdf], object]], None]:
    """A change of the file as a whole."""

    def add(edit: Callable[[Pdf], object]) -> None:
        make = cache(lambda: edited(clean_pdf(), edit))
        HAZARDS.append(Hazard(named(edit), check, None, make))

    return add


def on_page(check: str, secret: str = "") -> Callable[[Callable[[Canvas], object]], None]:
    """Something drawn on page 2 of 3."""

    def add(draw: Callable[[Canvas], object]) -> None:
        HAZARDS.append(Hazard(named(draw), check, 2, cache(lambda: drawn(draw)), secret))

    return add


def hiding(check: str) -> Callable[[Callable[[Canvas], object]], None]:
    """Something on page 2 of 3 that hides the secret from the eye alone."""
    return on_page(check, SECRET)
