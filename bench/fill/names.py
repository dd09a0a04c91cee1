"""Names of the records; shared by those who make them and those who request them."""

COMMON_WORD = "family"
RARE_WORD = "kestrel"
MIDDLING_WORD = "bruising"
EVERYWHERE_WORD = "child"

THEMES = [
    "Neglect",
    "Domestic abuse",
    "Child sexual abuse",
    "Child exploitation",
    "Harm outside the home",
    "Vulnerable babies",
    "Bruising in infants",
    "Sudden unexpected death in infancy",
    "Disability and complex health needs",
    "Neurodivergence",
    "Residential settings",
    "Elective home education",
    "Child to parent harm",
    "Parental conflict",
    "Substance misuse",
    "Fathers and male carers",
    "Race, ethnicity and culture",
    "Young carers",
    "Early help and thresholds",
    "Multi-agency working",
    "Allegations against staff",
    "Trauma-informed practice",
    "Relationship-based practice",
    "Home and fire safety",
    "Health and early years",
]
AUDIENCES = [
    "Social workers",
    "Teachers and school staff",
    "Health visitors and midwives",
    "Police officers",
    "Foster carers",
    "Volunteers",
]


def review_title(number: int) -> str:
    return f"Sample review {number} (fictional)"


def report_title(number: int) -> str:
    return f"Sample report {number} (fictional)"


def learning_title(number: int) -> str:
    return f"Sample learning {number} (fictional)"


def course_title(number: int) -> str:
    return f"Sample course {number} (fictional)"


def venue_name(number: int) -> str:
    return f"Sample hall {number} (fictional)"
