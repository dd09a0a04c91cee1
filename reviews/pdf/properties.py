"""Properties: the Info dictionary, the XMP packet, and what parts of a file say of themselves."""

import re
from collections.abc import Iterator

import pikepdf

from reviews.pdf.notes import Notes, dictionaries_in, shortened, text_of
from reviews.pdf.objects import Objects
from reviews.pdf.report import Check
from reviews.pdf.titles import marks_of_working_file
from reviews.pdf.xmp import DC, HISTORY, MM, PDF, PLAIN_SPACES, XMP, values_of

_PLAIN_INFO = {
    *("/Title", "/CreationDate", "/ModDate", "/Trapped", "/GTS_PDFXVersion"),
    *("/GTS_PDFXConformance", "/GTS_PDFVTVersion", "/SourceModified"),
}
_PROGRAM_INFO = {"/Creator", "/Producer", "/PTEX.Fullbanner", "/PTEX.FullBanner", "/AAPL:Keywords"}

FILE_NAME = re.compile(r"(?i)^microsoft \w+ - |\.(docx?|pdf|pages|odt|rtf|indd|pptx?|xlsx?|pub)$")

# Known from the document itself, or about no person: standards, numbers, dates.
_PLAIN_XMP = {
    *((DC, name) for name in ("title", "language", "format", "date", "type", "identifier")),
    *((XMP, name) for name in ("CreateDate", "ModifyDate", "MetadataDate", "Rating")),
    *((PDF, name) for name in ("PDFVersion", "Trapped")),
    # Acrobat copies the other properties of a file there.
    ("http://ns.adobe.com/pdfx/1.3/", "SourceModified"),
    *(
        (MM, name)
        for name in (
            *("DocumentID", "InstanceID", "OriginalDocumentID", "RenditionClass", "VersionID"),
        )
    ),
}
_PROGRAM_XMP = {(XMP, "CreatorTool"), (PDF, "Producer")}


def look_at_info(pdf: pikepdf.Pdf, notes: Notes) -> None:
    info = pdf.trailer.get("/Info")
    if not isinstance(info, pikepdf.Dictionary):
        return
    for key, value in info.items():
        text = text_of(value)
        if text and (key not in _PLAIN_INFO or (key == "/Title" and is_of_working_file(text))):
            _note(notes, key[1:], text, is_program=key in _PROGRAM_INFO)


# By which a part says who made it.
OF_PARTS = ("/Author", "/Creator", "/Producer", "/Subject", "/Keywords")


def look_at_parts(objects: Objects, notes: Notes) -> None:
    """Note who or what made a part, or for whom it is."""
    for what, part in _parts(objects):
        for name in OF_PARTS:
            if text := text_of(part.get(name)):
                _note(notes, f"{name[1:]} of {what}", text, is_program=name in _PROGRAM_INFO)
    for usage in _entries(objects, "/Usage"):
        user = usage.get("/User")
        named = user.get("/Name") if isinstance(user, pikepdf.Dictionary) else None
        for one in named if isinstance(named, pikepdf.Array) else [named]:
            if text := text_of(one):
                _note(notes, "User of a layer", text, is_program=False)
    for key, drawing in objects.with_name("/PTEX.FileName"):
        if key in objects.in_use and (text := text_of(drawing.get("/PTEX.FileName"))):
            notes.add(Check.PROGRAM_DATA, objects.first_page_of(key), f"file put in: {text}")


def _parts(objects: Objects) -> Iterator[tuple[str, pikepdf.Object]]:
    """Yield what has properties beside the file: layers, articles, and drawings put in by TeX.

    For layers see ISO 32000-1, 8.11.4.3 and 8.11.4.4, for articles 12.4.3. TeX keeps the properties
    of the file that a drawing was.
    """
    for one in _entries(objects, "/CreatorInfo"):
        yield "a layer", one
    layers = objects.pdf.Root.get("/OCProperties")
    if isinstance(layers, pikepdf.Dictionary):
        for settings in (layers.get("/D"), *dictionaries_in(layers.get("/Configs"))):
            if isinstance(settings, pikepdf.Dictionary):
                yield "the layers", settings
    for article in dictionaries_in(objects.pdf.Root.get("/Threads")):
        if isinstance(article.get("/I"), pikepdf.Dictionary):
            yield "an article", article["/I"]
    for one in _entries(objects, "/PTEX.InfoDict"):
        yield "a drawing", one


def _entries(objects: Objects, name: str) -> Iterator[pikepdf.Object]:
    for key, holder in objects.with_name(name):
        value = holder.get(name)
        if key in objects.in_use and isinstance(value, pikepdf.Dictionary):
            yield value


def look_at_xmp(pdf: pikepdf.Pdf, notes: Notes) -> None:
    for space, name, text in values_of(pdf.Root.get("/Metadata")):
        is_plain = (space, name) in _PLAIN_XMP or space.startswith(PLAIN_SPACES)
        if is_plain and not (name == "title" and is_of_working_file(text)):
            continue
        _note(
            notes,
            name,
            text,
            is_program=(space, name) in _PROGRAM_XMP or space.startswith(HISTORY),
        )


