"""Grade a worked solution by what can be checked without understanding it: equations, order, coverage, wording."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from agents.offline.arithmetic import FormulaError, equations, evaluate
from agents.schema import Rubric

CONSTANTS = {Fraction(number) for number in (0, 1, 2, 3, 4, 7, 10, 12, 24, 60, 100, 1000)}
"""Numbers that a solution may use without the question naming them (days, minutes, per cent, powers of ten)."""
FEWEST_WORDS, MOST_WORDS = 4, 60


@dataclass(frozen=True)
class Grade:
    """Scores, and what was found wanting."""

    rubric: Rubric
    flaws: list[str]


def grade_steps(steps: Sequence[str], right: bool, question: str, operations: int) -> Grade:
    """Grade the steps of a solution.

    Args:
        steps: The solution, one reasoning step an item.
        right: Whether its final answer is the independent one.
        question: The question's text, whose numbers may be used freely.
        operations: Arithmetic operations that a whole solution contains.
    """
    found = [equations(step) for step in steps]
    flat = [equation for step in found for equation in step]
    holding = _share([holds for _, _, holds in flat])
    grounded = _share(_grounded(found, question))
    explained = _share([bool(step) for step in found])
    covered = min(1.0, _operations(flat) / operations) if operations else explained
    worded = _share([_clear(place, steps) for place in range(len(steps))])
    flaws = [
        *(f"the equation {left} = {value} does not hold" for left, value, holds in flat if not holds),
        *([] if right else ["the final answer differs from the independent one"]),
        *([] if explained == 1 else [f"{sum(not step for step in found)} steps show no equation"]),
        *([] if grounded == 1 else ["a number is used before it is known"]),
        *([] if covered == 1 else ["some of the calculation is left out"]),
        *([] if worded == 1 else ["some steps are repeated, too short or too long"]),
    ]
    correctness = _score(holding) if right else min(2, _score(holding / 4))
    rubric = Rubric(
        correctness=correctness,
        rigor=_score(explained),
        structure=_score(grounded),
        completeness=_score(covered),
        clarity=_score(worded),
    )
    return Grade(rubric, flaws)


def _share(passed: Sequence[bool]) -> float:
    return sum(passed) / len(passed) if passed else 0.0


def _score(share: float) -> int:
    """Map a share to 1 to 5; only a full share gets 5."""
    return 5 if share == 1 else 1 + min(3, int(share * 4))


def _grounded(found: Sequence[Sequence[tuple[str, str, bool]]], question: str) -> list[bool]:
    """For each equation, whether all its numbers were given or computed before."""
    known = CONSTANTS | _numbers(question)
    verdicts: list[bool] = []
    for step in found:
        for left, value, _ in step:
            verdicts.append(_numbers(left) <= known)
            known = known | _numbers(left) | _numbers(value) | _value(value)
    return verdicts


def _numbers(text: str) -> set[Fraction]:
    return {Fraction(number.replace(",", "")) for number in re.findall(r"\d+(?:,\d{3})*(?:\.\d+)?", text)}


def _value(text: str) -> set[Fraction]:
    try:
        return {evaluate(text.replace(",", ""))}
    except FormulaError:
        return set()


def _operations(flat: Sequence[tuple[str, str, bool]]) -> int:
    return sum(len(re.findall(r"(?<=[\d)])\s*(?:\*\*|//|[-+*/%×÷])|gcd\(|lcm\(", left)) for left, _, _ in flat)


def _clear(place: int, steps: Sequence[str]) -> bool:
    words = len(steps[place].split())
    return FEWEST_WORDS <= words <= MOST_WORDS and steps[place] not in steps[:place]
