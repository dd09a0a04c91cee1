"""Text that a reader does not see and any program finds."""

from typing import Any

from pikepdf import Array, Dictionary, Name

from tests.pdfs import pictures
from tests.pdfs.builder import HEIGHT, SECRET, WIDTH, Canvas, box, glyphs, line, shift, width
from tests.pdfs.hazards import hiding

# --- redactions that were marked and never applied ---


def _named_line(c: Canvas, y: float = 300, **how: Any) -> tuple[float, float, float, float]:
    """Write a line with the secret in its middle; return the box round the secret."""
    before = "The boy, "
    c.say(f"{before}{SECRET}, was seen at home.", y=y, **how)
    return 72 + width(before) - 1, y - 4, width(SECRET) + 2, 16


def _redact(c: Canvas, **keys: Any) -> None:
    x, y, w, h = _named_line(c)
    quads = Array([x, y + h, x + w, y + h, x, y, x + w, y])
    c.annotate("Redact", [x, y, x + w, y + h], QuadPoints=quads, **keys)


@hiding("unapplied_redaction")
def redaction_without_a_look(c: Canvas) -> None:
    _redact(c)


@hiding("unapplied_redaction")
def redaction_with_an_outline(c: Canvas) -> None:
    _redact(c, AP=c.appearance("1 0 0 RG 1 1 200 14 re S", 210, 16), C=Array([1, 0, 0]))


@hiding("unapplied_redaction")
def redaction_with_an_overlay(c: Canvas) -> None:
    look = c.appearance(box(0, 0, 300, 16), 300, 16)
    _redact(c, AP=look, RO=look.N, IC=Array([0, 0, 0]), OverlayText="REDACTED")


# --- text under something opaque ---


@hiding("covered_text")
def black_box_over_a_name(c: Canvas) -> None:
    """Drawn in Word; copy and paste brings the name back."""
    c.artifact(box(*_named_line(c)))


@hiding("covered_text")
def black_box_over_a_whole_line(c: Canvas) -> None:
    c.say(SECRET)
    c.artifact(box(60, 290, 300, 30))


@hiding("covered_text")
def white_box_over_a_name(c: Canvas) -> None:
    c.artifact(box(*_named_line(c), how="1 g"))


@hiding("covered_text")
def white_box_in_four_inks(c: Canvas) -> None:
    c.artifact(box(*_named_line(c), how="0 0 0 0 k"))


@hiding("covered_text")
def grey_box_filled_and_outlined(c: Canvas) -> None:
    x, y, w, h = _named_line(c)
    c.artifact(f"q .6 g 0 G {x} {y} {w} {h} re B Q")


@hiding("covered_text")
def box_drawn_as_four_lines(c: Canvas) -> None:
    x, y, w, h = _named_line(c)
    c.artifact(f"q 0 g {x} {y} m {x + w} {y} l {x + w} {y + h} l {x} {y + h} l h f* Q")


@hiding("covered_text")
def box_drawn_by_a_matrix(c: Canvas) -> None:
    x, y, w, h = _named_line(c)
    c.artifact(f"q {w} 0 0 {-h} {x} {y + h} cm 0 g 0 0 1 1 re f Q")


@hiding("covered_text")
def thick_black_line_over_a_name(c: Canvas) -> None:
    """The marker pen of a drawing program."""
    x, y, w, h = _named_line(c)
    c.artifact(f"q 0 G {h} w {x} {y + h / 2} m {x + w} {y + h / 2} l S Q")


@hiding("covered_text")
def picture_over_a_name(c: Canvas) -> None:
    x, y, w, h = _named_line(c)
    photo = c.picture(pictures.flat("#335577"), (16, 16))
    c.artifact(f"q {w} 0 0 {h} {x} {y} cm {photo} Do Q")


@hiding("covered_text")
def stencil_over_a_name(c: Canvas) -> None:
    """One black dot, as large as the name: what some programs make of a box."""
    x, y, w, h = _named_line(c)
    dot = "BI /W 1 /H 1 /IM true /BPC 1 ID \x7f EI"
    c.artifact(f"q 0 g {w} 0 0 {h} {x} {y} cm {dot} Q")


@hiding("covered_text")
def box_in_a_form_over_a_name(c: Canvas) -> None:
    c.artifact(f"q {c.form(box(*_named_line(c)))} Do Q")


@hiding("covered_text")
def moved_form_over_a_name(c: Canvas) -> None:
    x, y, w, h = _named_line(c)
    c.artifact(
        f"q 1 0 0 1 {x} {y} cm {c.form(box(0, 0, w / 2, h), Matrix=Array([2, 0, 0, 1, 0, 0]))} Do Q"
    )


