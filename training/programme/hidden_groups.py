"""What the source of an import hides, by groups: each is left out until somebody takes it in."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from mscp.text.days import short
from training.models.programme_lines import TEXTS, Line

EXAMPLES = 3


@dataclass(frozen=True)
class HiddenGroup:
    """Lines or texts that the same thing hides: "in hidden rows"."""

    why: str
    number: int
    # Whether complete lines are hidden, or texts of lines.
    is_lines: bool
    examples: Sequence[str]

    @property
    def key(self) -> str:
        return f"{'lines' if self.is_lines else 'texts'} {self.why}"


def hidden_groups(lines: Sequence[Line]) -> list[HiddenGroup]:
    """Return what is hidden and not taken in yet, in the order of the source."""
    hidden = [line for line in lines if line.hidden and line.left_out]
    unseen = [(why, line) for line in lines for why in line.unseen]
    return [
        *(
            HiddenGroup(why, number, True, _titles(hidden, why))
            for why, number in Counter(line.hidden for line in hidden).items()
        ),
        *(
            HiddenGroup(why, number, False, _texts(unseen, why))
            for why, number in Counter(why for why, _ in unseen).items()
        ),
    ]


def _titles(lines: Sequence[Line], why: str) -> list[str]:
    found = [line for line in lines if line.hidden == why]
    return [f"“{short(line.title or line.source, 40)}”" for line in found[:EXAMPLES]]


def _texts(unseen: Sequence[tuple[str, Line]], why: str) -> list[str]:
    found = [line.unseen[why] for each, line in unseen if each == why]
    return [
        f"{TEXTS[name]}: “{short(text, 40)}”"
        for texts in found[:EXAMPLES]
        for name, text in texts.items()
    ]


def take_in(lines: Sequence[Line], key: str) -> bool:
    """Take a group in; return whether anything changed."""
    kind, _, why = key.partition(" ")
    changed = False
    for line in lines:
        if kind == "lines" and line.left_out and line.hidden == why:
            line.left_out = False
            changed = True
        elif kind == "texts" and why in line.unseen:
            for name, text in line.unseen.pop(why).items():
                line.write(name, text)
            changed = True
    return changed
