"""Files that are no spreadsheet that can be read: what each is, and how to save it."""

import re

from training.models.programme_lines import UnreadableError

_SAVE = "Save the programme as XLSX, without a password, or as CSV."
_IN_EXCEL = (
    "Open it in Excel, choose File, Save As, and as the type “Excel Workbook (*.xlsx)”; then send "
    "that. (Of the old kind it cannot be told what is hidden, so it is not read.)"
)
_STARTS = [
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"RIFF", "a picture or a film"),
    (b"%PDF", "a PDF"),
    (b"{\\rtf", "a text of a word processor"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"BZh", "a compressed file"),
    (b"\xfd7zXZ", "a compressed file"),
    (b"SQLite format 3", "a database"),
    (b"\x00\x01\x00\x00Standard", "a database of Access"),
]
# The old files of Microsoft are file systems of their own; the names in them are UTF-16.
_OLE = b"\xd0\xcf\x11\xe0"
_OLE_KINDS = [
    ("EncryptedPackage", "This workbook has a password. Save it without one."),
    ("WordDocument", "This is an old Word document. Copy its lines and paste them as text."),
    ("PowerPoint", "This is an old presentation. Copy its lines and paste them as text."),
    ("__substg1.0", "This is an e-mail of Outlook. Save what is attached to it, and send that."),
    ("Workbook", f"This is an old Excel file (.xls). {_IN_EXCEL}"),
    ("Book", f"This is an old Excel file (.xls). {_IN_EXCEL}"),
]
# Of old Excel files before 1997, which are no file system.
_BIFF = re.compile(rb"\t[\x00\x02\x04\x08][\x04\x06\x08\x10]\x00")


def refuse_foreign(content: bytes) -> None:
    """Raise UnreadableError for what is told by its first bytes to be something else."""
    for start, kind in _STARTS:
        if content.startswith(start):
            raise UnreadableError(f"This is {kind}, whatever its name says. {_SAVE}")
    if content.startswith(_OLE):
        for name, sentence in _OLE_KINDS:
            if name.encode("utf-16-le") in content:
                raise UnreadableError(sentence)
        raise UnreadableError(
            f"This is an old Excel file (.xls), or one with a password. {_IN_EXCEL}"
        )
    if _BIFF.match(content):
        raise UnreadableError(f"This is a very old Excel file (.xls). {_IN_EXCEL}")


def other_archive(names: set[str], parts: "dict[str, bytes]") -> str:
    """Return what a ZIP file without a workbook is, by the names of its parts, in a sentence."""
    if "word/document.xml" in names:
        return "This is a Word document. Copy its lines and paste them as text."
    if "ppt/presentation.xml" in names:
        return "This is a presentation. Copy its lines and paste them as text."
    if "content.xml" in names and "mimetype" in names:
        if b"opendocument.text" in parts.get("mimetype", b""):
            return (
                "This is an OpenDocument text (.odt). Copy its lines and paste them as text, or "
                "save its table as XLSX."
            )
        return (
            "This is an OpenDocument file (.ods). Open it in LibreOffice, choose File, Save As, "
            "and as the type “Excel 2007–365 (.xlsx)”; then send that."
        )
    if "xl/workbook.bin" in names:
        return f"This is a binary Excel file (.xlsb). {_IN_EXCEL.partition(' (Of')[0]}"
    if any(name.startswith("Index/") and name.endswith(".iwa") for name in names) or (
        "Index.zip" in names
    ):
        return (
            "This is a file of Numbers. Open it there, choose File, Export To, Excel; then send "
            "that."
        )
    sheets = [name for name in sorted(names) if name.lower().endswith((".xlsx", ".csv", ".ics"))]
    if sheets:
        return f"This is a compressed file. Unpack it and send “{sheets[0][-80:]}” from it."
    return "This is a compressed file and no spreadsheet. Unpack it and send what is in it."


def refuse_foreign_text(text: str) -> None:
    """Raise UnreadableError for a text that is plainly no CSV."""
    start = text[:2000].lstrip()
    if re.match(
        r"(?:<!--.*?-->\s*)*<(?:!doctype|html|head|body|\?xml|table|meta|style|title|div|p|span|center"
        r"|font|h[1-6]|br)\b",
        start,
        re.IGNORECASE | re.DOTALL,
    ):
        if "urn:schemas-microsoft-com:office:spreadsheet" in text[:5000]:
            kind = "a spreadsheet as XML"
        elif "<table" in text.lower():
            kind = "a web page with a table, whatever its name says"
        else:
            kind = "a web page or XML, no CSV file"
        raise UnreadableError(
            f"This is {kind}. Open it in your spreadsheet program and save it as XLSX."
        )
    if start.startswith("ID;P"):
        raise UnreadableError("This is a SYLK file (.slk). Save it as XLSX.")
    if re.match(r'\{\s*"(?:url|doc_id|email)"', start):
        raise UnreadableError(
            "This is only a link to a Google sheet. Open the sheet, choose File, Download, "
            "“Microsoft Excel (.xlsx)”; then send that."
        )
    if start[:1] in "{[" and re.match(r'[\[{]\s*["{\[]', start):
        raise UnreadableError("This is JSON, no CSV file. Save the programme as XLSX or CSV.")
    if re.match(r"MIME-Version: ", start) and re.search(
        r"^X-Document-Type: Workbook|multipart/related", start, re.IGNORECASE | re.MULTILINE
    ):
        raise UnreadableError(
            "This is a web page in one file (.mht), whatever its name says. Open it in Excel and "
            "save it as XLSX."
        )
    if re.match(r"(?:From|Received|Return-Path|MIME-Version|Content-Type): ", start):
        raise UnreadableError(
            "This is an e-mail. Save what is attached to it, and send that; or copy its lines and "
            "paste them as text."
        )
