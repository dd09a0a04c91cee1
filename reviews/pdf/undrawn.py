"""Drawings and pictures that a file keeps for its pages and that no page draws.

Programs leave them when somebody deletes a picture or a text: the name stays among the resources of
the page (ISO 32000-1, 7.8.3), and with it the whole drawing.
"""

from collections.abc import Iterator
from io import BytesIO

import pikepdf
import pypdfium2 as pdfium

from reviews.pdf.drawing import open_document, open_page
from reviews.pdf.notes import DEEPEST, Notes, dictionaries_in
from reviews.pdf.opening import inherited, names_drawn
from reviews.pdf.report import Check
from reviews.pdf.text import letters_of
from reviews.pdf.unseen_pictures import FEWEST_PIXELS

MOST_READ = 20
A_PICTURE = "a picture that no page draws"

Key = tuple[int, int]


def look_for_undrawn(pdf: pikepdf.Pdf, notes: Notes) -> None:
    search = _Search()
    for number, page in enumerate(pdf.pages, 1):
        search.of_page(page.obj, number)
    for number, item, resources in search.undrawn()[:MOST_READ]:
        if item.get("/Subtype") == "/Image":
            if _is_of_a_size(item):
                notes.add(Check.UNSEEN_PICTURE, number, A_PICTURE)
        else:
            text, has_picture = shown_by(item, resources)
            if text:
                notes.add(Check.INVISIBLE_TEXT, number, text)
            elif has_picture:
                notes.add(Check.UNSEEN_PICTURE, number, A_PICTURE)


class _Search:
    """What the resources of the pages name, and what any content draws."""

    def __init__(self) -> None:
        self.named: dict[Key, tuple[int, pikepdf.Object, pikepdf.Object]] = {}
        self.drawn: set[Key] = set()
        self.number = 0
        # The objects of resources that many pages share, by name.
        self.shared: dict[Key, dict[str, pikepdf.Object]] = {}
        # Resources and drawings that were looked through.
        self.seen: set[tuple[Key, Key]] = set()

    def of_page(self, page: pikepdf.Object, number: int) -> None:
        resources = inherited(page, "/Resources")
        if isinstance(resources, pikepdf.Dictionary):
            self.number = number
            self._note_names(resources)
            content = page.get("/Contents")
            parts = list(content) if isinstance(content, pikepdf.Array) else [content]
            self._of_content([p for p in parts if isinstance(p, pikepdf.Stream)], resources, 0)
            self._of_others(resources, 0)
        for annotation in dictionaries_in(page.get("/Annots")):
            self._of_appearance(annotation.get("/AP"), 0)

    def _note_names(self, resources: pikepdf.Object) -> None:
        for item in self._objects_of(resources).values():
            self.named.setdefault(item.objgen, (self.number, item, resources))

    def _objects_of(self, resources: pikepdf.Object) -> dict[str, pikepdf.Object]:
        objects = resources.get("/XObject")
        if not isinstance(objects, pikepdf.Dictionary):
            return {}
        if objects.objgen in self.shared:
            return self.shared[objects.objgen]
        found: dict[str, pikepdf.Object] = {}
        found |= {name: x for name, x in objects.items() if isinstance(x, pikepdf.Stream)}
        if objects.is_indirect:
            self.shared[objects.objgen] = found
        return found

    def undrawn(self) -> list[tuple[int, pikepdf.Object, pikepdf.Object]]:
        return [one for key, one in self.named.items() if key not in self.drawn]

    def _of_content(
        self, parts: list[pikepdf.Object], resources: pikepdf.Object, depth: int
    ) -> None:
        objects = self._objects_of(resources)
        if not objects or all(item.objgen in self.drawn for item in objects.values()):
            return
        # A name may be in one part and its operator in the next.
        for name in names_drawn(b"\n".join(bytes(part.read_bytes()) for part in parts)):
            if name in objects:
                self._of_drawing(objects[name], resources, depth)

    def _of_drawing(self, item: pikepdf.Object, outer: pikepdf.Object, depth: int) -> None:
        own = item.get("/Resources")
        resources = own if isinstance(own, pikepdf.Dictionary) else outer
        key = item.objgen, (0, 0) if resources is own else resources.objgen
        if key in self.seen or depth > DEEPEST:
            return
        self.seen.add(key)
        self.drawn.add(item.objgen)
        for name in ("/SMask", "/Mask"):
            if isinstance(mask := item.get(name), pikepdf.Stream):
                self.drawn.add(mask.objgen)
        if item.get("/Subtype") == "/Form":
            self._of_content([item], resources, depth + 1)
            if resources is own:
                self._note_names(resources)
                self._of_others(resources, depth + 1)

    def _of_others(self, resources: pikepdf.Object, depth: int) -> None:
        """Take all that patterns, letters and masks draw for drawn."""
        for pattern in _values_of(resources, "/Pattern"):
            self._of_all(pattern.get("/Resources"), depth)
        for font in _values_of(resources, "/Font"):
            if font.get("/Subtype") == "/Type3":
                self._of_all(font.get("/Resources"), depth)
        for state in _values_of(resources, "/ExtGState"):
            mask = state.get("/SMask")
            group = mask.get("/G") if isinstance(mask, pikepdf.Dictionary) else None
            if isinstance(group, pikepdf.Stream):
                self._of_drawing(group, resources, depth)

    def _of_all(self, resources: object, depth: int) -> None:
        if isinstance(resources, pikepdf.Dictionary):
            for item in self._objects_of(resources).values():
                self._of_drawing(item, resources, depth + 1)

    def _of_appearance(self, looks: object, depth: int) -> None:
        """Take every look of an annotation (ISO 32000-1, 12.5.5) for drawn."""
        if isinstance(looks, pikepdf.Stream):
            self._of_drawing(looks, looks, depth)
        elif isinstance(looks, pikepdf.Dictionary) and depth < 3:
            for look in looks.values():
                self._of_appearance(look, depth + 1)


