"""Languages of documents, as BCP 47 tags: those most spoken by families in England."""

import re

DEFAULT = "en-GB"
NAMES = {
    "en-GB": "English",
    "sq": "Albanian",
    "ar": "Arabic",
    "bn": "Bengali",
    "bg": "Bulgarian",
    "zh-Hans": "Chinese (simplified)",
    "zh-Hant": "Chinese (traditional)",
    "fa": "Farsi or Dari",
    "fr": "French",
    "gu": "Gujarati",
    "hi": "Hindi",
    "hu": "Hungarian",
    "it": "Italian",
    "ckb": "Kurdish (Sorani)",
    "lt": "Lithuanian",
    "ps": "Pashto",
    "pl": "Polish",
    "pt": "Portuguese",
    "pa": "Punjabi",
    "ro": "Romanian",
    "ru": "Russian",
    "so": "Somali",
    "es": "Spanish",
    "ta": "Tamil",
    "ti": "Tigrinya",
    "tr": "Turkish",
    "uk": "Ukrainian",
    "ur": "Urdu",
    "vi": "Vietnamese",
    "cy": "Welsh",
}
RIGHT_TO_LEFT = {"ar", "ckb", "fa", "he", "ps", "sd", "ur", "yi"}
_TAG = re.compile("[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*")


def is_tag(text: str) -> bool:
    return _TAG.fullmatch(text) is not None


def name_of(tag: str) -> str:
    """Return the English name of a language other than English, "" if there is none here."""
    language = _language(tag)
    if language == "en":
        return ""
    return NAMES.get(tag) or NAMES.get(language, "")


def direction_of(tag: str) -> str:
    """Return the direction of its script, as HTML's ``dir``."""
    return "rtl" if _language(tag) in RIGHT_TO_LEFT else "ltr"


def _language(tag: str) -> str:
    return tag.partition("-")[0].lower()
