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

# Irregular forms, which no rule of endings reduces to one word.
IRREGULAR = {
    "children": "child",
    "childrens": "child",
    "infancy": "infant",
    "men": "man",
    "women": "woman",
    "people": "person",
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
    "anemi": "anaemi",
    "behavior": "behaviour",
    "catalogue": "catalog",
    "center": "centr",
    "color": "colour",
    "defens": "defenc",
    "dialogue": "dialog",
    "edema": "oedema",
    "enroll": "enrol",
    "favor": "favour",
    "fetal": "foetal",
    "fetus": "foetus",
    "fulfill": "fulfil",
    "gray": "grey",
    "gynecolog": "gynaecolog",
    "harbor": "harbour",
    "hematom": "haematom",
    "hemorrhag": "haemorrhag",
    "honor": "honour",
    "judgement": "judgment",
    "labor": "labour",
    "licens": "licenc",
    "neighbor": "neighbour",
    "offens": "offenc",
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

# Abbreviations, in capitals in a text or lower case in a query, and their long forms.
ABBREVIATIONS = {
    # A&E (mscp.search.variants).
    "aande": "accident and emergency",
    "adhd": "attention deficit hyperactivity disorder",
    "asd": "autism spectrum disorder",
    "camhs": "child and adolescent mental health services",
    "cce": "child criminal exploitation",
    "cdop": "child death overview panel",
    "cin": "child in need",
    "cpv": "child to parent violence",
    "csa": "child sexual abuse",
    "cse": "child sexual exploitation",
    "cspr": "child safeguarding practice review",
    "da": "domestic abuse",
    "dhr": "domestic homicide review",
    "dv": "domestic violence",
    "ehcp": "education, health and care plan",
    "ehe": "elective home education",
    "fgm": "female genital mutilation",
    "fii": "fabricated or induced illness",
    "gp": "general practitioner",
    "hv": "health visitor",
    "icpc": "initial child protection conference",
    "lac": "looked after child",
    "lado": "local authority designated officer",
    "lcspr": "local child safeguarding practice review",
    "lscb": "local safeguarding children board",
    "lscp": "local safeguarding children partnership",
    "mace": "multi agency child exploitation",
    "mappa": "multi agency public protection arrangements",
    "marac": "multi agency risk assessment conference",
    "mash": "multi agency safeguarding hub",
    "nai": "non accidental injury",
    "nrm": "national referral mechanism",
    "sar": "safeguarding adult review",
    "scr": "serious case review",
    "send": "special educational needs and disabilities",
    "sids": "sudden infant death syndrome",
    "sudc": "sudden unexpected death in childhood",
    "sudi": "sudden unexpected death in infancy",
    "uasc": "unaccompanied asylum seeking child",
    "vawg": "violence against women and girls",
}
