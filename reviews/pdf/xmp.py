"""XMP: properties of a file or picture, as XML (ISO 16684-1)."""

import re
from collections.abc import Iterator

import pikepdf
from lxml import etree

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
DC = "http://purl.org/dc/elements/1.1/"
XMP = "http://ns.adobe.com/xap/1.0/"
PDF = "http://ns.adobe.com/pdf/1.3/"
MM = "http://ns.adobe.com/xap/1.0/mm/"
XML = "http://www.w3.org/XML/1998/namespace"
# What a program did to a file, and of which others it was made.
HISTORY = "http://ns.adobe.com/xap/1.0/sType/Resource"
# About no person.
PLAIN_SPACES = (
    RDF,
    XML,
    "adobe:ns:meta/",
    "http://www.aiim.org/",
    "http://ns.adobe.com/xap/1.0/t/",
    "http://ns.adobe.com/xap/1.0/g/",
    "http://ns.adobe.com/xap/1.0/sType/Dimensions",
    "http://ns.adobe.com/xap/1.0/sType/Font",
    "http://www.npes.org/",
    "http://ns.adobe.com/pdfx/1.3/GTS",
    "http://ns.adobe.com/AcrobatAdhocWorkflow/",
)


def values_of(metadata: object) -> Iterator[tuple[str, str, str]]:
    """Yield namespace, name and text of all values of a packet, given as a stream or as bytes."""
    if isinstance(metadata, pikepdf.Stream):
        packet = bytes(metadata.read_bytes())
    elif isinstance(metadata, bytes):
        packet = metadata
    else:
        return
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
            while owner is not None and _parts(owner.tag)[0] == RDF:
                owner = owner.getparent()
            if owner is not None:
                yield *_parts(owner.tag), text


# What comes before and after the XMP itself.
_INSTRUCTION = re.compile(rb"<\?.*?\?>|\xef\xbb\xbf|\xfe\xff|\xff\xfe", re.DOTALL)


_SPACES = {"dc": DC, "pdf": PDF, "rdf": RDF, "xap": XMP, "xmp": XMP, "xmpMM": MM}


def _parts(tag: str) -> tuple[str, str]:
    """Return namespace and name of an element or attribute.

    Some programs forget to declare a prefix; then its usual namespace is assumed.
    """
    if tag.startswith("{"):
        space, _, name = tag[1:].partition("}")
        return space, name
    prefix, colon, name = tag.partition(":")
    return (_SPACES.get(prefix, prefix), name) if colon else ("", tag)
