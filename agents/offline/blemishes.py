"""Write a share of the explanations with a known blemish, never a wrong equation, so that grades can find something.

Each blemish has a name, which is how the program Judge's flaws name it when it finds it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from random import Random
from typing import NamedTuple

from agents.offline.stories.arithmetic import write
from tools.steps.equations import equations

BLEMISHED = 0.4
"""Share of the explanations that get one blemish or several."""
MANY = 3
"""Blemishes of one explanation from which hardly a reason is left in it."""


def bare(steps: Sequence[str], rng: Random) -> list[str]:
    """Leave out the reasons of some steps, so that only their equations stay; the last step keeps its words."""
    possible = [place for place, step in enumerate(steps[:-1]) if _equation(step) and not _says_a_number(step)]
    chosen = set(rng.sample(possible, rng.randint(1, len(possible)))) if possible else ()
    return [_equation(step) if place in chosen else step for place, step in enumerate(steps)]


def bare_all(steps: Sequence[str], _: Random) -> list[str]:
    """Leave out the reasons of all steps that have an equation."""
    return [_equation(step) or step for step in steps]


def _equation(step: str) -> str:
    """Return a step's equations alone; empty where it has none."""
    found = equations(step)
    start = step.find(found[0].left) if found else -1
    if start < 0:
        return ""
    left, value, after = step[start:].rpartition(found[-1].right)
    rounded = re.match(r", rounded (\w+ )?to ([\d.]*\d)", after)
    if rounded and rounded[1]:
        return ""  # without its words it would be wrong
    if rounded:
        left, value = f"{left.rstrip(' =≈')} ≈ ", rounded[2]
    return f"{left}{value}.".replace(" and", ",")


def _says_a_number(step: str) -> bool:
    """Whether a step's words state a number or a decision."""
    return re.search(r"\d", step.replace(_equation(step)[:-1], "")) is not None


def merge(steps: Sequence[str], rng: Random) -> list[str]:
    """Put two steps that follow each other into one."""
    place = rng.randrange(len(steps) - 1)
    return [*steps[:place], f"{steps[place]} {steps[place + 1]}", *steps[place + 2 :]]


def swap(steps: Sequence[str], rng: Random) -> list[str]:
    """Put a step before one whose result it uses; the last step stays."""
    found = [equations(step) for step in steps]
    using = [
        place
        for place in range(len(steps) - 2)
        if {one.result for one in found[place]} & {number for one in found[place + 1] for number in one.used}
    ]
    if not using:
        return list(steps)
    place = rng.choice(using)
    return [*steps[:place], steps[place + 1], steps[place], *steps[place + 2 :]]


def pad(steps: Sequence[str], rng: Random) -> list[str]:
    """Put in a step that leads nowhere."""
    places = [place for place, step in enumerate(steps[:-1]) if equations(step)]
    if not places:
        return list(steps)
    place = rng.choice(places)
    value = equations(steps[place])[-1].result
    needless = rng.choice(
        (
            f"Twice as much would be {write(value)} * 2 = {write(value * 2)}, which nobody asks for.",
            f"Twice that, {write(value)} * 2 = {write(value * 2)}, is not needed.",
            f"For comparison, three times that is {write(value)} * 3 = {write(value * 3)}.",
        )
    )
    return [*steps[: place + 1], needless, *steps[place + 1 :]]


BLEMISHES: dict[str, Callable[[Sequence[str], Random], list[str]]] = {
    "missing reason": bare,
    "clumsy order": swap,
    "merged step": merge,
    "needless step": pad,
}
"""By name, in the order in which they are put in."""


class Chosen(NamedTuple):
    """The blemishes of a solution, by name, and how many steps it must have before they are put in."""

    names: list[str]
    steps: int


def chosen(hops: int, possible: Sequence[int], rng: Random) -> Chosen:
    """Choose the blemishes of a solution, none for most; what changes the number of steps only where that is possible.

    Args:
        hops: Steps that the solution is to have in the end.
        possible: Steps that its family can have.
        rng: Decides.
    """
    if hops < 2 or rng.random() >= BLEMISHED:
        return Chosen([], hops)
    shifts = {"merged step": [hops + 1, hops + 2], "needless step": [hops - 1] if hops > 2 else []}
    shifting = [name for name, reached in shifts.items() if reached and reached[0] in possible]
    number = rng.choice((1, 1, 2, 2, MANY, MANY))
    if number >= MANY and hops > 2 and "merged step" not in shifting:
        return Chosen(list(BLEMISHES), hops)  # what is merged makes room for what is needless
    ordered = hops > 2 or (number >= MANY and "merged step" in shifting)
    names = ["missing reason", *(["clumsy order"] if ordered else [])]
    names += [rng.choice(shifting) if number < MANY else shifting[0]] if shifting else []
    some = rng.sample(names, min(len(names), number))
    reached = [steps for name in some for steps in shifts.get(name, []) if steps in possible]
    some.sort(key=list(BLEMISHES).index)
    return Chosen(some, (reached or [hops])[-1 if len(some) >= MANY else 0])


def blemished(steps: Sequence[str], names: Sequence[str], hops: int, rng: Random) -> tuple[list[str], list[str]]:
    """Return the steps with these blemishes, and which of them could be put in.

    Args:
        steps: A solution without blemish.
        names: The blemishes.
        hops: Steps that it is to have in the end, where steps are merged.
        rng: Decides.
    """
    written = list(steps)
    put_in: list[str] = []
    for name in names:
        blemish = bare_all if name == "missing reason" and len(names) >= MANY else BLEMISHES[name]
        changed = blemish(written, rng)
        while name == "merged step" and len(changed) > hops:
            changed = merge(changed, rng)
        if changed != written:
            written, put_in = changed, [*put_in, name]
    return written, put_in
