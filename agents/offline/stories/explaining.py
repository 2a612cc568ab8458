"""Write the equation of a step, with what its value is rounded to."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from fractions import Fraction

from agents.offline.stories.arithmetic import evaluate, fill, holds, nearest, short, write
from agents.offline.stories.grammar import Case, Line, Step


def rounded(step: Step, value: Fraction) -> Fraction:
    """Round a value as the step says."""
    match step.rounded:
        case "up":
            return Fraction(math.ceil(value))
        case "down":
            return Fraction(math.floor(value))
        case "nearest":
            return nearest(value, step.decimals)
    return value


def cents(step: str) -> str:
    """Write the dollars that a step ends in with two decimals, where they are not whole."""
    return re.sub(r"(= \d+\.\d)(?= dollars)", r"\g<1>0", step)


def ends_whole(closing: Line) -> bool:
    """Whether the answer is rounded to a whole number."""
    last = closing.steps[-1] if closing.steps else None
    return last is not None and bool(last.rounded) and last.decimals == 0


def case_of(step: Step, values: Mapping[str, Fraction]) -> Case | None:
    """Return the way that a step goes; None where the problem has none for it."""
    return next((case for case in step.cases if not case.when or holds(case.when, values)), None)


def explained(
    step: Step, case: Case, before: Mapping[str, Fraction], after: Mapping[str, Fraction]
) -> tuple[Case, str]:
    """Return the way a step goes, with its equations: `7 * 12 = 84`, and `5 / 3 ≈ 1.6667, rounded to 1.7`."""
    equations, known = [], dict(before)
    for name, formula in case.sets.items():
        value = evaluate(formula, known)
        if not formula.isidentifier():
            equations.append(_equation(step, fill(formula, known), value, after[name]))
        known[name] = after[name]
    return case, " and ".join(equations)


def _equation(step: Step, left: str, value: Fraction, shown: Fraction) -> str:
    if value == shown:
        return f"{left} = {write(shown) if step.decimals > 2 else _as_answer(step, shown)}"
    if step.decimals > 2:
        return f"{left} ≈ {_as_answer(step, shown)}"
    text, exact = short(value)
    if text == _as_answer(step, shown):
        return f"{left} ≈ {text}"
    way = {"up": "rounded up to", "down": "rounded down to", "nearest": "rounded to"}[step.rounded]
    return f"{left} {'=' if exact else '≈'} {text}, {way} {_as_answer(step, shown)}"


def _as_answer(step: Step, value: Fraction) -> str:
    if step.rounded == "nearest" and step.decimals and value.denominator > 1:
        return f"{float(value):.{step.decimals}f}"
    return write(value)