def is_of_working_file(title: str) -> bool:
    """Return whether a title is the name of a file, or of a state that a file was in."""
    return bool(FILE_NAME.search(title) or marks_of_working_file(title))


# What programs write where nobody is named, and where nobody has said who.
_NOBODY = re.compile(
    r"""[\W_]*(?:anonymous|unspecified|unknown|unnamed|untitled|none|null|nil|n/?a|not\ set|default
    |(?:microsoft\ |ms\ )?(?:office|windows|account|default)\ ?user|microsoft\ account|user\d*|owner
    |author|admin(?:istrator)?|guest|test|temp|true|false)?[\W_]*""",
    re.VERBOSE | re.IGNORECASE,
)
# Numbers, dates and identifiers.
_NO_WORD = re.compile(
    r"(?:uuid:|xmp\.[id]id:|urn:\S*|adobe:docid:\S*)?[\s{}\-\d.:/+TZ]*"
    r"|https?://cv\.iptc\.org/\S*|\{?[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?|0x[0-9a-f]+|D:\d[\d'Z+-]*",
    re.IGNORECASE,
)
_PROGRAM = re.compile(
    r"""(?:python|docx|openpyxl|reportlab|apache|poi|adobe|acrobat|distiller|indesign|illustrator
    |photoshop|framemaker|pdfmaker|quartz|macos|mac\ os|ios|microsoft|word|excel|powerpoint|office
    |publisher|libreoffice|openoffice|writer|pages|keynote|numbers|quarkxpress|scribus|canva|latex
    |cc|cs|macintosh
    |pdftex|pdflatex|xetex|luatex|tex|typst|ghostscript|gpl|itext|pdfium|chrom(?:e|ium)|mozilla
    |firefox|skia|wkhtmltopdf|prince|weasyprint|cairo|pandoc|qpdf|pikepdf|pdfsam|foxit|nitro|nuance
    |pdfcreator|bullzip|primopdf|cutepdf|pscript\d?(?:\.dll)?|pdf|xps|google|docs|aspose|telerik
    |crystal|reports|jasper(?:reports)?|oracle|sap|ricoh|xerox|canon|konica|minolta|kyocera|hp
    |sharp|toshiba|epson|brother|scan(?:ner|snap)?|camscanner|copier|pro|dc|standard|reader|plug-?in
    |paper\ ?capture|library|engine|for|windows|mac|online|365|tm|r|v|version|by|and|server
    |services?|converter|printer|driver|export(?:er)?|\d[\w.]*)""",
    re.VERBOSE | re.IGNORECASE,
)
_WORDS = re.compile(r"[^\s,;()\[\]/®™©:+&|-]+")
# Labels that the software of an office puts on each of its files.
_LABEL = re.compile(
    r"(?i)^(?:MSIP_Label|ContentTypeId|_?dlc_|_dcom|Classification|Tax(?:Keyword|Catch)|xd_|Template"
    r"|Compliance|TriggerFlow|MediaService|SharedWithUsers_|_Copy|_Source|_Extended|_NewReview"
    r"|GrammarlyDocument|ICV$|KSOProduct|lcf|Order$|Base Target|Linked|PTEX|EPublication|rgid)"
)
_OFFICE = re.compile(
    r"""\b(?:partnerships?|councils?|boards?|departments?|dept|offices?|services?|nhs|police|hm
    |government|ofsted|agency|agencies|trust|university|college|school|ltd|limited|llp|plc|inquiry
    |commission|commissioner|committee|panel|authority|borough|ministry|parliament|house|association
    |society|foundation|charity|institute|centre|bureau|unit|safeguarding|dfe|dhsc|moj|cqc|hmicfrs
    |lscb|lscp|scp|ccg|icb|nspcc|consultancy|consulting|publications|press)\b""",
    re.VERBOSE | re.IGNORECASE,
)


def names_nobody(text: str) -> bool:
    """Return whether the value of a property names no person: nothing, a number, an office."""
    if _NOBODY.fullmatch(text) or _NO_WORD.fullmatch(text):
        return True
    parts = [part for part in re.split(r"[,;/|()]", text) if part.strip()]
    return len(text) <= 120 and all(_OFFICE.search(part) for part in parts)


def is_program_name(text: str) -> bool:
    words = _WORDS.findall(text)
    return bool(words) and all(_PROGRAM.fullmatch(word.strip("-–.'\"")) for word in words)


def _note(notes: Notes, name: str, text: str, *, is_program: bool) -> None:
    if is_program or is_program_name(text) or _LABEL.match(name):
        notes.add(Check.PROGRAMS_IN_PROPERTIES, None, f"{name}: {text}")
    elif not names_nobody(text):
        notes.add(Check.NAMES_IN_PROPERTIES, None, f"{name}: {text}")


def title_of(pdf: pikepdf.Pdf) -> str:
    info = pdf.trailer.get("/Info")
    title = text_of(info.get("/Title")) if isinstance(info, pikepdf.Dictionary) else ""
    if title:
        return shortened(title)
    for space, name, text in values_of(pdf.Root.get("/Metadata")):
        if (space, name) == (DC, "title"):
            return shortened(text)
    return ""
