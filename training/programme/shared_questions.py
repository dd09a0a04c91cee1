"""Shared questions of a preview: what several lines ask is asked once, above the lines."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from mscp.text.days import short
from training.models.programme_lines import Line
from training.programme.answers import answer_of, answered, asked, sent_answer, with_question
from training.programme.planning.plans import Doubt, Level, Plan

# Texts of lines that a question names.
NAMED = 4


@dataclass(frozen=True)
class _Kind:
    """A kind of which all questions have the same answer, whatever the text of each line."""

    # The text of a line that it is about.
    text: str
    said: str
    # Its answers, as they are worded for many lines.
    labels: dict[str, str]


_KINDS = {
    "audience": _Kind(
        "audience",
        "Whom it is for, {}: that stands with each course, and is changed there.",
        {"none": "It is not needed", "note": "Into the note of each, which visitors see"},
    ),
    "number of places": _Kind(
        "places",
        "Two numbers of places, {}: what does the first one count?",
        {
            "booked": "The places that are booked",
            "left": "The places that are left",
            "none": "Only keep the second number",
        },
    ),
}


@dataclass(frozen=True)
class SharedQuestion:
    text: str
    stops: bool
    # Each with what its button sends.
    answers: list[tuple[str, str]]
    asked: list[tuple[Plan, Doubt]]

    @property
    def numbers(self) -> list[int]:
        """Return the numbers of the lines that ask it."""
        return list(dict.fromkeys(plan.line.number for plan, _ in self.asked))


def shared_questions(plans: Sequence[Plan]) -> list[SharedQuestion]:
    """Return what two lines or more ask and nobody answered: what stops most comes first."""
    groups: dict[tuple[str, ...], list[tuple[Plan, Doubt]]] = {}
    for plan in plans:
        for doubt in [] if plan.line.left_out else asked(plan):
            if key := _shared_by(doubt):
                groups.setdefault(key, []).append((plan, doubt))
    shared = [
        _question(group)
        for group in groups.values()
        if len({plan.index for plan, _ in group}) > 1
        and any(doubt.is_question for _, doubt in group)
    ]
    return sorted(shared, key=lambda one: (not one.stops, -len(one.asked)))


def answer_for_all(plans: Sequence[Plan], sent: str) -> list[Line] | None:
    """Give the answer that a button sent to all lines with the question; return the lines then."""
    found = sent_answer(plans, sent)
    if found is None:
        return None
    _, doubt, key = found
    shared = next(
        (one for one in shared_questions(plans) if any(each is doubt for _, each in one.asked)),
        None,
    )
    alike = shared.asked if shared else with_question(plans, doubt, key)
    return answered(plans, [(plan, each) for plan, each in alike if answer_of(each, key)], key)


def _shared_by(doubt: Doubt) -> tuple[str, ...]:
    """Return what its lines have in common; nothing if each line is to be asked by itself."""
    keys = {answer.key for answer in doubt.answers}
    if doubt.kind in _KINDS and keys <= set(_KINDS[doubt.kind].labels):
        return (doubt.kind,)
    # What would be made new has a tick.
    if not doubt.group or (doubt.level is Level.STOP and "new" in keys):
        return ()
    return doubt.kind, doubt.group, doubt.about


def _question(group: list[tuple[Plan, Doubt]]) -> SharedQuestion:
    plan, doubt = group[0]
    stops = any(each.level is Level.STOP for _, each in group)
    kind = _KINDS.get(doubt.kind)
    if kind is None or _shared_by(doubt) != (doubt.kind,):
        return SharedQuestion(doubt.text, stops, sent_by(plan, doubt), group)
    # The first that has an answer names it.
    answers: dict[str, str] = {}
    for one, each in group:
        if not set(kind.labels) <= set(answers):
            for answer, (sent, _) in zip(each.answers, sent_by(one, each), strict=True):
                answers.setdefault(answer.key, sent)
    labels = [(answers[key], label) for key, label in kind.labels.items() if key in answers]
    return SharedQuestion(
        kind.said.format(_named(getattr(one.line, kind.text) for one, _ in group)),
        stops,
        labels,
        group,
    )


def sent_by(plan: Plan, doubt: Doubt) -> list[tuple[str, str]]:
    """Return what the buttons of a question send, each with its label."""
    place = next(place for place, other in enumerate(asked(plan)) if other is doubt)
    return [(f"{plan.index}-{place}-{answer.key}", answer.label) for answer in doubt.answers]


def _named(texts: Iterable[str]) -> str:
    found = list(dict.fromkeys(texts))
    more = f" and {len(found) - NAMED} more" if len(found) > NAMED else ""
    return ", ".join(f"“{short(text, 40)}”" for text in found[:NAMED]) + more
