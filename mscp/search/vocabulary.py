"""Vocabulary of the search: stop words, irregular forms, spellings and abbreviations."""

# Stop words: too common to distinguish records; left out of the index and of queries.
STOP_WORDS = frozenset(
    """
    a about also am an and any are as at be because been but by can could did do does for
    from had has have he her his how i if in into is it its may no nor not of on or our she
    should so such than that the their them then there these they this those to up was we
    were what when where which who will with would you your
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
