"""Word documents for tests: as small as a reader takes them, each part written as Word has it."""

import io
import zipfile
from collections.abc import Mapping

_W = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"
_OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_NAMESPACE = f'xmlns:w="{_W}"'
_TYPES = (
    f'<Types xmlns="{_PACKAGE}/content-types">'
    '<Default Extension="xml" ContentType="application/xml"/>'
    '<Default Extension="rels" '
    'ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)
_STYLES = """
<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/></w:style>
<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/></w:style>
<w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/></w:style>
<w:style w:type="paragraph" w:styleId="Heading5"><w:name w:val="heading 5"/></w:style>
<w:style w:type="paragraph" w:styleId="Unseen"><w:name w:val="Unseen"/>
  <w:rPr><w:vanish/></w:rPr></w:style>
<w:style w:type="paragraph" w:styleId="AsUnseen"><w:name w:val="As"/>
  <w:basedOn w:val="Unseen"/></w:style>
<w:style w:type="character" w:styleId="UnseenRun"><w:name w:val="Run"/>
  <w:rPr><w:vanish/></w:rPr></w:style>
"""
_NUMBERING = """
<w:abstractNum w:abstractNumId="1"><w:lvl w:ilvl="0"><w:numFmt w:val="bullet"/></w:lvl>
<w:lvl w:ilvl="1"><w:numFmt w:val="decimal"/></w:lvl></w:abstractNum>
<w:num w:numId="1"><w:abstractNumId w:val="1"/></w:num>
"""


def run(text: str, properties: str = "") -> str:
    return f"<w:r><w:rPr>{properties}</w:rPr><w:t xml:space='preserve'>{text}</w:t></w:r>"


def paragraph(*runs: str, style: str = "", more: str = "") -> str:
    """Return a paragraph of runs, or of plain texts."""
    named = f'<w:pStyle w:val="{style}"/>' if style else ""
    inner = "".join(one if one.startswith("<") else run(one) for one in runs)
    return f"<w:p><w:pPr>{named}{more}</w:pPr>{inner}</w:p>"


def item(text: str, level: int = 0) -> str:
    number = f'<w:numPr><w:ilvl w:val="{level}"/><w:numId w:val="1"/></w:numPr>'
    return paragraph(text, more=number)


def table(*rows: list[str], heading: bool = False) -> str:
    lines = []
    for number, row in enumerate(rows):
        header = "<w:trPr><w:tblHeader/></w:trPr>" if heading and not number else ""
        cells = "".join(f"<w:tc>{paragraph(*text.split('|'))}</w:tc>" for text in row)
        lines.append(f"<w:tr>{header}{cells}</w:tr>")
    return f"<w:tbl>{''.join(lines)}</w:tbl>"


def word_file(*body: str, notes: str = "", more: Mapping[str, bytes | str] | None = None) -> bytes:
    """Return a document; ``more`` adds members to its package, or takes the place of some."""
    related = "".join(
        f'<Relationship Id="{kind}" Type="{_OFFICE}/{kind}" Target="{kind}.xml"/>'
        for kind in ("styles", "numbering", "footnotes")
    )
    outside = (
        f'<Relationship Id="far" Type="{_OFFICE}/attachedTemplate" TargetMode="External" '
        'Target="https://example.org/template.dotm"/>'
    )
    start = f'<Relationship Id="r1" Type="{_OFFICE}/officeDocument" Target="word/document.xml"/>'
    members: dict[str, bytes | str] = {
        "[Content_Types].xml": _TYPES,
        "_rels/.rels": f'<Relationships xmlns="{_PACKAGE}/relationships">{start}</Relationships>',
        "word/_rels/document.xml.rels": (
            f'<Relationships xmlns="{_PACKAGE}/relationships">{related}{outside}</Relationships>'
        ),
        "word/document.xml": (
            f"<w:document {_NAMESPACE}><w:body>{''.join(body)}</w:body></w:document>"
        ),
        "word/styles.xml": f"<w:styles {_NAMESPACE}>{_STYLES}</w:styles>",
        "word/numbering.xml": f"<w:numbering {_NAMESPACE}>{_NUMBERING}</w:numbering>",
        "word/footnotes.xml": f"<w:footnotes {_NAMESPACE}>{notes}</w:footnotes>",
        **(more or {}),
    }
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in members.items():
            package.writestr(name, content)
    return packed.getvalue()
