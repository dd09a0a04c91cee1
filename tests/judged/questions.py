"""The judged set: questions with their right answers, and the figures of an engine."""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from statistics import mean
from typing import Any, NamedTuple

FOLDER = Path(__file__).parent
# The figures look at no more of a list than a reader sees at once.
SEEN = 5


class Question(NamedTuple):
    """What somebody types, and what a good answer holds (questions.toml says each field)."""

    typed: str
    first: tuple[str, ...] = ()
    five: tuple[str, ...] = ()
    absent: tuple[str, ...] = ()
    offer: bool = False
    nothing: bool = False
    common: bool = False
    whole: bool = False

    @property
    def is_ranked(self) -> bool:
        return bool(self.first or self.five)


@dataclass
class Answer:
    """The keys that an engine found, in its order: a list for each kind of record."""

    lists: Sequence[Sequence[str]] = ()
    offered: "Answer | None" = None
    """What its first offer finds, if it found nothing itself."""
    is_common: bool = False
    """Whether it says that there is no word to look for."""
    is_whole: bool = False
    queries: int = field(default=0, compare=False)

    @property
    def found(self) -> set[str]:
        return set(chain(*self.lists))

    def rank(self, key: str) -> int:
        """Return the position of a record in its own list, from 1; 0 if it is not found."""
        return next((one.index(key) + 1 for one in self.lists if key in one), 0)


class Figures(NamedTuple):
    """How well an engine does: shares, and numbers of questions."""

    first: float
    """Of the questions with a first answer, those that have it first."""
    recall: float
    """Of what belongs into the first five, the share that stands there: the mean."""
    reciprocal_rank: float
    """One over the rank of the first answer: the mean."""
    with_absent: int
    """Questions that find what must be absent."""
    wrong: int
    """Questions of nothing, of common words and of no words that are answered otherwise."""


def read_records() -> dict[str, dict[str, Any]]:
    """Return the records of the library by kind and key."""
    return tomllib.loads((FOLDER / "library.toml").read_text("utf-8"))


def read_questions() -> list[Question]:
    kinds = tomllib.loads((FOLDER / "questions.toml").read_text("utf-8"))
    return [_question(typed, **one) for kind in kinds.values() for typed, one in kind.items()]


def read_known_misses() -> dict[str, str]:
    """Return the questions that are known to be answered wrongly, each with the cause."""
    causes = tomllib.loads((FOLDER / "misses.toml").read_text("utf-8"))
    return {typed: cause for cause, some in causes.items() for typed in some}


def _question(typed: str, first: str | list[str] = "", **judged: Any) -> Question:
    firsts = [first] if isinstance(first, str) else first
    lists = {name: tuple(judged.pop(name, ())) for name in ("five", "absent")}
    return Question(typed, tuple(filter(None, firsts)), **lists, **judged)


def judged_answer(question: Question, answer: Answer) -> Answer:
    """Return the answer that is judged: of a question that needs an offer, what this finds."""
    if question.offer and not answer.found and answer.offered:
        return answer.offered
    return answer


def rank_of_first(question: Question, answer: Answer) -> int:
    ranks = filter(None, map(judged_answer(question, answer).rank, question.first))
    return min(ranks, default=0)


def recall_of(question: Question, answer: Answer) -> float:
    """Return the share of what belongs into the first five that stands there."""
    judged = judged_answer(question, answer)
    seen = [0 < judged.rank(key) <= SEEN for key in question.five]
    if question.first:
        # Of several first answers one is enough.
        seen.append(0 < rank_of_first(question, answer) <= SEEN)
    return mean(seen)


def faults(question: Question, answer: Answer) -> list[str]:
    """Say in words what is wrong with an answer; nothing if it is right."""
    said = []
    judged = judged_answer(question, answer)
    if question.first and (rank := rank_of_first(question, answer)) != 1:
        said.append(f"first is at {rank}" if rank else "first is not found")
    said += [
        f"{key} is not among the first {SEEN}"
        for key in question.five
        if not 0 < judged.rank(key) <= SEEN
    ]
    said += [f"{key} is found" for key in question.absent if key in answer.found]
    if question.offer and answer.found:
        said.append("something is found")
    return said + ([] if _is_answered(question, answer) else ["it is answered otherwise"])


def _is_answered(question: Question, answer: Answer) -> bool:
    """Return whether nothing, no word to look for and no question at all are answered as such."""
    if question.nothing:
        # That there is no word to look for is right too.
        return not answer.found
    if question.common != answer.is_common or question.whole != answer.is_whole:
        return False
    return not (question.common and answer.found)


def figures(answers: Mapping[Question, Answer]) -> Figures:
    with_first = [(q, a) for q, a in answers.items() if q.first]
    ranks = [rank_of_first(*one) for one in with_first]
    return Figures(
        first=round(mean(rank == 1 for rank in ranks), 3),
        recall=round(mean(recall_of(q, a) for q, a in answers.items() if q.is_ranked), 3),
        reciprocal_rank=round(mean(1 / rank if rank else 0 for rank in ranks), 3),
        with_absent=sum(not a.found.isdisjoint(q.absent) for q, a in answers.items()),
        wrong=sum(not (q.is_ranked or _is_answered(q, a)) for q, a in answers.items()),
    )
