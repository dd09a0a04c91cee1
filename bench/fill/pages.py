"""The text of every page of every document: made up, with words as frequent as in English."""

from collections.abc import Iterator
from itertools import accumulate
from random import Random
from typing import Any
from uuid import UUID

from bench.fill.bulk import BATCH, seeded
from bench.fill.names import EVERYWHERE_WORD, MIDDLING_WORD, RARE_WORD
from mscp.search.vocabulary import STOP_WORDS
from reviews.models import Document, DocumentFile, DocumentKind, DocumentPage

ROOTS = 6_000
ENDINGS = ["", "s", "ed", "ing", "ation"]
SENTENCES = 20_000
SENTENCES_OF_A_PAGE = 17
WORDS_OF_A_SENTENCE = (8, 32)
# Of so many pages one holds the middling word; of so many publications one the rare.
ONE_MIDDLING_IN = 40
ONE_RARE_IN = 800

# The most frequent words of English are those no search counts; then come those of the field.
FREQUENT = [
    *sorted(STOP_WORDS),
    *"""
        family review agencies safeguarding children social mother report practice
        information care school health risk concerns assessment support professionals
        police abuse meeting services plan protection worker home young time baby father
        history multi-agency
        """.split(),
]
SYLLABLES = """
    ba be bi bo bu ca ce co cu da de di do du fa fe fi fo ga ge go ha he ho ja jo ka ke la
    le li lo lu ma me mi mo mu na ne ni no nu pa pe pi po ra re ri ro ru sa se si so su ta
    te ti to tu va ve vi vo wa we wi za zo stra tion ment ing ness ough ard ent ish
    """.split()


def make_pages(publications: list[Any], pages: int) -> None:
    """Give each publication a document of so many pages, whose file is not on the disk."""
    random = seeded("pages")
    sentences = list(_sentences(random))
    files = [
        _file(publication, number, pages, random) for number, publication in enumerate(publications)
    ]
    DocumentFile.objects.bulk_create(files, batch_size=BATCH)
    for start in range(0, len(files), 50):
        some = [
            (file, [_text(sentences, number, page, random) for page in range(1, pages + 1)])
            for number, file in enumerate(files[start : start + 50], start)
        ]
        DocumentPage.objects.bulk_create(
            DocumentPage(file=file, number=number, text=text)
            for file, texts in some
            for number, text in enumerate(texts, 1)
        )
    documents = [_document(p, file, random) for p, file in zip(publications, files, strict=True)]
    Document.objects.bulk_create(documents, batch_size=BATCH)
    for file, document in zip(files, documents, strict=True):
        file.document = document
    DocumentFile.objects.bulk_update(files, ["document"], batch_size=BATCH)


def _sentences(random: Random) -> Iterator[str]:
    roots = ["".join(random.choices(SYLLABLES, k=random.randint(2, 3))) for _ in range(ROOTS)]
    forms = [root + ending for root in roots for ending in ENDINGS]
    random.shuffle(forms)
    words = [*FREQUENT, *forms]
    # Zipf: the nth word of a language is about as frequent as 1/n.
    weights = list(accumulate(1 / (rank + 2) for rank in range(len(words))))
    for _ in range(SENTENCES):
        length = random.randint(*WORDS_OF_A_SENTENCE)
        yield " ".join(random.choices(words, cum_weights=weights, k=length)).capitalize() + "."


def _text(sentences: list[str], file_number: int, page: int, random: Random) -> str:
    some = random.choices(sentences, k=SENTENCES_OF_A_PAGE)
    some.insert(3, f"What the {EVERYWHERE_WORD} said is told here.")
    if random.randrange(ONE_MIDDLING_IN) == 0:
        some.insert(7, f"There was {MIDDLING_WORD} that nobody explained.")
    if file_number % ONE_RARE_IN == 0 and page == 2:
        some.insert(9, f"A {RARE_WORD} was seen.")
    return "\n".join(some)


def _file(publication: Any, number: int, pages: int, random: Random) -> DocumentFile:
    return DocumentFile(
        uid=UUID(int=random.getrandbits(128), version=4),
        content=f"documents/bench-{number}.pdf",
        original_name=f"{publication.slug}.pdf",
        size=200_000,
        sha256=f"{number:064x}",
        pages=pages,
        is_tagged=True,
        has_text=True,
    )


def _document(publication: Any, file: DocumentFile, random: Random) -> Document:
    document = Document(
        uid=UUID(int=random.getrandbits(128), version=4),
        publication_id=publication.pk,
        kind=DocumentKind.REPORT,
        title=f"{publication.title}: whole report",
        file=file,
        position=3,
        version=1,
    )
    document.set_words()
    return document
