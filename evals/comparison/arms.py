"""The arms of a comparison: which rows each is tuned on. To add one, write one function and one row.

Controls say what a difference is due to: `random_matched` separates well chosen from few, `random_same_mix` separates
the choice of rows from the mix of skills and hops that comes with it, `full_matched_steps` separates rows from steps.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from random import Random
from typing import Literal, NamedTuple

from agents.errors import SetupError
from evals.comparison.axes import AXES, rows_of
from evals.comparison.pool import PoolRow
from graph.curriculum.selections import SELECTIONS


class Sources(NamedTuple):
    """What arms are drawn from; without a run's own survivors, those of the pool are what the rule `paper` takes."""

    pool: Sequence[PoolRow]
    survivors: Sequence[PoolRow]
    n: int


Draws = Callable[[Sources, Random], list[PoolRow]]


class Arm(NamedTuple):
    """An arm: its rows, whether it is a control, whose answers its rule looks at, and whose steps it takes."""

    rows: Draws
    control: bool = False
    graded_by: Literal["", "start", "tuned"] = ""
    steps_of: str = ""


def _none(_: Sources, __: Random) -> list[PoolRow]:
    return []


def _survivors(sources: Sources, rng: Random) -> list[PoolRow]:
    if sources.survivors:
        return _some(sources.survivors, sources.n, rng)
    return SELECTIONS["paper"].choose(sources.pool, sources.n, rng)


def _random_matched(sources: Sources, rng: Random) -> list[PoolRow]:
    return _some(sources.pool, sources.n, rng)


def _random_same_mix(sources: Sources, rng: Random) -> list[PoolRow]:
    """Draw blindly, as many of each skill and number of hops as the survivors of the same seed have."""
    wanted = Counter(row.mix for row in _survivors(sources, rng))
    rows = list[PoolRow]()
    for mix, many in sorted(wanted.items()):
        rows += _some([row for row in sources.pool if row.mix == mix], many, rng)
    taken = {row.prompt for row in rows}
    others = [row for row in sources.pool if row.prompt not in taken]
    return rows + _some(others, min(sources.n, wanted.total()) - len(rows), rng)


def _full(sources: Sources, _: Random) -> list[PoolRow]:
    return list(sources.pool)


def _some(rows: Sequence[PoolRow], most: int, rng: Random) -> list[PoolRow]:
    return rng.sample(list(rows), min(len(rows), max(0, most)))


def _selected(rule: str) -> Draws:
    return lambda sources, rng: SELECTIONS[rule].choose(sources.pool, sources.n, rng)


ARMS: dict[str, Arm] = {
    "base": Arm(_none, control=True),
    "survivors": Arm(_survivors, graded_by="start"),
    "random_matched": Arm(_random_matched, control=True),
    "random_same_mix": Arm(_random_same_mix, control=True, graded_by="start"),
    "full": Arm(_full, control=True),
    "full_matched_steps": Arm(_full, control=True, steps_of="random_matched"),
    **{
        rule: Arm(_selected(rule), graded_by=selection.graded_by)
        for rule, selection in SELECTIONS.items()
        if selection.measures == "pass_rate"
    },
}
"""The rule `fit` is not here: the pools of arms hold one explanation of each question."""


def find_arm(name: str) -> Arm:
    """Return an arm by its name, which may be a bin of an axis, as `hops=3`.

    Raises:
        SetupError: There is no such arm.
    """
    axis, mark, value = name.partition("=")
    if mark and axis in AXES:
        return Arm(lambda sources, rng: _some(rows_of(axis, value, sources.pool), sources.n, rng))
    if name not in ARMS:
        raise SetupError(f"--arms: there is no arm {name!r}; choose from {', '.join(ARMS)}")
    return ARMS[name]


def arm_rows(name: str, sources: Sources, seed: int) -> list[PoolRow]:
    """Return an arm's rows for a seed.

    Raises:
        SetupError: There is no such arm, or it would be empty.
    """
    rows = find_arm(name).rows(sources, Random(f"arm/{seed}"))  # noqa: S311  # repeatable, not secret
    if not rows and name != "base":
        raise SetupError(f"arm {name!r} is empty: the pool has {len(sources.pool)} rows, and none of them fits")
    return rows
