"""Properties of a file: its Info dictionary and its XMP packet."""

import re
from collections.abc import Iterator

import pikepdf
from lxml import etree

from reviews.pdf.notes import Notes, shortened, text_of
from reviews.pdf.report import Check

_PLAIN_INFO = {"/Title", "/CreationDate", "/ModDate", "/Trapped", "/GTS_PDFXVersion"}


_PLAIN_INFO |= {"/GTS_PDFXConformance", "/GTS_PDFVTVersion", "/SourceModified"}


_PROGRAM_INFO = {"/Creator", "/Producer", "/PTEX.Fullbanner", "/PTEX.FullBanner", "/AAPL:Keywords"}


FILE_NAME = re.compile(r"(?i)^microsoft \w+ - |\.(docx?|pdf|pages|odt|rtf|indd|pptx?|xlsx?|pub)$")


def look_at_info(pdf: pikepdf.Pdf, notes: Notes) -> None:
    info = pdf.trailer.get("/Info")
    if not isinstance(info, pikepdf.Dictionary):
        return
    for key, value in info.items():
        text = text_of(value)
        if not text or (key in _PLAIN_INFO and not (key == "/Title" and FILE_NAME.search(text))):
            continue
        check = Check.PROGRAMS_IN_PROPERTIES if key in _PROGRAM_INFO else Check.NAMES_IN_PROPERTIES
        notes.add(check, None, f"{key[1:]}: {text}")


_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"


_DC = "http://purl.org/dc/elements/1.1/"


_XMP = "http://ns.adobe.com/xap/1.0/"


_PDF = "http://ns.adobe.com/pdf/1.3/"


_MM = "http://ns.adobe.com/xap/1.0/mm/"


_XML = "http://www.w3.org/XML/1998/namespace"


# Known from the document itself, or about no person: standards, numbers, dates.
_PLAIN_XMP = {(_DC, name) for name in ("title", "language", "format", "date", "type", "identifier")}


_PLAIN_XMP |= {(_XMP, name) for name in ("CreateDate", "ModifyDate", "MetadataDate", "Rating")}


_PLAIN_XMP |= {(_PDF, name) for name in ("PDFVersion", "Trapped")}


# Acrobat copies the other properties of a file there.
_PLAIN_XMP |= {("http://ns.adobe.com/pdfx/1.3/", "SourceModified")}


_PLAIN_XMP |= {
    (_MM, name)
    for name in ("DocumentID", "InstanceID", "OriginalDocumentID", "RenditionClass", "VersionID")
}


_PLAIN_SPACES = (
    _RDF,
    _XML,
    "adobe:ns:meta/",
    "http://www.aiim.org/",
    "http://ns.adobe.com/xap/1.0/t/",
    "http://ns.adobe.com/xap/1.0/g/",
    "http://ns.adobe.com/xap/1.0/sType/Dimensions",
    "http://ns.adobe.com/xap/1.0/sType/Font",
    "http://www.npes.org/",
    "http://ns.adobe.com/pdfx/1.3/GTS",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "http://ns.adobe.com/AcrobatAdhocWorkflow/",
)


_PROGRAM_XMP = {(_XMP, "CreatorTool"), (_PDF, "Producer")}


_HISTORY = "http://ns.adobe.com/xap/1.0/sType/Resource"


def look_at_xmp(pdf: pikepdf.Pdf, notes: Notes) -> None:
    for space, name, text in _xmp_values(pdf.Root.get("/Metadata")):
        if (space, name) in _PLAIN_XMP or space.startswith(_PLAIN_SPACES):
            continue
        is_program = (space, name) in _PROGRAM_XMP or space.startswith(_HISTORY)
        check = Check.PROGRAMS_IN_PROPERTIES if is_program else Check.NAMES_IN_PROPERTIES
        notes.add(check, None, f"{name}: {text}")


def _xmp_values(stream: object) -> Iterator[tuple[str, str, str]]:
    """Yield namespace, name and text of all values of the XMP packet."""
    if not isinstance(stream, pikepdf.Stream):
        return
    packet = bytes(stream.read_bytes())
    if b"<\x00" not in packet and b"\x00<" not in packet:
        # Not UTF-16 but a program's mistake, at which an XML parser stops.
        packet = packet.replace(b"\x00", b"")
    if not _INSTRUCTION.sub(b"", packet).strip():
        return
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True)
    root = etree.fromstring(packet.strip(), parser)
    if root is None:
        raise ValueError("unreadable XMP")
    for element in root.iter():
        if not isinstance(element.tag, str):
            continue
        for attribute, value in element.attrib.items():
            space, name = _parts(attribute)
            if space and str(value).strip():
                yield space, name, str(value).strip()
        text = (element.text or "").strip()
        if text:
            owner = element
            # A list of values is in rdf:Seq and rdf:li under the property it belongs to.
            while owner is not None and _parts(owner.tag)[0] == _RDF:
                owner = owner.getparent()
            if owner is not None:
                yield *_parts(owner.tag), text


# What comes before and after the XMP itself.
_INSTRUCTION = re.compile(rb"<\?.*?\?>|\xef\xbb\xbf|\xfe\xff|\xff\xfe", re.DOTALL)


_SPACES = {"dc": _DC, "pdf": _PDF, "rdf": _RDF, "xap": _XMP, "xmp": _XMP, "xmpMM": _MM}


def _parts(tag: str) -> tuple[str, str]:
    """Return namespace and name of an element or attribute.

    Some programs forget to declare a prefix; then its usual namespace is assumed.
    """
    if tag.startswith("{"):
        space, _, name = tag[1:].partition("}")
        return space, name
    prefix, colon, name = tag.partition(":")
    return (_SPACES.get(prefix, prefix), name) if colon else ("", tag)


def says_something(metadata: object) -> bool:
    values = _xmp_values(metadata)
    return any(
        (space, name) not in _PLAIN_XMP and not space.startswith(_PLAIN_SPACES)
        for space, name, _ in values
    )


def title_of(pdf: pikepdf.Pdf) -> str:
    info = pdf.trailer.get("/Info")
    title = text_of(info.get("/Title")) if isinstance(info, pikepdf.Dictionary) else ""
    if title:
        return shortened(title)
    for space, name, text in _xmp_values(pdf.Root.get("/Metadata")):
        if (space, name) == (_DC, "title"):
            return shortened(text)
    return ""