@hiding("covered_text")
def name_in_a_form_under_a_box(c: Canvas) -> None:
    c.tagged(f"q {c.form(line(SECRET, y=300))} Do Q")
    c.artifact(box(60, 290, 300, 30))


@hiding("covered_text")
def name_and_box_in_one_form(c: Canvas) -> None:
    c.tagged(f"q {c.form(line(SECRET, y=300) + box(60, 290, 300, 30))} Do Q")


@hiding("covered_text")
def two_layers_of_boxes(c: Canvas) -> None:
    x, y, w, h = _named_line(c)
    c.artifact(box(x, y, w, h, "1 g") + box(x - 2, y - 2, w + 4, h + 4, ".2 g"))


@hiding("covered_text")
def name_under_two_boxes_side_by_side(c: Canvas) -> None:
    """No one box covers the name; the two together do."""
    x, y, w, h = _named_line(c)
    c.artifact(box(x, y, w / 2, h) + box(x + w / 2 - 0.5, y, w / 2 + 0.5, h))


@hiding("covered_text")
def box_on_a_page_that_is_turned(c: Canvas) -> None:
    c.artifact(box(*_named_line(c)))
    c.page.Rotate = 90


@hiding("covered_text")
def box_on_a_landscape_page(c: Canvas) -> None:
    """Turned by 90 degrees, and written to be read that way."""
    c.tagged(f"q 0 1 -1 0 400 200 cm {line(SECRET, 0, 0)} Q")
    c.artifact(f"q 0 1 -1 0 400 200 cm {box(-2, -4, 250, 16)} Q")
    c.page.Rotate = 90


@hiding("covered_text")
def box_on_a_page_with_a_shifted_origin(c: Canvas) -> None:
    c.artifact(box(*_named_line(c)))
    shift(c, 1000, -500)
    c.page.MediaBox = Array([1000, -500, 1000 + WIDTH, HEIGHT - 500])


@hiding("covered_text")
def box_on_a_page_with_a_crop(c: Canvas) -> None:
    """The shop that printed it left marks outside the page."""
    c.artifact(box(*_named_line(c)))
    shift(c, 30, 40)
    c.page.MediaBox = Array([0, 0, WIDTH + 60, HEIGHT + 80])
    c.page.CropBox = Array([30, 40, WIDTH + 30, HEIGHT + 40])


# --- text that is drawn with nothing ---


@hiding("invisible_text")
def text_without_ink(c: Canvas) -> None:
    c.say(SECRET, how="3 Tr")


@hiding("invisible_text")
def words_without_ink_in_a_line(c: Canvas) -> None:
    start = f"BT /Say 12 Tf 72 300 Td {glyphs('The boy, ')} Tj"
    c.tagged(f"q {start} 3 Tr {glyphs(SECRET)} Tj 0 Tr {glyphs(', was seen.')} Tj ET Q")


@hiding("invisible_text")
def text_without_ink_in_a_form(c: Canvas) -> None:
    c.tagged(f"q {c.form(line(SECRET, how='3 Tr'))} Do Q")


@hiding("invisible_text")
def text_that_only_clips(c: Canvas) -> None:
    c.say(SECRET, how="7 Tr")


def _see_through(c: Canvas) -> str:
    return c.resource("ExtGState", "Clear", Dictionary(Type=Name.ExtGState, ca=0, CA=0))


@hiding("invisible_text")
def text_that_is_transparent(c: Canvas) -> None:
    c.say(SECRET, how=f"{_see_through(c)} gs 0 g")


@hiding("invisible_text")
def text_in_a_transparent_form(c: Canvas) -> None:
    form = c.form(line(SECRET), Group=Dictionary(S=Name.Transparency))
    c.tagged(f"q {_see_through(c)} gs {form} Do Q")


@hiding("invisible_text")
def text_clipped_away(c: Canvas) -> None:
    """A picture frame with the words outside it."""
    c.say(SECRET, how="300 600 100 50 re W n 0 g")


# --- text in the colour of what is behind it ---


@hiding("pale_text")
def white_on_white(c: Canvas) -> None:
    c.say(SECRET, how="1 g")


@hiding("pale_text")
def white_words_in_a_black_line(c: Canvas) -> None:
    start = f"BT /Say 12 Tf 72 300 Td {glyphs('The boy, ')} Tj"
    c.tagged(f"q {start} 1 1 1 rg {glyphs(SECRET)} Tj 0 g {glyphs(', was seen.')} Tj ET Q")


