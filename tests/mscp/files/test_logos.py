"""Logos: hostile drawings are cleaned or refused, real ones are drawn as before, PNGs rewritten."""

from dataclasses import replace
from io import BytesIO
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from lxml import etree
from PIL import Image, PngImagePlugin

from mscp.files import logos
from mscp.files.logos import prepare_logo
from mscp.files.svg import SvgError, clean_svg
from tests.logos import HOSTILE_PARTS, PNG, REAL_SVG, REFUSED, SVG, claiming, png


def svg(part: str) -> bytes:
    return SVG.format(part=part).encode()


def upload(content: bytes, name: str = "logo.svg") -> Any:
    return ContentFile(content, name=name)


def refused(content: bytes) -> str:
    with pytest.raises(ValidationError) as caught:
        prepare_logo(upload(content))
    return " ".join(caught.value.messages)


def test_what_could_harm_is_removed_and_named() -> None:
    for part, named in HOSTILE_PARTS:
        clean = clean_svg(svg(part))
        text = clean.content.decode().lower().replace("http://www.w3.org/2000/svg", "")
        for word in (*"evil script onload foreign javascript data: import //".split(), "u\\"):
            assert word not in text, part
        assert ", ".join(clean.removed) == named, part
        # What stood beside it is still drawn.
        assert 'd="m0 0h9v9z"' in text, part


def test_what_is_no_drawing_is_refused_with_a_sentence() -> None:
    for content, sentence in REFUSED:
        assert sentence in refused(content), content[:200]


def test_a_real_drawing_stays_as_it_was() -> None:
    clean = clean_svg(REAL_SVG.encode())
    assert clean.removed == []
    assert (clean.width, clean.height) == (240, 60)
    root = etree.fromstring(clean.content)
    names = [etree.QName(each).localname for each in root.iter()]
    assert names.count("path") == 3 and names.count("use") == 1 and names.count("tspan") == 1
    assert root.get("viewBox") == "0 0 240 60"
    (style,) = root.iter("{http://www.w3.org/2000/svg}style")
    assert style.text == ".st0{fill:#2E6E62}.st1,.st2{fill:url(#SVGID_1_);stroke-width:2}"
    assert "".join(root.itertext()).endswith("Nordmoor, safeguarding children")
    # Cleaned again, it is the same.
    assert clean_svg(clean.content).content == clean.content


def test_a_drawing_is_bounded_by_what_it_draws() -> None:
    tens = "".join(f'<g id="g{n}">{f"""<use href="#g{n - 1}"/>""" * 10}</g>' for n in range(1, 9))
    with pytest.raises(SvgError, match="too many parts"):
        clean_svg(svg(f'<g id="g0"><path d="M0 0"/></g>{tens}'))
    with pytest.raises(SvgError, match="inside itself"):
        clean_svg(svg('<g id="a"><use href="#b"/></g><g id="b"><use href="#a"/></g>'))
    by_class = (
        '<style>.a{clip-path:url(#c)}</style><clipPath id="c"><path class="a" d="M0 0"/></clipPath>'
    )
    with pytest.raises(SvgError, match="inside itself"):
        clean_svg(svg(by_class))


def test_a_png_is_written_anew_without_metadata() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Evil Person")
    notes.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>place</x:xmpmeta>")
    out = BytesIO()
    picture = Image.new("RGBA", (2400, 600), (46, 110, 98, 255))
    picture.save(out, "PNG", pnginfo=notes, exif=b"Exif\0\0II*\0\x08\0\0\0\0\0")
    logo = prepare_logo(upload(out.getvalue() + b"<script>trailing</script>", "logo.png"))
    content = logo.content.read()
    with Image.open(BytesIO(content)) as clean:
        assert clean.size == (logo.width, logo.height) == (1200, 300)
        assert clean.info == {} and not clean.getexif()
        assert clean.getpixel((9, 9)) == (46, 110, 98, 255)
    assert b"Evil" not in content and b"script" not in content
    assert logo.shared is not None
    with Image.open(logo.shared) as shared:
        assert shared.size == (1200, 630)
        assert shared.getpixel((0, 0)) == (255, 255, 255)
        assert shared.getpixel((600, 315)) == (46, 110, 98)


def test_a_png_is_bounded_before_it_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    for size in ((5_000, 4_000), (20_000, 10_000)):
        assert "over 16 million points" in refused(claiming(*size))
    assert "damaged" in refused(claiming(900, 900))
    assert "ten times as long" in refused(png(1100, 100))
    assert "damaged" in refused(PNG[:60])
    monkeypatch.setattr(logos, "MOST_PNG", replace(logos.MOST_PNG, most=100))
    assert "over 2 MB" in refused(PNG)


def test_a_transparent_or_moving_png_is_refused() -> None:
    assert "transparent" in refused(png(20, 20, colour=(0, 0, 0, 0)))
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("red", "blue")]
    out = BytesIO()
    frames[0].save(out, "PNG", save_all=True, append_images=frames[1:])
    assert "moves" in refused(out.getvalue())
