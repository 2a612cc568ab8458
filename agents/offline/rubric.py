"""Grade a worked solution by what a program can check: equations, order, coverage, wording."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from agents.records import Rubric
from tools.answers import plain, read_number
from tools.steps.equations import Equation, equations

CONSTANTS = {Fraction(number) for number in (0, 1, 2, 3, 4, 7, 10, 12, 24, 60, 100, 1000)}
"""Numbers that a solution may use without the question naming them (days, minutes, per cent, powers of ten)."""
FEWEST_WORDS, MOST_WORDS = 4, 60
_SIGNS = str.maketrans({"×": "*", "·": "*", "÷": "/", "$": None})
MOST_STEPS = 40
"""Steps that are looked at."""


@dataclass(frozen=True)
class Solution:
    """A worked solution to grade.

    Args:
        steps: The reasoning, one step an item.
        answer: The final answer as stated.
        right: Whether that is the independent answer.
    """

    steps: Sequence[str]
    answer: str
    right: bool


@dataclass(frozen=True)
class Grade:
    """Scores by criterion, and the flaws found."""

    rubric: Rubric
    flaws: list[str]


def grade(solution: Solution, question: str, needed: int) -> Grade:
    """Grade a solution on the five criteria.

    Args:
        solution: A worked solution to grade.
        question: The question's text, whose numbers may be used freely.
        needed: How many steps the question takes.
    """
    steps = [plain(step).translate(_SIGNS) for step in solution.steps[:MOST_STEPS]]
    rounded: dict[Fraction, Fraction] = {}
    found = [equations(step, rounded) for step in steps]
    flat = [equation for step in found for equation in step]
    ordered = [*_in_order(steps, found, question), _ends_in(steps, found, solution.answer)] if steps else []
    explained = [bool(here) or _compares(step) for step, here in zip(steps, found, strict=True)]
    worded = [_clear(place, steps) for place in range(len(steps))]
    reasons = [_has_words(step) for step in steps]
    idle = _idle(steps)
    double = [_does_two_things(step) for step in steps]
    hidden = sum(idle) if any(double) and len(steps) == needed else 0
    merged = double if len(steps) - hidden < needed else []
    padded, disordered = len(steps) - needed + hidden > 0, not all(ordered[:-1])
    sound = [shows and reason for shows, reason in zip(explained, reasons, strict=True)]
    wrong = [equation for equation in flat if not equation.holds]
    covered = min(1.0, (sum(explained) - hidden) / max(1, needed))
    holding = _score(_share([equation.holds for equation in flat])) if flat or not all(explained) else 5
    flaws = [
        *(f"the equation {equation.left} = {equation.right} does not hold"[:200] for equation in wrong),
        *([] if solution.right else ["the final answer differs from the independent one"]),
        *(f"step {place} shows no equation" for place, shows in enumerate(explained, 1) if not shows),
        *(
            f"clumsy order: step {place} uses a number before it is known"
            for place, good in enumerate(ordered[:-1], 1)
            if not good
        ),
        *(f"merged step: step {place} does two things at once" for place, two in enumerate(merged, 1) if two),
        *(["needless step: there are more steps than the question takes"] if padded else []),
        *(f"missing reason: step {place} is an equation alone" for place, good in enumerate(reasons, 1) if not good),
        *(["the last step does not reach the stated answer"] if ordered and not ordered[-1] else []),
        *([] if covered >= 1 else ["part of the calculation is not shown"]),
        *(f"step {place} is repeated, too short or too long" for place, good in enumerate(worded, 1) if not good),
    ]
    rubric = Rubric(
        correctness=holding if solution.right else min(2, holding),
        rigor=_score(_share([one for place, one in enumerate(sound) if not (padded and idle[place])] or sound)),
        structure=max(1, _score(_share(ordered)) - 2 * (any(merged) or padded) - 2 * disordered),
        completeness=_score(covered),
        clarity=max(1, _score(_share(worded)) - padded),
    )
    return Grade(rubric, flaws)


_COMPARING = re.compile(
    r"\b(?:above|below|under|over|exceeds?|at least|at most|more than|less than|reach(?:es)?|between)\b"
)


def _compares(step: str) -> bool:
    """Whether a step decides by comparing two numbers that it names."""
    return len(_numbers(step)) >= 2 and _COMPARING.search(step) is not None


def _numbers(text: str) -> set[Fraction]:
    """Return the numerals written in a text, each as the number that its digits spell."""
    found = set(re.findall(r"\d+(?:,\d{3}(?!\d))*(?:\.\d+)?", text))
    return {Fraction(numeral.replace(",", "")) for numeral in found if len(numeral) <= 40}


def _share(passed: Sequence[bool]) -> float:
    return sum(passed) / len(passed) if passed else 0.0


def _score(share: float) -> int:
    """Map a share to 1 to 5; only a full share gets 5."""
    return 5 if share >= 1 else 1 + min(3, int(share * 4))


def _in_order(steps: Sequence[str], found: Sequence[Sequence[Equation]], question: str) -> list[bool]:
    """For each step, whether its operands were given, computed before, or named in its own words.

    A step that names a number which only a later step computes is out of order.
    """
    known = CONSTANTS | _numbers(question)
    verdicts: list[bool] = []
    for place, (step, here) in enumerate(zip(steps, found, strict=True)):
        later = {equation.result for rest in found[place + 1 :] for equation in rest} - known
        good = True
        for equation in here:
            before = step.split("=")[0].replace(equation.left, "", 1)
            named = _numbers(before if here[0] is equation else step[: max(0, step.find(equation.left))])
            good = good and equation.used - known <= named - later
            known = known | equation.used | {equation.result} | _numbers(equation.right)
        known = known | _numbers(step)
        verdicts.append(good)
    return verdicts


def _ends_in(steps: Sequence[str], found: Sequence[Sequence[Equation]], answer: str) -> bool:
    """Whether the last step reaches the answer, as its last result or in its words."""
    value = read_number(answer)
    reached = bool(found[-1]) and value is not None and found[-1][-1].result == value
    return reached or re.search(rf"(?<!\w){re.escape(plain(answer))}(?!\w)", steps[-1], re.IGNORECASE) is not None


def _has_words(step: str) -> bool:
    """Return whether a step says in words what it does."""
    return len(re.findall(r"[^\W\d_]{2,}", step)) >= 2


def _does_two_things(step: str) -> bool:
    """Return whether a step has two sentences that each calculate or compare."""
    sentences = re.split(r"(?<=[.!?]) (?=[A-Z0-9(])", step)
    return sum(bool(equations(one)) or _compares(one) for one in sentences) >= 2


def _idle(steps: Sequence[str]) -> list[bool]:
    """For each step, whether no later one names a number that it arrives at; the last one is never idle."""
    verdicts, later = [False] * len(steps), set[Fraction]()
    for place in range(len(steps) - 1, -1, -1):
        reached = re.split("[=≈]", steps[place], maxsplit=1)[1:]
        verdicts[place] = place < len(steps) - 1 and bool(reached) and not _numbers(reached[0]) & later
        later |= _numbers(steps[place])
    return verdicts


def _clear(place: int, steps: Sequence[str]) -> bool:
    """Return whether a step is a sentence of fair length, with words, that is no repetition."""
    tokens = re.findall(r"\S+", steps[place].casefold())
    words = [token for token in tokens if re.search(r"[^\W\d_]{2}", token)]
    before = [step.casefold() for step in steps[:place]]
    return FEWEST_WORDS <= len(tokens) <= MOST_WORDS and len(words) >= 2 and steps[place].casefold() not in before