@hiding("pale_text")
def nearly_white_on_white(c: Canvas) -> None:
    c.say(SECRET, how="0.98 0.98 0.97 rg")


@hiding("pale_text")
def white_in_four_inks_on_white(c: Canvas) -> None:
    c.say(SECRET, how="0 0 0 0 k")


@hiding("pale_text")
def green_on_a_green_panel(c: Canvas) -> None:
    c.artifact(box(60, 280, 300, 60, "0.2 0.5 0.3 rg"))
    c.say(SECRET, how="0.2 0.5 0.3 rg")


@hiding("pale_text")
def black_on_black_highlighting(c: Canvas) -> None:
    """Black highlighting in Word: the bar is drawn first, the name in black on top of it."""
    c.artifact(box(80, 296, 260, 16))
    c.say(SECRET, x=84)


# --- text too small to see ---


@hiding("tiny_text")
def half_a_point(c: Canvas) -> None:
    c.say(SECRET, size=0.5)


@hiding("tiny_text")
def one_point(c: Canvas) -> None:
    c.say(SECRET, size=1)


@hiding("tiny_text")
def large_font_made_small_by_the_page(c: Canvas) -> None:
    c.say(SECRET, 0, 0, size=24, how="0.03 0 0 0.03 72 300 cm 0 g")


@hiding("tiny_text")
def large_font_made_small_by_the_text(c: Canvas) -> None:
    c.tagged(f"q 0 g BT /Say 40 Tf 0.02 0 0 0.02 72 300 Tm {glyphs(SECRET)} Tj ET Q")


@hiding("tiny_text")
def font_of_one_made_small(c: Canvas) -> None:
    """Many programs set the font to 1 and the size by the matrix."""
    c.tagged(f"q 0 g BT /Say 1 Tf 0.8 0 0 0.8 72 300 Tm {glyphs(SECRET)} Tj ET Q")


# --- text off the page ---


@hiding("off_page_text")
def text_left_of_the_page(c: Canvas) -> None:
    c.say(SECRET, x=-400)


@hiding("off_page_text")
def text_right_of_the_page(c: Canvas) -> None:
    c.say(SECRET, x=700)


@hiding("off_page_text")
def text_below_the_page(c: Canvas) -> None:
    c.say(SECRET, y=-60)


@hiding("off_page_text")
def text_above_the_page(c: Canvas) -> None:
    c.say(SECRET, y=900)


@hiding("off_page_text")
def text_cropped_away(c: Canvas) -> None:
    """Cropped in a viewer: the margin with the name is only out of sight."""
    c.say(SECRET, y=30)
    c.page.CropBox = Array([0, 60, WIDTH, HEIGHT])


@hiding("off_page_text")
def text_cropped_away_on_a_page_that_is_turned(c: Canvas) -> None:
    c.say(SECRET, y=30)
    c.page.CropBox = Array([0, 60, WIDTH, HEIGHT])
    c.page.Rotate = 270


# --- layers that are switched off ---


def layer(c: Canvas, **settings: Any) -> Any:
    """Add a layer; `settings` may use it by its name in capitals, as in OFF=["LAYER"]."""
    made = c.pdf.make_indirect(Dictionary(Type=Name.OCG, Name="Names of the family"))
    lists = {key: Array([made]) if value == ["LAYER"] else value for key, value in settings.items()}
    order = Dictionary(Order=Array([made]), **lists)
    c.pdf.Root.OCProperties = Dictionary(OCGs=Array([made]), D=order)
    return made


def in_layer(c: Canvas, what: Any, content: str) -> None:
    name = c.resource("Properties", "Layer", what)
    c.tagged(f"/OC {name} BDC\n{content}\nEMC")


@hiding("hidden_layer")
def layer_switched_off(c: Canvas) -> None:
    in_layer(c, layer(c, OFF=["LAYER"]), line(SECRET))


@hiding("hidden_layer")
def form_in_a_layer_switched_off(c: Canvas) -> None:
    c.tagged(f"q {c.form(line(SECRET), OC=layer(c, OFF=['LAYER']))} Do Q")


@hiding("hidden_layer")
def all_layers_off_unless_switched_on(c: Canvas) -> None:
    in_layer(c, layer(c, BaseState=Name.OFF), line(SECRET))


@hiding("hidden_layer")
def membership_of_a_layer_switched_off(c: Canvas) -> None:
    group = layer(c, OFF=["LAYER"])
    member = Dictionary(Type=Name.OCMD, OCGs=Array([group]), P=Name.AllOn)
    in_layer(c, c.pdf.make_indirect(member), line(SECRET))
