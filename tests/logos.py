"""Logos to test with: hostile ones, and a real one as drawing programs write it."""

import struct
import zlib
from io import BytesIO
from typing import Any

from PIL import Image

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
    'viewBox="0 0 100 40"><path d="M0 0h9v9z"/>{part}</svg>'
)
OTHER_FILE = "a reference to another file"
STYLE_VALUE = "a value of its styles"
STYLE_RULE = "a rule of its style sheet"

# What is hostile, and what is told to the editor.
HOSTILE_PARTS = [
    ("<script>evil()</script>", "script"),
    ('<script xlink:href="https://evil.example/x.js"/>', "script"),
    (
        '<SCRIPT>evil()</SCRIPT><x:script xmlns:x="http://www.w3.org/1999/xhtml">evil()</x:script>',
        "SCRIPT",
    ),
    ('<g onload="evil()"/>', "onload"),
    ('<path OnClick="evil()" d="M1 1"/>', "OnClick"),
    (
        '<foreignObject><p xmlns="http://www.w3.org/1999/xhtml" onload="evil()"/></foreignObject>',
        "foreignObject",
    ),
    ('<a href="javascript:evil()"><path d="M1 1"/></a>', "a link"),
    ('<a xlink:href="https://evil.example/"><text>Words</text></a>', "a link"),
    ('<image href="https://evil.example/x.png"/>', "image"),
    ('<image href="data:image/svg+xml;base64,PHN2Zz4="/>', "image"),
    ('<use href="https://evil.example/x.svg#a"/>', OTHER_FILE),
    ('<use xlink:href="data:image/svg+xml,evil#a"/>', OTHER_FILE),
    ('<feImage href="//x.evil.example"/>', "feImage"),
    ('<filter id="f"><feImage href="https://evil.example"/></filter>', "filter"),
    ('<animate attributeName="href" values="javascript:evil()"/>', "animate"),
    ('<set attributeName="onload" to="evil()"/>', "set"),
    ('<path d="M1 1" fill="url(https://evil.example/x#a)"/>', OTHER_FILE),
    ('<path d="M1 1" fill="URL( &quot;//x.evil.example&quot; )"/>', OTHER_FILE),
    ('<path d="M1 1" style="fill:red;mask:url(data:evil)"/>', OTHER_FILE),
    (r'<path d="M1 1" style="fill:u\72l(//x.evil)"/>', STYLE_VALUE),
    ('<path d="M1 1" style="fill:url/**/(//x.evil)"/>', OTHER_FILE),
    ('<path d="M1 1" fill="image-set(&quot;//x.evil&quot; 1x)"/>', STYLE_VALUE),
    ('<path d="M1 1" style="behavior:url(evil.htc)"/>', ""),
    ("<style>@import '//x.evil.example/a.css';path{fill:red}</style>", "@import"),
    ("<style>@import url(//x.evil.example);</style>", "@import"),
    ("<style>@font-face{font-family:evil;src:url(//x.evil)}</style>", "@font-face"),
    ("<style>@media all{path{background:url(//x.evil)}}</style>", "@media"),
    ("<style>path{fill:url(//x.evil.example/a)}</style>", OTHER_FILE),
    ("<style>path[d^=a]{fill:red}</style>", STYLE_RULE),
    ("<style>path{fill:red;}} evil{</style>", STYLE_RULE),
    (r"<style>@\69mport '//x.evil.example';</style>", r"@\69mport"),
    ("<style><![CDATA[</style><script>evil()</script>]]></style>", STYLE_RULE),
    ("<?xml-stylesheet href='//x.evil.example'?><!-- evil -->", ""),
    ('<handler xmlns="http://www.w3.org/2001/xml-events">evil()</handler>', ""),
    ('<iframe src="https://evil.example"/><audio href="evil.mp3"/>', "iframe, audio"),
    ('<use href="evil"/>', OTHER_FILE),
    ('<path d="M1 1" fill="javascript:1"/>', STYLE_VALUE),
    # Long ones, which must not take long.
    (f"<style>path{' ' * 200_000}</style>", STYLE_RULE),
    (f"<style>@{'{' * 100_000}</style>", STYLE_RULE),
    (f'<path d="M1 1" fill="{"a" * 200_000}"/>', ""),
    (f'<path d="M1 1" fill="{"(" * 100_000}"/>', STYLE_VALUE),
    ("".join(f"<no{n}/>" for n in range(900)), ", ".join(f"no{n}" for n in range(10))),
    ("<metadata><evil/></metadata><title>evil</title>", ""),
    ("<text>a<script>evil()</script>b</text>", "script"),
    ('<g id="&quot;&gt;&lt;script&gt;" class="&lt;evil&gt;"/>', ""),
]

