"""Contrast: whether something drawn can be told by eye from what lies behind it.

The measure is the contrast ratio of WCAG 2.2: (a + 0.05) / (b + 0.05) for the relative luminances
of the lighter and the darker of two colours, 1 for equal ones and 21 for black and white.
"""

from math import log

from PIL import Image, ImageChops, ImageFilter

Colour = tuple[int, int, int]

# Below this ratio nobody reads anything: #E9E9E9 on white, #1A1A1A on black (which is also what a
# black box of 90 % leaves of the paper). WCAG asks for 4.5; a pale watermark has 1.4.
LEAST_RATIO = 1.22
# Of 255: colours that differ by so much in red, green or blue are told apart by their hue, such as
# yellow on white (1.07).
HUE = 96
# Of 255: differences of colour up to this are roundings, and nothing was painted.
PAINTED = 6

# Levels in a picture of what was painted.
IS_PAINTED, IS_SEEN = 1, 255

_BY_COLOUR = [0 if d <= PAINTED else IS_PAINTED if d < HUE else IS_SEEN for d in range(256)]


def _luminance(value: int) -> float:
    """Return the relative luminance of a grey of sRGB, from 0 to 1."""
    share = value / 255
    return share / 12.92 if share <= 0.04045 else float(((share + 0.055) / 1.055) ** 2.4)


# Greys on a scale on which equal steps are equal ratios, from 0 for black to 255 for white.
_STEPS = [round(255 * log(_luminance(v) / 0.05 + 1) / log(21)) for v in range(256)]
_LEAST_STEPS = 255 * log(LEAST_RATIO) / log(21)
_BY_RATIO = [IS_SEEN if d > _LEAST_STEPS else 0 for d in range(256)]


def painted(one: Image.Image, other: Image.Image) -> Image.Image:
    """Return where two pictures differ: 0, IS_PAINTED or, where it can be told by eye, IS_SEEN."""
    result = Image.new("L", one.size)
    difference = ImageChops.difference(one, other)
    box = difference.getbbox()
    if not box:
        return result
    red, green, blue = difference.crop(box).split()
    by_colour = ImageChops.lighter(ImageChops.lighter(red, green), blue).point(_BY_COLOUR)
    steps = [picture.crop(box).convert("L").point(_STEPS) for picture in (one, other)]
    by_ratio = ImageChops.difference(*steps).point(_BY_RATIO)
    result.paste(ImageChops.lighter(by_colour, by_ratio), box)
    return result


def seen_edges(picture: Image.Image) -> Image.Image:
    """Return where neighbouring pixels can be told apart by eye: 0 or IS_SEEN."""
    steps = picture.convert("L").point(_STEPS)
    lightest = steps.filter(ImageFilter.MaxFilter(3))
    return ImageChops.subtract(lightest, steps.filter(ImageFilter.MinFilter(3))).point(_BY_RATIO)


def is_seen(colour: Colour, behind: Colour) -> bool:
    """Return whether one colour can be told by eye from another that lies behind it."""
    one, other = (Image.new("RGB", (1, 1), value) for value in (colour, behind))
    return painted(one, other).getpixel((0, 0)) == IS_SEEN
