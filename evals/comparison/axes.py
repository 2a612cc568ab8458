"""The axes of an ablation: by what of a row its arms are told apart. To add one, write one row of `AXES`.

An arm of an axis is named `hops=3`, or `level=L1+L2+L3` where several values count as one. A value is what the row
holds, so what a run has done to all its rows alike cannot be told apart afterwards: give it rows of two runs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from statistics import quantiles
from typing import NamedTuple

from agents.errors import SetupError
from evals.comparison.pool import PoolRow

THIRDS = ("far", "middle", "near")
"""Of an axis of numbers: the pool's own thirds, from the lowest numbers up."""


class Axis(NamedTuple):
    """One axis.

    Attributes:
        about: What it tells apart, in a few words.
        value: What a row has of it: a name, or a number that is cut into thirds; None where the row does not say.
        order: The names in their order; empty where they sort by themselves.
        lacking: What to do where the rows all have the same, or none.
        ordered: Whether the names go from less to more, so that there may be an optimum inside.
    """

    about: str
    value: Callable[[PoolRow], str | float | None]
    order: tuple[str, ...] = ()
    lacking: str = "take rows of another run too"
    ordered: bool = True


def _screened(row: PoolRow) -> str | None:
    """Say what the Defender's answers to a row were."""
    if row.pass_rate is None:
        return None
    return "failed" if row.pass_rate == 0 else "passed" if row.pass_rate == 1 else "mixed"


def _tool(row: PoolRow) -> str | None:
    return None if row.judge_tool is None else "used" if row.judge_tool else "unused"


AXES: dict[str, Axis] = {
    "hops": Axis("reasoning steps", lambda row: f"{row.hops}"),
    "level": Axis("level of the explanation", lambda row: row.level, lacking="generate with a lower --min-quality"),
    "size": Axis(
        "size of the numbers", lambda row: row.size or None, ("small", "school", "large"), "generate with all --sizes"
    ),
    "novelty": Axis("likeness to the nearest row that was there before", lambda row: row.nearness, THIRDS),
    "judge_tool": Axis(
        "the Judge's Python tool, before it submitted", _tool, ("unused", "used"),
        "the offline Judge never uses it; add rows of a run whose Judge did", ordered=False,
    ),
    "screening": Axis(
        "what the Defender answered", _screened, ("failed", "mixed", "passed"),
        "a run with --pass-rate 0..1 keeps also what its Defender gets right",
    ),
    "proof": Axis(
        "how far the answer is proved", lambda row: row.proof or None, ("agreed", "cited", "computed", "perturbed"),
        "a run with --proof agreed keeps also what is proved less",
    ),
}  # fmt: skip


def labels(axis: str, pool: Sequence[PoolRow]) -> list[str]:
    """Return each row's value by name, empty where it has none."""
    values = [AXES[axis].value(row) for row in pool]
    numbers = [value for value in values if isinstance(value, float)]
    cuts = quantiles(numbers, n=len(THIRDS)) if len(set(numbers)) > 1 else []
    return [
        THIRDS[sum(value > cut for cut in cuts)] if isinstance(value, float) else value or ""
        for value in values
    ]  # fmt: skip


def bins(axis: str, pool: Sequence[PoolRow], wanted: str = "") -> dict[str, int]:
    """Count the rows of each bin, in the axis' order.

    Args:
        axis: Its name.
        pool: The rows.
        wanted: Bins with commas between, several values as one with `+`; each value by itself where empty.

    Raises:
        SetupError: The rows hold fewer than two bins, or a wanted one is not there.
    """
    found = labels(axis, pool)
    order = AXES[axis].order
    there = sorted({*found} - {""}, key=lambda name: (order.index(name) if order else 0, len(name), name))
    if len(there) < 2:
        have = f"all of one, {there[0]!r}" if there else "without it"
        raise SetupError(f"--by {axis}: the pool's {len(pool)} rows are {have}; {AXES[axis].lacking}")
    named = [name.strip() for name in wanted.split(",") if name.strip()] or there
    for part in (part for name in named for part in name.split("+")):
        if part not in there:
            raise SetupError(f"--bins: no row has {axis} {part!r}; choose from {', '.join(there)}")
    if len(named) < 2:
        raise SetupError(f"--bins {wanted!r}: name at least two, with commas between")
    return {name: sum(found.count(part) for part in name.split("+")) for name in named}


def rows_of(axis: str, name: str, pool: Sequence[PoolRow]) -> list[PoolRow]:
    """Return the rows of a bin."""
    parts = name.split("+")
    return [row for row, label in zip(pool, labels(axis, pool), strict=True) if label in parts]
