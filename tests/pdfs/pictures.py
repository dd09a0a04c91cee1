"""Pictures for the files, drawn by Pillow."""

import io
from functools import cache
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

CAMERA_XMP = b"""<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:exif="http://ns.adobe.com/exif/1.0/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"
 exif:GPSLatitude="51,30.5N" exif:GPSLongitude="0,7.5W" photoshop:City="Sampleton">
<dc:creator><rdf:Seq><rdf:li>Jo Sampleperson</rdf:li></rdf:Seq></dc:creator>
</rdf:Description></rdf:RDF></x:xmpmeta>"""
SCANNED = ("The review of Elm House", "was printed, signed and scanned.")


class Word(NamedTuple):
    text: str
    left: float
    right: float
    baseline: float


def jpeg(image: Image.Image, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, "JPEG", quality=85, **options)
    return out.getvalue()


def photo(dark: bool = False, size: tuple[int, int] = (240, 160)) -> Image.Image:
    """A landscape of a sort: shades that change from place to place."""
    shades = Image.linear_gradient("L").resize(size)
    waves = Image.effect_noise(size, 24)
    low, span = (10, 50) if dark else (190, 60)
    mixed = Image.blend(shades, waves, 0.3).point(lambda v: low + v * span // 255)
    return Image.merge("RGB", (mixed, mixed, mixed.point(lambda v: min(255, v + 5))))


@cache
def plain_photo(dark: bool = False) -> bytes:
    return jpeg(photo(dark))


@cache
def face() -> bytes:
    """Somebody before a wall, 200 by 200 dots."""
    image = Image.new("RGB", (200, 200), "lightblue")
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 150, 200, 200), fill="darkolivegreen")
    pen.ellipse((60, 40, 140, 140), fill="peachpuff", outline="black", width=2)
    for left in (80, 110):
        pen.ellipse((left, 75, left + 10, 85), fill="black")
    pen.arc((80, 90, 120, 120), 0, 180, fill="black", width=3)
    return jpeg(image)


@cache
def flat(colour: str) -> bytes:
    return jpeg(Image.new("RGB", (16, 16), colour))


@cache
def photo_with_exif() -> bytes:
    """As a telephone takes it: where, with what, and whose."""
    image = photo()
    exif = Image.Exif()
    exif[0x010F] = "Samplecam"
    exif[0x0110] = "Samplecam 7"
    exif[0x013B] = "Jo Sampleperson"
    exif[0x9003] = "2026:01:05 10:00:00"
    exif.get_ifd(0x8825).update(
        {1: "N", 2: (51.0, 30.0, 30.0), 3: "W", 4: (0.0, 7.0, 30.0), 6: 12.0}
    )
    return jpeg(image, exif=exif)


@cache
def photo_with_xmp() -> bytes:
    return jpeg(photo(), xmp=CAMERA_XMP)


@cache
def scan(*lines: str) -> tuple[bytes, tuple[Word, ...]]:
    """A scanned A4 page of 100 dots per inch, and where each word lies on it, in dots."""
    image = Image.new("RGB", (827, 1169), "#fbfaf6")
    pen = ImageDraw.Draw(image)
    font = ImageFont.load_default(22)
    words = []
    for row, said in enumerate(lines):
        x, baseline = 100.0, 140 + row * 40
        for word in said.split():
            pen.text((x, baseline), word, "#1d1d1d", font, anchor="ls")
            wide = font.getlength(word)
            words.append(Word(word, x, x + wide, baseline))
            x += wide + 7
    return jpeg(image), tuple(words)
