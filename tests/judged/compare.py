"""Ask the judged questions of the full-text searches that databases bring along.

``python -m tests.judged.compare postgresql://postgres@127.0.0.1/postgres`` prints a table; it
writes to temporary tables only. Ours are the figures of test_judged_searches.py.
"""

import sqlite3
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any, NamedTuple

import psycopg

from tests.judged.questions import Answer, Figures, figures, read_questions, read_records

# Records that are found and ranked among each other.
LISTS = (("review", "report", "learning"), ("course",), ("venue",))
TYPES = {
    "lcspr": "Local child safeguarding practice review",
    "scr": "Serious case review",
    "partnership_review": "Partnership review",
    "annual_report": "Annual report",
    "thematic_report": "Thematic report",
    "briefing_paper": "Briefing paper",
    "learning": "7-minute learning",
}
Find = Callable[[str, int], list[str]]
"""Returns the keys of a list that a query matches, the best first."""


class Record(NamedTuple):
    key: str
    of: int
    """The number of its list."""
    names: str
    text: str


def records() -> Iterator[Record]:
    library = read_records()
    for number, kinds in enumerate(LISTS):
        for kind in kinds:
            for key, fields in library[kind].items():
                yield Record(key, number, *_texts(kind, fields))


def _texts(kind: str, fields: dict[str, Any]) -> tuple[str, str]:
    names = [fields.pop(name, "") for name in ("title", "name", "pseudonym", "child_reference")]
    by_default = {"review": "lcspr", "learning": "learning"}.get(kind, "")
    type_ = TYPES.get(fields.pop("type", by_default), "")
    several = [*fields.pop("pages", ()), *fields.pop("themes", ())]
    others = [text for name, text in fields.items() if name not in ("year", "review")]
    return " ".join(filter(None, names)), "\n".join([type_, *others, *several])


def fts5(tokenizer: str) -> tuple[Find, Callable[[], int]]:
    """Return how a bare table of FTS5 finds, and how many queries it called wrong so far."""
    database = sqlite3.connect(":memory:")
    database.execute(
        "CREATE VIRTUAL TABLE records USING fts5"
        f"(key UNINDEXED, of UNINDEXED, names, text, tokenize = '{tokenizer}')"
    )
    database.executemany("INSERT INTO records VALUES (?, ?, ?, ?)", records())
    wrong = 0

    def find(typed: str, of: int) -> list[str]:
        nonlocal wrong
        asked = "SELECT key FROM records WHERE records MATCH ? AND of = ? ORDER BY rank"
        try:
            return [key for (key,) in database.execute(asked, [typed, of])]
        except sqlite3.OperationalError:
            wrong += not of
            return []

    return find, lambda: wrong


def websearch(database: Any) -> Find:
    """Return how PostgreSQL finds: English, names above texts, ranked by ts_rank."""
    database.execute("CREATE TEMPORARY TABLE records (key text, of int, words tsvector)")
    vector = " || ".join(
        f"setweight(to_tsvector('english', %s), '{weight}')" for weight in ("A", "D")
    )
    for key, of, names, text in records():
        database.execute(f"INSERT INTO records SELECT %s, %s, {vector}", [key, of, names, text])

    def find(typed: str, of: int) -> list[str]:
        asked = (
            "SELECT key FROM records, websearch_to_tsquery('english', %s) AS query "
            "WHERE words @@ query AND of = %s ORDER BY ts_rank(words, query) DESC, key"
        )
        return [key for (key,) in database.execute(asked, [typed, of])]

    return find


def figures_of(find: Find, is_common: Callable[[str], bool]) -> Figures:
    answers = {}
    for question in read_questions():
        typed = question.typed.strip()
        lists = [find(typed, number) for number in range(len(LISTS))] if typed else []
        whole = not typed
        answers[question] = Answer(lists, is_common=not whole and is_common(typed), is_whole=whole)
    return figures(answers)


def rows(address: str) -> Iterator[Iterable[object]]:
    for tokenizer in ("unicode61", "porter unicode61"):
        find, wrong = fts5(tokenizer)
        yield f"FTS5, {tokenizer}", *figures_of(find, lambda _: False), wrong()
    with closing(psycopg.connect(address)) as database:

        def is_common(typed: str) -> bool:
            asked = "SELECT numnode(websearch_to_tsquery('english', %s)) = 0"
            return bool(database.execute(asked, [typed]).fetchone()[0])

        yield "websearch_to_tsquery", *figures_of(websearch(database), is_common), 0


if __name__ == "__main__":
    print(
        "| engine |", " | ".join(name.replace("_", " ") for name in Figures._fields), "| errors |"
    )
    print("|---|" + "--:|" * (len(Figures._fields) + 1))
    for row in rows(sys.argv[1]):
        print("|", " | ".join(map(str, row)), "|")
