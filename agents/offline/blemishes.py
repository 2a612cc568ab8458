"""Write a share of the explanations with a known blemish, never a wrong equation, so that grades can find something.

Each blemish has a name, which is how the program Judge's flaws name it when it finds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random

from tools.steps.equations import equations

BLEMISHED = 0.5
"""Share of the explanations that get one blemish or several."""


def merge(steps: Sequence[str], rng: Random) -> list[str]:
    """Put two steps that follow each other into one."""
    place = rng.randrange(len(steps) - 1)
    return [*steps[:place], f"{steps[place]} {steps[place + 1]}", *steps[place + 2 :]]


def pad(steps: Sequence[str], rng: Random) -> list[str]:
    """Put in a step that leads nowhere."""
    place = rng.randrange(len(steps) - 1)
    found = equations(steps[place])
    value = found[-1].right if found else "1"
    return [*steps[: place + 1], f"Doing nothing to it would give {value} * 1 = {value}.", *steps[place + 1 :]]


def bare(steps: Sequence[str], rng: Random) -> list[str]:
    """Leave out the reasons of some steps, so that only their equations stay; the last step keeps its words."""
    chosen = set(rng.sample(range(len(steps) - 1), rng.randint(1, len(steps) - 1)))
    return [_equation(step) if place in chosen else step for place, step in enumerate(steps)]


def _equation(step: str) -> str:
    """Return a step's equation alone, or the step where its words state a number or a decision."""
    found = equations(step)
    if len(found) != 1:
        return step
    bare_equation = f"{found[0].left} = {found[0].right}"
    words = step.replace(bare_equation, "")
    return step if bare_equation not in step or re.search(r"\d", words) else f"{bare_equation}."


def swap(steps: Sequence[str], rng: Random) -> list[str]:
    """Put a step before one that it needs; the last step stays."""
    if len(steps) < 3:
        return list(steps)
    place = rng.randrange(len(steps) - 2)
    return [*steps[:place], steps[place + 1], steps[place], *steps[place + 2 :]]


BLEMISHES: dict[str, Callable[[Sequence[str], Random], list[str]]] = {
    "merged step": merge,
    "needless step": pad,
    "clumsy order": swap,
    "missing reason": bare,
}
"""By name, in the order in which they are put in."""
SHIFTS = {"merged step": 1, "needless step": -1}
"""Steps more than asked for that a solution must have first, so that in the end it has as many as asked for."""


def chosen(hops: int, possible: Sequence[int], rng: Random) -> list[str]:
    """Choose the blemishes of a solution, none for most; what changes the number of steps only where that is possible.

    Args:
        hops: Steps that the solution is to have in the end.
        possible: Steps that its family can have.
        rng: Decides.
    """
    if hops < 2 or rng.random() >= BLEMISHED:
        return []
    names = [name for name in BLEMISHES if name not in SHIFTS and (name != "clumsy order" or hops > 2)]
    shifting = [name for name, shift in SHIFTS.items() if hops + shift in possible and hops + shift > 1]
    names += [rng.choice(shifting)] if shifting else []
    some = rng.sample(names, min(len(names), rng.choice((1, 1, 1, 2, 2, 3))))
    return sorted(some, key=list(BLEMISHES).index)


def blemished(steps: Sequence[str], names: Sequence[str], rng: Random) -> list[str]:
    """Return the steps with these blemishes."""
    written = list(steps)
    for name in names:
        written = BLEMISHES[name](written, rng)
    return written