def _values_of(resources: pikepdf.Object, kind: str) -> Iterator[pikepdf.Object]:
    values = resources.get(kind)
    if isinstance(values, pikepdf.Dictionary):
        for value in values.values():
            if isinstance(value, pikepdf.Dictionary | pikepdf.Stream):
                yield value


def _is_of_a_size(image: pikepdf.Object) -> bool:
    return min(int(image.get("/Width", 0)), int(image.get("/Height", 0))) >= FEWEST_PIXELS


def shown_by(form: pikepdf.Object, outer: pikepdf.Object) -> tuple[str, bool]:
    """Return the text of a drawing, and whether it has a picture, by drawing it on its own page."""
    with pikepdf.new() as pdf:
        box = [float(x) for x in form.get("/BBox", [0, 0, 600, 850])]
        page = pdf.add_blank_page(page_size=(595, 842))
        page.obj.MediaBox = pikepdf.Array(box)
        drawing = pdf.copy_foreign(form)
        if "/Resources" not in form:
            # Older files leave them to the page.
            fonts = outer.get("/Font", pikepdf.Dictionary())
            drawing.Resources = pikepdf.Dictionary(
                Font=pikepdf.Dictionary(
                    {name: pdf.copy_foreign(x) for name, x in fonts.items() if x.is_indirect}
                )
            )
        page.obj.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(Drawing=drawing))
        page.obj.Contents = pdf.make_stream(b"/Drawing Do")
        output = BytesIO()
        pdf.save(output)
    try:
        document = open_document(output.getvalue())
    except pdfium.PdfiumError:
        return "", False
    try:
        with open_page(document, 0) as opened:
            drawn = opened.drawn()
            letters = letters_of(opened, drawn)
    finally:
        document.close()
    text = "".join(letter.char.text for letter in letters)
    has_words = sum(letter.counts for letter in letters) > 1
    return text if has_words else "", any(shape.is_picture for shape in drawn.shapes)
