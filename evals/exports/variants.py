"""Fresh instances of proved rows: the text with redrawn inputs, and the answer by both programs.

A model that knows the reasoning of a row answers its variants; one that knows the numbers does not. Only rows whose
proof is `perturbed` have variants, and only redrawn inputs count on which both programs return the same.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from fractions import Fraction
from random import Random

from agents.rows import Survivor
from evals.benchmarks.published import Item
from graph.question.proof import solve_all
from graph.question.row_checks import question_of
from tools.inputs.draws import Draw, draw_inputs
from tools.inputs.kinds import redrawable
from tools.inputs.rewrite import rewrite
from tools.programs.values import Value, exact, same_value
from tools.sandbox.port import Limits, Sandbox

MOST = 100
"""Of one row: its texts and programs hold few more that differ, and all are drawn at once."""
TRIES = 12
"""Draws for each variant wanted; those on which a program is undefined make none."""


async def variants(rows: Sequence[Survivor], sandbox: Sandbox, limits: Limits, *, each: int, seed: int) -> list[Item]:
    """Make up to so many variants of each row, fewer where its text or programs allow no more."""
    return [item for row in rows async for item in _of_row(row, sandbox, limits, each, seed)]


async def _of_row(row: Survivor, sandbox: Sandbox, limits: Limits, each: int, seed: int) -> AsyncIterator[Item]:
    if row.proof is None or row.proof.grade != "perturbed":
        return
    question, rng = question_of(row), Random(f"variants/{seed}/{row.id}")  # noqa: S311  # repeatable, not secret
    free = tuple(one.name for one in row.inputs if redrawable(one) and one.value != "1")
    draws = [draw_inputs("stated", (), row.inputs, rng)]
    draws += [draw_inputs("all", free, row.inputs, rng) for _ in range(TRIES * each)]
    ours = await solve_all(question, row.program, draws, sandbox, limits)
    theirs = await solve_all(question, row.judge_program, draws, sandbox, limits)
    made = 0
    texts = {row.question}
    for draw, left, right in list(zip(draws, ours.results, theirs.results, strict=True))[1:]:
        if made == each:
            return
        text = rewrite(row.question, row.inputs, draw.texts) if _reads_well(row, draw) else None
        if text is None or text in texts or not isinstance(left, Value) or not isinstance(right, Value):
            continue
        answer = _written(left, row.answer)
        if same_value(left, right) and (not row.choices or answer in row.choices):
            texts.add(text)
            made += 1
            yield Item(question=text, answer=answer, answer_kind=row.answer_kind, choices=tuple(row.choices))


def _reads_well(row: Survivor, draw: Draw) -> bool:
    """Whether no count became 1, which would stand before a plural."""
    return not any(draw.texts[one.name] == "1" != one.value for one in row.inputs)


def _written(value: Value, stated: str) -> str:
    """Write a value as the stated answer is written: a fraction as a fraction, else in decimals where they end."""
    number = exact(value)
    if number is None:
        return value.text
    if "/" in stated or number.denominator == 1:
        return str(number)
    decimals = max(len(stated.partition(".")[2]), 6)
    shown = f"{float(number):.{decimals}f}".rstrip("0")
    return shown if Fraction(shown) == number else str(float(number))
