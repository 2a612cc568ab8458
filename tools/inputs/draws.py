"""The redrawn inputs on which two programs are compared.

Mostly all inputs change at once, since that proves most; half of them at a time where too few of those count; and each
alone, to tell which inputs the answer depends on. Constants change only to show that a program uses them: such a draw
compares nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from random import Random
from typing import Literal, NamedTuple

from tools.inputs.kinds import INPUT_KINDS, Input, read_input, redrawable, wire
from tools.inputs.kinds import Wire as InputWire
from tools.inputs.redraw import redraw_number

REDRAWS = 3
"""Version of how draws are made and counted: the same version, inputs and seed give the same ones."""

Changed = Literal["stated", "one", "all", "half", "constant"]

ALL, HALF, EACH = 160, 60, 6
"""Draws with all inputs redrawn, with half of them, and with each one alone."""
LONGEST = 300
"""Draws of one question at most."""


class Draw(NamedTuple):
    """One set of inputs: how many changed, which, their texts, and what `solve` is called with."""

    changed: Changed
    names: tuple[str, ...]
    texts: dict[str, str]
    arguments: dict[str, InputWire]


def make_draws(inputs: Sequence[Input], seed: int | str) -> list[Draw]:
    """Return the stated inputs first, then each alone, then all at once, then halves; repeatable by the seed."""
    rng = Random(f"draws/{seed}")  # noqa: S311  # repeatable, not secret
    free = [stated for stated in inputs if redrawable(stated)]
    draws = [draw_inputs("stated", (), inputs, rng)]
    each = max(2, min(EACH, LONGEST // max(1, 3 * len(free))))
    draws += [draw_inputs("one", (stated.name,), inputs, rng) for stated in free for _ in range(each)]
    names = tuple(stated.name for stated in free)
    if names:
        draws += [draw_inputs("all", names, inputs, rng) for _ in range(ALL)]
    if len(names) > 2:
        draws += [draw_inputs("half", tuple(rng.sample(names, len(names) // 2)), inputs, rng) for _ in range(HALF)]
    fixed = [
        stated
        for stated in inputs
        if stated.kind == "constant" and "/" not in stated.value and isinstance(read_input(stated), int | Fraction)
    ]
    draws += [draw_inputs("constant", (stated.name,), inputs, rng) for stated in fixed for _ in range(2)]
    return draws


def draw_inputs(changed: Changed, names: tuple[str, ...], inputs: Sequence[Input], rng: Random) -> Draw:
    """Redraw the inputs of these names, and keep the others as they are stated."""
    texts: dict[str, str] = {}
    arguments: dict[str, InputWire] = {}
    for stated in inputs:
        kind = INPUT_KINDS[stated.kind]
        redraw = kind.redraw or (lambda rng, one: redraw_number(rng, one.value))
        text = redraw(rng, stated) if stated.name in names else stated.value
        texts[stated.name] = text
        arguments[stated.name] = wire(kind.read(text))
    return Draw(changed, names, texts, arguments)
