"""Record linkage among new names of a programme: a venue or course that another line names too.

Each is compared with the others that would be new, as it is with those that are known.
"""

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from rapidfuzz.distance.Indel import normalized_similarity

from mscp.text.days import short
from training.models.programme_lines import NEW, TICKED, Answer
from training.programme.lines.titles import LIKE, SAME, Names, normal, numbers_in
from training.programme.planning.lookups import postcode_in, venue_parts
from training.programme.planning.plans import Doubt, Plan

# How many are offered for one name.
OFFERED = 3
# Of more than the page shows none is compared: of 2,000 it took longer than all else.
MOST_COMPARED = 60
# Words of a title that say what it is, not what it is about.
_FILLERS = frozenset(
    "a about an and course courses event for in of on online seminar session sessions the training"
    " webinar workshop workshops".split()
)


@dataclass
class _NewOne:
    """What would be new under one name, in all lines that have it."""

    text: str
    # How it was ticked already, or "".
    choice: str = ""
    lines: int = 0
    asked: list[tuple[Plan, Doubt]] = field(default_factory=list)


def propose_among_new(plans: Sequence[Plan]) -> None:
    """Offer, for each new venue and course, the others like it that would be new as well."""
    _propose(plans, "venue", ("venue", "place"), _core_of_venue, _is_same_venue)
    _propose(plans, "new course", ("title", "course"), _core_of_title, _is_same_course)


def _propose(
    plans: Sequence[Plan],
    kind: str,
    names: tuple[str, str],
    core: Callable[[str], str],
    is_same: Callable[[str, str], bool],
) -> None:
    name, choice = names
    found = _new_ones(plans, kind, name, choice)
    if len(found) > MOST_COMPARED:
        return
    known = Names(
        (group, text) for group, one in found.items() for text in {one.text, core(one.text)}
    )
    fullness = _fullness if name == "venue" else lambda _: 0
    order = {
        group: (bool(one.choice), fullness(one.text), one.lines, -place)
        for place, (group, one) in enumerate(found.items())
    }
    for group, one in found.items():
        if not one.asked:
            continue
        near = [key for text in (one.text, core(one.text)) for _, key in known.near(text)]
        # Of two that are alike one gives way: to what is ticked, fuller or in more lines.
        better = [
            key
            for key in dict.fromkeys(map(str, near))
            if order[key] > order[group] and is_same(one.text, found[key].text)
        ]
        best = sorted(better, key=order.__getitem__, reverse=True)[:OFFERED]
        offered = [
            Answer(
                f"known:new{number}",
                f"It is “{short(found[key].text)}”, which is new too",
                changes={name: found[key].text, choice: found[key].choice},
            )
            for number, key in enumerate(best)
        ]
        for plan, doubt in one.asked if offered else []:
            plan.doubts[plan.doubts.index(doubt)] = replace(
                doubt, answers=(*offered, *doubt.answers)
            )


def _new_ones(plans: Sequence[Plan], kind: str, name: str, choice: str) -> dict[str, _NewOne]:
    """Return what is asked about or ticked as new, by its name as names are compared."""
    found: dict[str, _NewOne] = {}
    spelt: dict[str, list[str]] = defaultdict(list)
    for plan in plans:
        text = getattr(plan.line, name)
        doubts = [
            doubt
            for doubt in plan.doubts
            if doubt.kind == kind and any(answer.key == "new" for answer in doubt.answers)
        ]
        is_made = plan.new_venue if name == "venue" else plan.course is None
        ticked = getattr(plan.line, choice) in (NEW, TICKED) and is_made
        if plan.line.left_out or not text or not (doubts or ticked):
            continue
        one = found.setdefault(normal(text), _NewOne(text))
        one.choice = one.choice or (getattr(plan.line, choice) if ticked else "")
        one.lines += 1
        one.asked += [(plan, doubt) for doubt in doubts]
        spelt[normal(text)].append(text)
    for group, one in found.items():
        one.text = max(spelt[group], key=spelt[group].count)
    return found


def _core_of_venue(text: str) -> str:
    return venue_parts(text)["name"]


def _core_of_title(title: str) -> str:
    return " ".join(sorted(set(normal(title).split()) - _FILLERS)) or title


def _fullness(text: str) -> int:
    """Return how much of an address a venue has."""
    return sum(map(bool, venue_parts(text).values()))


def _is_alike(one: str, other: str, least: float = SAME) -> bool:
    """Return whether two normal names differ by letters, and in no number."""
    return numbers_in(one) == numbers_in(other) and normalized_similarity(one, other) >= least


def _is_same_venue(one: str, other: str) -> bool:
    """Return whether two texts may name one venue: alike, or one says more of the address."""
    postcodes = {postcode_in(one), postcode_in(other)} - {""}
    if len(postcodes) == 2:
        return False
    first, second = normal(_core_of_venue(one)), normal(_core_of_venue(other))
    whole, whole_other = set(normal(one).split()), set(normal(other).split())
    if postcode_in(one) and postcode_in(one) == postcode_in(other):
        return _is_alike(first, second, LIKE)
    if first == second or _is_alike(first, second):
        rest, rest_other = whole - set(first.split()), whole_other - set(second.split())
        return len(rest & rest_other) * 2 > min(len(rest), len(rest_other)) or not (
            rest and rest_other
        )
    shorter, longer = sorted((whole, whole_other), key=len)
    return shorter < longer and len(shorter) > 1


def _is_same_course(one: str, other: str) -> bool:
    """Return whether two titles may name one course: alike, or apart from "workshop" the same."""
    first, second = normal(one), normal(other)
    return _core_of_title(one) == _core_of_title(other) or _is_alike(first, second)
