"""What keeps people out who hear a file instead of seeing it."""

import json

from pikepdf import Dictionary, Name, Pdf

from tests.pdfs import pictures
from tests.pdfs.builder import clean_pdf, describe, edited, typeset
from tests.pdfs.hazards import in_file, made

# --- no structure, no language, no title ---


@in_file("no_tags")
def printed_to_pdf_without_tags(pdf: Pdf) -> None:
    del pdf.Root["/StructTreeRoot"], pdf.Root["/MarkInfo"]
    for page in pdf.pages:
        del page["/StructParents"]
        for note in page.get("/Annots", []):
            del note["/StructParent"]


@in_file("no_tags")
def tags_promised_and_not_there(pdf: Pdf) -> None:
    del pdf.Root["/StructTreeRoot"]


@in_file("no_tags")
def tags_without_an_element(pdf: Pdf) -> None:
    pdf.Root.StructTreeRoot = pdf.make_indirect(Dictionary(Type=Name.StructTreeRoot))


@in_file("no_language")
def language_not_given(pdf: Pdf) -> None:
    del pdf.Root["/Lang"]


@in_file("no_language")
def language_left_empty(pdf: Pdf) -> None:
    pdf.Root.Lang = ""


@in_file("no_title")
def title_not_given(pdf: Pdf) -> None:
    del pdf.docinfo["/Title"]
    describe(pdf, title="")


@in_file("no_title")
def title_of_spaces(pdf: Pdf) -> None:
    pdf.docinfo.Title = "  "
    describe(pdf, title="  ")


# --- long files without a way through ---


@made("no_bookmarks", pages=30)
def thirty_pages_without_bookmarks() -> bytes:
    return edited(clean_pdf(30), lambda pdf: pdf.Root.__delitem__("/Outlines"))


@made("no_bookmarks", pages=30)
def thirty_pages_with_an_empty_list_of_bookmarks() -> bytes:
    def empty(pdf: Pdf) -> None:
        pdf.Root.Outlines = pdf.make_indirect(Dictionary(Type=Name.Outlines, Count=0))

    return edited(clean_pdf(30), empty)


# --- pictures of text ---

SCANNED = """
#set page(margin: 0pt)
#for n in (1, 2, 3) [
  #if n > 1 { pagebreak() }
  #if sys.inputs.scanned.contains(str(n)) {
    let scan = bytes(json(bytes(sys.inputs.picture)))
    image(scan, width: 100%, height: 100%, fit: "stretch", alt: "A page of the report")
  } else {
    pad(72pt)[= Part #n
      Page #n was written and not scanned.]
  }
]
"""


def scanned(pages: str) -> bytes:
    picture, _ = pictures.scan(*pictures.SCANNED)
    return typeset(SCANNED, picture=json.dumps(list(picture)), scanned=pages)


@made("no_text")
def nothing_but_scanned_pages() -> bytes:
    return scanned("123")


@made("no_text", page=2)
def one_scanned_page_among_others() -> bytes:
    return scanned("2")
