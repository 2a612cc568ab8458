"""The result of a benchmark: accuracy with its interval, replies that could not be read, and the mean over its sets."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from evals.benchmarks.published import Item
from graph.campaign.spending.forecast import wilson
from tools.answers import EXACT, Tolerance, read_number, same_answer

PAL = Fraction(1, 1000)
"""The difference that GSM-Hard's own scorer allows."""
ROUNDED = Tolerance(relative=Fraction(1, 10_000))
"""Told beside it: 85 answers of GSM-Hard that are rounded to cents fail the own scorer."""


@dataclass(frozen=True)
class Score:
    """The result of a benchmark; `accuracy` counts unreadable replies as wrong, `unreadable` is their number.

    `accuracy` weighs every item alike (micro), `macro` every set; `sets` has the accuracy of each. `rounded_accuracy`
    also takes answers that are off by no more than one part in ten thousand.
    """

    model: str
    items: int
    right: int
    unreadable: int
    accuracy: float
    low: float
    high: float
    unreadable_rate: float
    rounded_accuracy: float
    macro: float
    sets: dict[str, float]

    def lines(self) -> list[str]:
        """Put it into a few lines."""
        shown = [
            f"{self.model}: {self.right} of {self.items} right",
            f"accuracy {self.accuracy:.1%} (95 % interval {self.low:.1%} to {self.high:.1%})",
            f"unreadable replies {self.unreadable} ({self.unreadable_rate:.1%}), counted as wrong",
        ]
        if self.rounded_accuracy != self.accuracy:
            shown.append(f"accuracy {self.rounded_accuracy:.1%} where a rounding of 1e-4 counts as right")
        if len(self.sets) > 1:
            shown += [f"  {name:<28}{share:.1%}" for name, share in self.sets.items()]
            shown.append(
                f"mean over {len(self.sets)} sets {self.macro:.1%} (macro), over items {self.accuracy:.1%} (micro)"
            )
        return shown


def score(model: str, items: Sequence[Item], answers: Sequence[str | None]) -> Score:
    """Score answers to items; None stands for a reply that could not be read."""
    right = [is_right(item, answer) for item, answer in zip(items, answers, strict=True)]
    rounded = [is_right(item, answer, rounded=True) for item, answer in zip(items, answers, strict=True)]
    by_set = defaultdict[str, list[bool]](list)
    for item, mark in zip(items, right, strict=True):
        by_set[item.group].append(mark)
    sets = {name: sum(marks) / len(marks) for name, marks in sorted(by_set.items())}
    many, unreadable = len(items), sum(answer is None for answer in answers)
    low, high = wilson(sum(right), many)
    return Score(
        model=model,
        items=many,
        right=sum(right),
        unreadable=unreadable,
        accuracy=sum(right) / many,
        low=low,
        high=high,
        unreadable_rate=unreadable / many,
        rounded_accuracy=sum(rounded) / many,
        macro=sum(sets.values()) / len(sets),
        sets=sets,
    )


def is_right(item: Item, answer: str | None, *, rounded: bool = False) -> bool:
    """Say whether an answer is right; with `rounded`, one part in ten thousand is near enough."""
    if answer is None:
        return False
    if item.group == "gsm_hard":
        return gsm_hard_right(answer, item.answer, rounded=rounded)
    tolerance = ROUNDED if rounded else EXACT
    return same_answer(answer, item.answer, item.answer_kind, item.choices, tolerance=tolerance)


def gsm_hard_right(answer: str, target: str, *, rounded: bool) -> bool:
    """Score as PAL's own script does: less than 1e-3 apart, whatever the size, so that every digit counts.

    Args:
        answer: What was answered.
        target: What the benchmark's program returns.
        rounded: Whether one part in ten thousand is near enough too, as where an answer is rounded to cents.
    """
    given, wanted = read_number(answer), read_number(target)
    if given is None or wanted is None:
        return False
    apart = abs(given - wanted)
    return apart < PAL or (rounded and apart <= ROUNDED.relative * abs(wanted))
