"""Vocabulary of the search: stop words, irregular forms, spellings and abbreviations."""

# Stop words, the most frequent of English first: too common to distinguish records, so they count
# only within a phrase.
STOP_WORDS = tuple(
    """
    the of and to in a was that for is on with had be as her his not by he she have at this it
    are were from they which been their has or an but would when there did about who them can
    will what if do could no so into up such then than may should our these any its also how
    those because does where i we you your nor am
    """.split()
)

# Irregular verbs, each with its other forms. Without forms that are oftener another word or a name
# ("left", "saw", "found", "rose", "wound", "Drew"), or the form of another verb.
_VERBS = """
    arise arose arisen, beat beaten, become became, begin began begun, bite bitten, bleed bled,
    blow blew blown, break broke broken, bring brought, build built, buy bought, catch caught,
    choose chose chosen, come came, creep crept, deal dealt, draw drawn, drink drank,
    drive drove driven, eat ate eaten, fall fell fallen, feed fed, feel felt, fight fought,
    flee fled, fly flew flown, forbid forbade forbidden, forget forgot forgotten,
    forgive forgave forgiven, freeze froze frozen, give gave given, go went gone, grow grew grown,
    hang hung, hear heard, hide hid hidden, hold held, keep kept, know knew known, lead led,
    lend lent, lose lost, make made, meet met, mislead misled, mistake mistook mistaken,
    misunderstand misunderstood, overcome overcame, overhear overheard, overlay overlaid overlain,
    oversee oversaw overseen, oversleep overslept, pay paid, ride rode ridden, ring rang rung,
    run ran, say said, see seen, seek sought, sell sold, shake shook shaken, show shown,
    sing sang sung, sink sank sunk, sit sat, sleep slept, smell smelt, speak spoke spoken,
    spend spent, stand stood, steal stole stolen, strike struck, swear swore sworn, sweep swept,
    swell swollen, swim swam swum, take took taken, teach taught, tear tore torn, tell told,
    think thought, throw threw thrown, undergo underwent undergone, undertake undertook undertaken,
    understand understood, uphold upheld, wake woke woken, wear wore worn, weep wept,
    withdraw withdrew withdrawn, withhold withheld, write wrote written
"""

# Irregular forms, which no rule of endings reduces to one word.
IRREGULAR = {
    form: verb for verb, *forms in (verb.split() for verb in _VERBS.split(",")) for form in forms
} | {
    "children": "child",
    "childrens": "child",
    # Words whose stems differ from form to form.
    "analyses": "analysis",
    "breastfed": "breastfeeding",
    "breastfeed": "breastfeeding",
    "breastfeeds": "breastfeeding",
    "crises": "crisis",
    "diagnoses": "diagnosis",
    "diagnosed": "diagnosis",
    "diagnose": "diagnosis",
    "diagnosing": "diagnosis",
    "evidenced": "evidence",
    "evidencing": "evidence",
    "experienced": "experience",
    "experiencing": "experience",
    "knives": "knife",
    "thoughts": "think",
    "infancy": "infant",
    "men": "man",
    "mens": "man",
    "women": "woman",
    "womens": "woman",
    "people": "person",
    "peoples": "person",
    "feet": "foot",
    "teeth": "tooth",
    "wives": "wife",
    "learnt": "learn",
    "burnt": "burn",
    "mom": "mum",
    "moms": "mum",
}

# Beginnings of words with two spellings, mostly American and British; both are indexed as the
# second.
SPELLINGS = {
    "advisor": "adviser",
    "anemi": "anaemi",
    "behavior": "behaviour",
    "catalogue": "catalog",
    "center": "centr",
    "color": "colour",
    # Not "defensive" and "offensive".
    "defense": "defence",
    "dialogue": "dialog",
    "edema": "oedema",
    "enroll": "enrol",
    "favor": "favour",
    "fetal": "foetal",
    "fetus": "foetus",
    "fulfill": "fulfil",
    "gynecolog": "gynaecolog",
    "harbor": "harbour",
    "hematom": "haematom",
    "hemorrhag": "haemorrhag",
    "honor": "honour",
    "judgement": "judgment",
    "labor": "labour",
    "licens": "licenc",
    "neighbor": "neighbour",
    "offense": "offence",
    "orthoped": "orthopaed",
    "pediatr": "paediatr",
    "practis": "practic",
    "programm": "program",
    "rumor": "rumour",
    "skeptic": "sceptic",
    "tumor": "tumour",
}

# Prefixes written with a hyphen, with a space or as one word.
JOINED_ON = frozenset("anti co inter mid multi non post pre pro re self semi sub".split())

