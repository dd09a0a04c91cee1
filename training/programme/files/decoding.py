"""Character encoding of a CSV file: declared by its first bytes, else told from what it gives."""

import codecs
import re

from training.models.programme_lines import UnreadableError

# The longer ones first: that of UTF-32 begins with that of UTF-16.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# What spreadsheet programs write who write no UTF-8, the most usual first, and what staff call it.
_SINGLE_BYTE = {
    "cp1252": "Windows text (cp1252)",
    "mac_roman": "the text of an old Mac (Mac Roman)",
    "cp850": "the text of MS-DOS (cp850)",
}
# What stands in a programme in English, Welsh or with names of people and places of Europe.
_USUAL = frozenset(
    "“”‘’–—…•·£€©®™°½¼¾\xa0áàâäãåæçéèêëíìîïñóòôöõøœúùûüýÿßÁÀÂÄÃÅÆÇÉÈÊËÍÌÎÏÑÓÒÔÖÕØŒÚÙÛÜÝ"
)
# Of these an encoding is known at once; an accented letter may be one of several.
_TYPED = frozenset("“”‘’–—…•£€")
# UTF-8 that was read as Windows text and saved so: "â€™" for an apostrophe, "Â£", "Ã©".
_BEHIND = re.escape(bytes(range(0x80, 0xC0)).decode("cp1252", errors="ignore"))
_TWICE = re.compile(f"â€[{_BEHIND}\x80-\x9f]|Â[£\xa0·°½]|Ã[{_BEHIND}\x80-\x9f]")
_LOOK = "Look at accents, dashes and £ signs"


def decoded(content: bytes, remarks: list[str]) -> str:
    """Return the text of a file, with a remark where its encoding had to be guessed.

    Raises UnreadableError.
    """
    text = _decoded(content, remarks).lstrip("\ufeff")
    if twice := _TWICE.search(text):
        remarks.append(
            f"“{_word_at(text, twice.start())}” looks like text that was saved in the wrong "
            f"encoding once before. {_LOOK}."
        )
    return text


def _decoded(content: bytes, remarks: list[str]) -> str:
    for mark, encoding in _MARKS:
        if content.startswith(mark):
            return _declared(content, encoding)
    if unmarked := _unmarked(content):
        return _declared(content, unmarked)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        _refuse_damaged(content, error)
        return _guessed(content, error, remarks)


def _declared(content: bytes, encoding: str) -> str:
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        name = encoding[:6].upper()
        raise UnreadableError(f"This file is damaged {name}. Save it again.") from None


def _unmarked(content: bytes) -> str:
    """Return the encoding of UTF-16 without its mark: of each pair of bytes one is mostly NUL."""
    start = content[:400]
    first, second = start[::2], start[1::2]
    if len(start) >= 8 and second.count(0) > 0.7 * len(second) and not first.count(0):
        return "utf-16-le"
    if len(start) >= 8 and first.count(0) > 0.7 * len(first) and not second.count(0):
        return "utf-16-be"
    return ""


def _refuse_damaged(content: bytes, error: UnicodeDecodeError) -> None:
    """Refuse a file that is UTF-8 but for a few bytes: read as anything else it is all wrong."""
    rest = content.decode("utf-8", errors="ignore")
    lost = len(content) - len(rest.encode())
    signs = sum(1 for each in rest if ord(each) > 127)
    if signs > lost:
        raise UnreadableError(
            f"{_place(content, error.start)}: this file is UTF-8 and damaged there. Save it again."
        )


def _guessed(content: bytes, error: UnicodeDecodeError, remarks: list[str]) -> str:
    texts = {}
    for encoding in _SINGLE_BYTE:
        try:
            texts[encoding] = content.decode(encoding)
        except UnicodeDecodeError:
            continue
    best = max(texts, key=lambda encoding: _likelihood(texts[encoding]))
    # Mac Roman and DOS have a character for each byte, so that nothing but sense refuses one.
    if best != "cp1252" and not _foreign(texts[best]) <= _USUAL:
        if "cp1252" not in texts:
            raise UnreadableError(
                f"{_place(content, error.start)}: this is neither UTF-8 nor the text of Windows. "
                "Save the file as “CSV UTF-8” or XLSX."
            )
        best = "cp1252"
    text = texts[best]
    at = next(index for index, each in enumerate(text) if ord(each) > 127)
    remarks.append(
        f"The file is not in UTF-8 and was read as {_SINGLE_BYTE[best]}: “{_word_at(text, at)}”. "
        f"{_LOOK}."
    )
    return text


def _foreign(text: str) -> set[str]:
    return {each for each in text if ord(each) > 127}


def _likelihood(text: str) -> tuple[int, int]:
    """Return fewer strange characters first, then more that people type."""
    strange = typed = 0
    for each in text:
        if ord(each) > 127:
            strange += each not in _USUAL
            typed += each in _TYPED
    # In the middle of a word a capital is as strange as a sign: "Caf‚" and "CafÈ" for "Café".
    strange += len(re.findall(r"[a-z](?:[^\W\d_a-zß-ÿœ]|[‚„ƒˆ‰Š‹])", text))
    return -strange, typed


def _place(content: bytes, start: int) -> str:
    before = content[:start]
    column = start - before.rfind(b"\n")
    return f"Row {before.count(bytes([10])) + 1}, character {column}"


def _word_at(text: str, index: int) -> str:
    """Return the word around a character, by which staff see whether it was read well."""
    start = max(text.rfind(end, 0, index) for end in ' ,;\t"\n\r') + 1
    found = re.compile(r"[^,;\t\"\r\n ]*").match(text, max(start, index - 30))
    word = found[0] if found else ""
    if len(word) > 1:
        return word[:40]
    # A sign on its own, such as a dash: with what is beside it.
    return " ".join(re.split(r'[,;\t"\r\n]', text[max(0, index - 12) : index + 12])).strip()
