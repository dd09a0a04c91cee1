"""Answers to the questions of a preview: of one line, or of all that have the same question."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from zlib import crc32

from mscp.typing import AnyUser
from training.models.programme_lines import Answer, Line
from training.programme.lines.reading import MOST_LINES
from training.programme.planning.matching import plan_alone
from training.programme.planning.plans import Doubt, Plan

# What the button of an answer sends: the line, the number of its question with a mark of what it
# asks, and the answer.
_SENT = re.compile(
    r"(?P<index>[0-9]{1,5})-(?P<question>[0-9]{1,3})(\.(?P<mark>[0-9a-f]{8}))?-(?P<key>[a-z0-9:-]{1,40})"
)
_INDEX = re.compile(r"[0-9]{1,5}")
AS_IT_STANDS = Answer("stands", "As it stands")
# What would be made new: each is made on a tick, or all of them by one button.
NEW_KINDS = {"courses": "new course", "venues": "venue"}
# The texts that name each: what is asked about them is answered before it is made.
_NAMED_BY = {"new course": ("title", "course"), "venue": ("venue", "place")}


def asked(plan: Plan) -> list[Doubt]:
    """Return the questions of a line: its doubts that have answers."""
    return [doubt for doubt in plan.doubts if doubt.answers]


def with_question(plans: Sequence[Plan], doubt: Doubt, key: str) -> Iterator[tuple[Plan, Doubt]]:
    """Yield the lines that ask the same: of one kind and group, with that answer."""
    for plan in plans:
        for other in asked(plan):
            if (other.kind, other.group, other.about) == (
                doubt.kind,
                doubt.group,
                doubt.about,
            ) and (answer_of(other, key)):
                yield plan, other


def answer_of(doubt: Doubt, key: str) -> Answer | None:
    return next((answer for answer in doubt.answers if answer.key == key), None)


def to_make(plans: Sequence[Plan], kind: str) -> tuple[list[tuple[Plan, Doubt]], list[Plan]]:
    """Return what of a kind waits for a tick, and the lines where another answer comes first."""
    ready: list[tuple[Plan, Doubt]] = []
    waiting: list[Plan] = []
    if_held: list[tuple[Plan, Doubt]] = []
    for plan in plans:
        for doubt in asked(plan):
            if plan.line.left_out or doubt.kind != kind or not answer_of(doubt, "new"):
                continue
            if any(_may_rename(question, doubt) for question in plan.open_questions):
                waiting.append(plan)
            elif any(question.kind == "not held" for question in plan.open_questions):
                if_held.append((plan, doubt))
            else:
                ready.append((plan, doubt))
    # What another line needs anyway does not hang on whether this one is held.
    needed = {doubt.group for _, doubt in ready}
    ready += [(plan, doubt) for plan, doubt in if_held if doubt.group in needed]
    waiting += [plan for plan, doubt in if_held if doubt.group not in needed]
    return ready, waiting


def _may_rename(question: Doubt, doubt: Doubt) -> bool:
    """Return whether an answer to a question may change the name of what would be made."""
    names = _NAMED_BY[doubt.kind]
    return question is not doubt and any(
        name in names
        for answer in question.answers
        for texts in (answer.changes, answer.appended, *answer.copies)
        for name in texts
    )


def sent_answer(plans: Sequence[Plan], sent: str) -> tuple[Plan, Doubt, str] | None:
    """Return the line, its question and the answer that a button names, if there is such."""
    match = _SENT.fullmatch(sent)
    if match is None or int(match["index"]) >= len(plans):
        return None
    plan, place, key = plans[int(match["index"])], int(match["question"]), match["key"]
    questions = asked(plan)
    if place >= len(questions) or answer_of(questions[place], key) is None:
        return None
    return plan, questions[place], key


def give_answer(plans: Sequence[Plan], sent: str, like_it: Sequence[str]) -> list[Line] | None:
    """Give the answer that a button sent; return the lines as they are then, or None.

    ``like_it`` names the questions whose answer holds for all lines that ask the same.
    """
    found = sent_answer(plans, sent)
    if found is None:
        return None
    plan, doubt, key = found
    chosen = [(plan, doubt)]
    if sent.removesuffix(f"-{key}") in like_it:
        chosen = list(with_question(plans, doubt, key))
    return answered(plans, chosen, key)


def answer_alone(
    lines: Sequence[Line], sent: str, like_it: Sequence[str], user: AnyUser
) -> list[Line] | None:
    """Give an answer that is for one line; None if it is for more, or needs the lines beside it.

    Of 2,000 lines all are not planned for it.
    """
    match = _SENT.fullmatch(sent)
    if match is None or int(match["index"]) >= len(lines) or not match["mark"]:
        return None
    index, key = int(match["index"]), match["key"]
    if sent.removesuffix(f"-{key}") in like_it or key == "new":
        return None
    plans = [Plan(line, place) for place, line in enumerate(lines)]
    plans[index] = plan_alone(lines[index], index, user)
    for doubt in asked(plans[index]):
        if mark_of(doubt) == match["mark"] and answer_of(doubt, key):
            return answered(plans, [(plans[index], doubt)], key)
    return None


def mark_of(doubt: Doubt) -> str:
    """Return by what a question is known, whatever else its line asks."""
    text = "\n".join((doubt.kind, doubt.about, doubt.group, doubt.text))
    return f"{crc32(text.encode()):08x}"


def stand(plans: Sequence[Plan], index: str) -> list[Line] | None:
    """Answer all that is asked of a line with: it is right as it stands.

    Another text of it is asked about again.
    """
    if not _INDEX.fullmatch(index) or int(index) >= len(plans):
        return None
    plan = plans[int(index)]
    if not plan.can_stand:
        return None
    for doubt in plan.open_questions:
        plan.line.answer(doubt.kind, doubt.text, AS_IT_STANDS)
    return [other.line for other in plans]


def is_something_else(answer: Answer) -> bool:
    """Return whether an answer takes what would be made new for what is known, or for no venue."""
    return answer.key.startswith("known") or answer.key == "online"


def is_taken_at_once(doubt: Doubt) -> bool:
    """Return whether one press ticks it with all others.

    One that is like a known one has a tick of its own: it would stand there twice. So has one that
    may be no venue at all.
    """
    return not any(is_something_else(answer) for answer in doubt.answers)


def take_new(plans: Sequence[Plan], what: str) -> list[Line] | None:
    """Tick all courses, or all venues, that are not known and may be nothing else."""
    ready = to_make(plans, NEW_KINDS[what])[0] if what in NEW_KINDS else []
    chosen = [(plan, doubt) for plan, doubt in ready if is_taken_at_once(doubt)]
    return answered(plans, chosen, "new") if chosen else None


def tick_new(plans: Sequence[Plan], ticked: Sequence[str]) -> list[Line] | None:
    """Make new what was ticked: each tick is the kind and the name, "venues:town hall"."""
    wanted = set(ticked)
    chosen = [
        (plan, doubt)
        for what, kind in NEW_KINDS.items()
        for plan, doubt in to_make(plans, kind)[0]
        if f"{what}:{doubt.group}" in wanted
    ]
    return answered(plans, chosen, "new") if chosen else None


def usual_spelling(texts: Iterable[str]) -> str:
    """Return how a name is written in most lines, or in the first: it becomes public like that."""
    [(text, _)] = Counter(texts).most_common(1)
    return text


def text_named(doubt: Doubt) -> str:
    """Return which text of a line names what would be made new."""
    return _NAMED_BY[doubt.kind][0]


def _spell_alike(plans: Sequence[Plan], doubts: Iterable[Doubt]) -> None:
    """Write the name of what is made new in one way, in all lines that have it."""
    groups = {(doubt.kind, doubt.group): text_named(doubt) for doubt in doubts}
    alike: dict[tuple[str, str], list[Plan]] = defaultdict(list)
    for plan in plans:
        for doubt in plan.doubts:
            if (doubt.kind, doubt.group) in groups:
                alike[doubt.kind, doubt.group].append(plan)
    for group, named in alike.items():
        name = groups[group]
        text = usual_spelling(getattr(plan.line, name) for plan in named)
        for plan in named:
            setattr(plan.line, name, text)


def answered(
    plans: Sequence[Plan], chosen: Sequence[tuple[Plan, Doubt]], key: str
) -> list[Line] | None:
    """Give an answer to questions of lines; return all lines then, or None if they are too many."""
    if key == "new":
        _spell_alike(plans, [doubt for _, doubt in chosen if doubt.kind in NEW_KINDS.values()])
    added: dict[int, list[Line]] = {}
    for plan, doubt in chosen:
        if answer := answer_of(doubt, key):
            # A choice that is itself kept, in a select, is asked again when its text changes.
            copies = plan.line.answer(doubt.kind, doubt.text, answer)
            added[plan.index] = added.get(plan.index, []) + copies
    if len(plans) + sum(map(len, added.values())) > MOST_LINES:
        return None
    return [line for plan in plans for line in (plan.line, *added.get(plan.index, []))]
