"""Input formats of dates and times in Britain; a form displays the first of each."""

DATE_INPUT_FORMATS = [
    "%d/%m/%Y",
    "%d/%m/%y",
    "%d-%m-%Y",
    "%d.%m.%Y",
    "%Y-%m-%d",
    "%d %B %Y",
    "%d %b %Y",
]
TIME_INPUT_FORMATS = [
    "%H:%M",
    "%H:%M:%S",
    "%H.%M",
    "%I:%M%p",
    "%I.%M%p",
    "%I%p",
    "%I:%M %p",
    "%I %p",
]