# Abbreviations, in capitals in a text or lower case in a query, and their long forms. None that
# has two meanings in this field (ASC: autism, adult social care; ICS: a care system, a system of
# records), and none that is oftener a word ("pace", "icon", "salt").
ABBREVIATIONS = {
    # A&E (mscp.search.variants).
    "aande": "accident and emergency",
    "abe": "achieving best evidence",
    "ace": "adverse childhood experience",
    "adhd": "attention deficit hyperactivity disorder",
    "aht": "abusive head trauma",
    "amhp": "approved mental health professional",
    "asd": "autism spectrum disorder",
    "bame": "black, asian and minority ethnic",
    "caf": "common assessment framework",
    "cafcass": "children and family court advisory and support service",
    "camhs": "child and adolescent mental health services",
    "caphb": "child and adolescent to parent harmful behaviour",
    "cce": "child criminal exploitation",
    "cdop": "child death overview panel",
    "cdr": "child death review",
    "cin": "child in need",
    "cla": "child looked after",
    "cme": "child missing education",
    "cmht": "community mental health team",
    "cpp": "child protection plan",
    "cps": "crown prosecution service",
    "cpv": "child to parent violence",
    "csa": "child sexual abuse",
    "csc": "children's social care",
    "cse": "child sexual exploitation",
    "cspr": "child safeguarding practice review",
    "cyp": "children and young people",
    "da": "domestic abuse",
    "dapo": "domestic abuse protection order",
    "dash": "domestic abuse, stalking and honour based violence",
    "dbs": "disclosure and barring service",
    "dhr": "domestic homicide review",
    "dsl": "designated safeguarding lead",
    "dv": "domestic violence",
    "dva": "domestic violence and abuse",
    "dvpn": "domestic violence protection notice",
    "dvpo": "domestic violence protection order",
    "edt": "emergency duty team",
    "ehcp": "education, health and care plan",
    "ehe": "elective home education",
    "epo": "emergency protection order",
    "fgc": "family group conference",
    "fgm": "female genital mutilation",
    "fii": "fabricated or induced illness",
    "fmpo": "forced marriage protection order",
    "fnp": "family nurse partnership",
    "gcp": "graded care profile",
    "gdpr": "general data protection regulation",
    "gp": "general practitioner",
    "hba": "honour based abuse",
    "hbv": "honour based violence",
    "hsb": "harmful sexual behaviour",
    "hv": "health visitor",
    "icb": "integrated care board",
    "icpc": "initial child protection conference",
    "idva": "independent domestic violence adviser",
    "iopc": "independent office for police conduct",
    "ipv": "intimate partner violence",
    "iro": "independent reviewing officer",
    "isva": "independent sexual violence adviser",
    "jsna": "joint strategic needs assessment",
    "jtai": "joint targeted area inspection",
    "kcsie": "keeping children safe in education",
    "lac": "looked after child",
    "lado": "local authority designated officer",
    "lcspr": "local child safeguarding practice review",
    "lgbt": "lesbian, gay, bisexual and transgender",
    "lscb": "local safeguarding children board",
    "lscp": "local safeguarding children partnership",
    "lscpr": "local child safeguarding practice review",
    "mace": "multi agency child exploitation",
    "mappa": "multi agency public protection arrangements",
    "marac": "multi agency risk assessment conference",
    "mash": "multi agency safeguarding hub",
    "mca": "mental capacity act",
    "mdt": "multi disciplinary team",
    "nai": "non accidental injury",
    "ncmd": "national child mortality database",
    "neet": "not in education, employment or training",
    "nhs": "national health service",
    "nrm": "national referral mechanism",
    "nspcc": "national society for the prevention of cruelty to children",
    "ocg": "organised crime group",
    "plo": "public law outline",
    "pru": "pupil referral unit",
    "ptsd": "post traumatic stress disorder",
    "rcpc": "review child protection conference",
    "rhi": "return home interview",
    "rspca": "royal society for the prevention of cruelty to animals",
    "sab": "safeguarding adults board",
    "sar": "safeguarding adult review",
    "sarc": "sexual assault referral centre",
    "scr": "serious case review",
    "senco": "special educational needs coordinator",
    "send": "special educational needs and disabilities",
    "sgo": "special guardianship order",
    "sids": "sudden infant death syndrome",
    "sudc": "sudden unexpected death in childhood",
    "sudi": "sudden unexpected death in infancy",
    "tac": "team around the child",
    "taf": "team around the family",
    "uasc": "unaccompanied asylum seeking child",
    "vawg": "violence against women and girls",
    "vcse": "voluntary, community and social enterprise",
    "vru": "violence reduction unit",
    "yjs": "youth justice service",
    "yot": "youth offending team",
}

# What is written for an abbreviation too.
OTHER_LONG_FORMS = {
    "asd": ("autistic spectrum disorder",),
    "caphb": ("child adolescent to parent harmful behaviour",),
    "cme": ("child missing from education",),
    "dash": ("domestic abuse, stalking, harassment and honour based violence",),
    "fii": ("fabricated and induced illness",),
    "idva": ("independent domestic violence advocate",),
    "isva": ("independent sexual violence advocate",),
    "lscpr": ("local safeguarding children practice review",),
    "send": (
        "special educational needs and disability",
        "special educational needs or disabilities",
    ),
    "uasc": (
        "unaccompanied asylum seeking boy",
        "unaccompanied asylum seeking girl",
        "unaccompanied asylum seeking young people",
        "unaccompanied asylum seeking minor",
    ),
}

# What only looks like the plural of an abbreviation: a surname.
_NO_PLURALS = frozenset({"das"})


def singular(word: str) -> str:
    """Return an abbreviation without the s of its plural; any other word as it is."""
    is_plural = word.endswith("s") and word[:-1] in ABBREVIATIONS and word not in _NO_PLURALS
    return word[:-1] if is_plural else word