_ENTITIES = (
    '<!DOCTYPE svg [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>&b;</text></svg>'
)
_FILE = (
    '<!DOCTYPE svg [<!EnTiTy % x SYSTEM "file:///etc/passwd">%x;]>'
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>a</text></svg>'
)
# What is refused, and a part of the sentence.
REFUSED = [
    (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{"1" * 200_000}x"/>'.encode(),
        "how large it is",
    ),
    (_ENTITIES.encode(), "declares entities"),
    (_FILE.encode(), "declares entities"),
    (_ENTITIES.encode("utf-16"), "Choose an SVG or a PNG"),
    (
        b'<?xml version="1.0" encoding="latin-1"?><svg xmlns="http://www.w3.org/2000/svg">\xe9</svg>',
        "not in UTF-8",
    ),
    (b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0">', "is damaged"),
    (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><text>&x;</text></svg>',
        "is damaged",
    ),
    (b'<html><svg xmlns="http://www.w3.org/2000/svg"/></html>', "no SVG picture"),
    (b'<svg viewBox="0 0 9 9"><path d="M0 0"/></svg>', "no SVG picture"),
    (b'<svg xmlns="http://www.w3.org/2000/svg"><path d="M0 0"/></svg>', "how large it is"),
    (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 nan 9"><path d="M0 0"/></svg>',
        "how large it is",
    ),
    (SVG.replace('<path d="M0 0h9v9z"/>', "").format(part="<g/>").encode(), "Nothing can be seen"),
    (
        SVG.replace('<path d="M0 0h9v9z"/>', "").format(part='<image href="a.png"/>').encode(),
        "picture made of pixels",
    ),
    (SVG.format(part="<g/>" * 5001).encode(), "too many parts"),
    (SVG.format(part="<g>" * 5000 + "</g>" * 5000).encode(), "damaged"),
    (SVG.format(part=" " * 270_000).encode(), "over 256 kB"),
    (SVG.replace("100 40", "1000 40").format(part="").encode(), "ten times as long"),
    (b"%PDF-1.7", "Choose an SVG or a PNG"),
    (b"\xff\xd8\xff\xe0", "Choose an SVG or a PNG"),
    (b"", "Choose an SVG or a PNG"),
]

# As Illustrator and Inkscape write them: classes, a switch, a gradient, their own names.
REAL_SVG = """<?xml version="1.0" encoding="UTF-8" standalone="no"?>
<!-- Generator: a drawing program -->
<!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">
<svg version="1.1" id="Layer_1" xmlns="http://www.w3.org/2000/svg"
  xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:i="http://ns.adobe.com/i/"
  xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"
  x="0px" y="0px" viewBox="0 0 240 60" style="enable-background:new 0 0 240 60;"
  xml:space="preserve" inkscape:version="1.3">
<style type="text/css">
  /* of the program */
  .st0{fill:#2E6E62;}
  .st1, .st2{fill:url(#SVGID_1_);stroke-width:2;}
</style>
<metadata><i:x/></metadata>
<switch><g i:extraneous="self">
  <defs><path id="hill" d="M2 52 L26 14 L50 52z"/></defs>
  <linearGradient id="SVGID_1_" gradientUnits="userSpaceOnUse" x1="0" y1="0" x2="60" y2="60">
    <stop offset="0" style="stop-color:#2E6E62"/><stop offset="1" style="stop-color:#9CC5A1"/>
  </linearGradient>
  <path class="st0" d="M2 52 L20 22 L38 52z"/>
  <path class="st1" d="M22 52 L40 10 L58 52z"/>
  <use xlink:href="#hill" class="st2" opacity="0.4" transform="translate(4 0)"/>
  <text x="70" y="30" font-family="Georgia, serif" font-size="20" fill="#16282c">Nordmoor,
    <tspan x="70" dy="20" font-size="13">safeguarding</tspan> children</text>
</g></switch>
</svg>"""
REAL_SVG = REAL_SVG.replace("Nordmoor,\n    <tspan", "Nordmoor, <tspan")


def png(width: int, height: int, colour: Any = (46, 110, 98, 255)) -> bytes:
    out = BytesIO()
    Image.new("RGBA", (width, height), colour).save(out, "PNG")
    return out.getvalue()


def claiming(width: int, height: int) -> bytes:
    """Return a small PNG whose header claims another size."""
    header = b"IHDR" + struct.pack(">II", width, height) + PNG[24:29]
    return PNG[:12] + header + struct.pack(">I", zlib.crc32(header)) + PNG[33:]


PNG = png(300, 100)
