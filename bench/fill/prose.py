"""Sentences of the length and the words of a summary, about nobody."""

from random import Random

from bench.fill.names import COMMON_WORD

WHO = [
    "The review",
    "This sample case",
    "The panel",
    "A group of practitioners",
    "The lead reviewer",
    "Each agency",
]
DID = [
    "looked at how information was shared between",
    "found that decisions were not always recorded by",
    "describes how the voice of the child was heard by",
    "asks what would have helped",
    "sets out what changed in the work of",
    "compares the plans that were made by",
]
WHOM = [
    f"the {COMMON_WORD}, the school and the health visitor",
    "the hospital and the social worker",
    f"everybody who knew the {COMMON_WORD}",
    "the police, the housing officer and the nursery",
    "the professionals around an invented household",
    "two boroughs and their out-of-hours teams",
]
WHEN = [
    "in the months before the incident",
    "over a period of two years",
    "after the first referral had been closed",
    "when the household moved to another area",
    "during a time of many changes of staff",
    "at each of the four meetings that were held",
]


def sentence(random: Random) -> str:
    return " ".join(random.choice(part) for part in (WHO, DID, WHOM, WHEN)) + "."


def sentences(random: Random, fewest: int, most: int) -> str:
    return " ".join(sentence(random) for _ in range(random.randint(fewest, most)))
