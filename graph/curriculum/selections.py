"""Which rows help: one rule a function, one row a rule. To add one, write both.

A rule chooses n rows of a pool whose rows say how often a model was right on them. `graph.run --select NAME` follows
the same rule while it generates: by the settings of `graph.selection_knobs`, and by where it aims. Where a pool has too
few rows that fit a rule, the rest is drawn from the others, so that arms stay equal in size.

Sources are papers by arXiv number. What they report holds for their models and sizes; `python -m evals.compare` says
what holds for yours.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal, Protocol, TypeVar

from agents.errors import SetupError

UNFIT = 1e-9
"""Weight of a row that a rule does not want: it is drawn only where no other is left."""


class Graded(Protocol):
    """What a rule may know of a row."""

    @property
    def prompt(self) -> str:
        """The question."""
        ...

    @property
    def skill(self) -> str:
        """The skill that the row exercises."""
        ...

    @property
    def hops(self) -> int:
        """Its reasoning steps."""
        ...

    @property
    def pass_rate(self) -> float | None:
        """Share of answers that were right; None where the model was not asked."""
        ...

    @property
    def surprisal(self) -> float | None:
        """Mean loss of the explanation under the model; None where it was not measured."""
        ...


R = TypeVar("R", bound=Graded)


class SelectionError(SetupError):
    """The pool lacks what the rule looks at."""


def paper(pool: Sequence[R], n: int, rng: Random) -> list[R]:
    """Take rows that the model fails: the rule of NanoFlux (2509.23252), which keeps what fails once."""
    return _weighted(pool, [float(_rate(row) == 0) for row in pool], n, rng)


def band(pool: Sequence[R], n: int, rng: Random) -> list[R]:
    """Take rows of pass rate .3 to .8: R-Zero (2508.05004), +6.5 on mathematics for a 4B model."""
    return _weighted(pool, [float(0.3 <= _rate(row) <= 0.8) for row in pool], n, rng)


def learnability(pool: Sequence[R], n: int, rng: Random) -> list[R]:
    """Draw with weight 4p(1-p), the variance of a right answer (2504.03380): up to 12 % in under half the steps."""
    return _weighted(pool, [_learnable(_rate(row)) for row in pool], n, rng)


def easy_share(pool: Sequence[R], n: int, rng: Random) -> list[R]:
    """Take 30 % of rows that the model gets right and the rest of those it fails: R-Few (2512.02472), +3.0 at 8B."""
    easy = _weighted(pool, [float(_rate(row) > 0.5) for row in pool], round(0.3 * n), rng)
    taken = {id(row) for row in easy}
    others = [row for row in pool if id(row) not in taken]
    return easy + _weighted(others, [float(_rate(row) <= 0.5) * (1 - _rate(row)) for row in others], n - len(easy), rng)


def weak_skills(pool: Sequence[R], n: int, rng: Random) -> list[R]:
    """Draw by the share of failures of the row's skill, whatever the row: SwS (2506.08989), +10.0 % at 7B.

    Failures are weighed by skill and not counted: where most rows are of a skill that the model masters, most failures
    are slips in it.
    """
    asked, failed = Counter[str](), defaultdict[str, float](float)
    for row in pool:
        asked[row.skill] += 1
        failed[row.skill] += 1 - _rate(row)
    return _weighted(pool, [failed[row.skill] / asked[row.skill] ** 2 for row in pool], n, rng)


def size_aware(pool: Sequence[R], n: int, rng: Random) -> list[R]:
    """Take easier rows where n is small, harder ones as it grows (2605.12906): the best difficulty moves with n."""
    wanted = 0.6 if n <= 100 else 0.5 if n <= 200 else 0.35 if n <= 2000 else 0.15
    return _weighted(pool, [max(0.0, 1 - 2 * abs(_rate(row) - wanted)) for row in pool], n, rng)


def fit(pool: Sequence[R], n: int, rng: Random) -> list[R]:
    """Of several explanations of a question take the one that surprises the learner least (RSR, 2601.14249).

    Raises:
        SelectionError: No row's surprisal was measured.
    """
    if all(row.surprisal is None for row in pool):
        raise SelectionError("fit takes the model's loss on each explanation, and no row of the pool has a surprisal")
    best: dict[str, R] = {}
    for row in sorted(pool, key=_surprise):
        best.setdefault(row.prompt, row)
    return _weighted(list(best.values()), [1.0] * len(best), n, rng)


def rounds(pool: Sequence[R], n: int, rng: Random) -> list[R]:
    """Draw a third blindly, then what a model tuned on that third fails, spread over skills and hops (2512.00884)."""
    first = blind_third(pool, n, rng)
    taken = {row.prompt for row in first}
    others = [row for row in pool if row.prompt not in taken]
    many = Counter((row.skill, row.hops) for row in others)
    weights = [(1 - _rate(row)) / many[row.skill, row.hops] for row in others]
    return first + _weighted(others, weights, n - len(first), rng)


def blind_third(pool: Sequence[R], n: int, rng: Random) -> list[R]:
    """Draw the first round of `rounds`, which comes first from the same random numbers."""
    return rng.sample(list(pool), min(len(pool), max(1, n // 3)))


@dataclass(frozen=True)
class Selection:
    """A rule.

    Attributes:
        choose: Takes n rows of a pool.
        aim: How much a skill is worth while a run generates, by the model's pass rate in it; None for no difference.
        graded_by: Whose answers the rows' pass rates are: the start's, or those of a model tuned on the first third.
        measures: What it looks at.
    """

    choose: Callable[[Sequence[R], int, Random], list[R]]
    aim: Callable[[float], float] | None = None
    graded_by: Literal["start", "tuned"] = "start"
    measures: Literal["pass_rate", "surprisal"] = "pass_rate"


def _learnable(rate: float) -> float:
    return 4 * rate * (1 - rate)


SELECTIONS: dict[str, Selection] = {
    "paper": Selection(paper),
    "band": Selection(band),
    "learnability": Selection(learnability, aim=lambda rate: 0.1 + _learnable(rate)),
    "easy_share": Selection(easy_share),
    "weak_skills": Selection(weak_skills, aim=lambda rate: 1.1 - rate),
    "size_aware": Selection(size_aware),
    "fit": Selection(fit, measures="surprisal"),
    "rounds": Selection(rounds, graded_by="tuned"),
}


def _rate(row: Graded) -> float:
    if row.pass_rate is None:
        raise SelectionError("the rule looks at pass rates, and a row of the pool has none; have the model answer it")
    return row.pass_rate


def _surprise(row: Graded) -> float:
    return float("inf") if row.surprisal is None else row.surprisal


def _weighted(pool: Sequence[R], weights: Sequence[float], n: int, rng: Random) -> list[R]:
    """Draw without replacement, each row by its weight."""
    keys = [-rng.expovariate(max(weight, UNFIT)) for weight in weights]
    ranks = [(weight > 0, key) for weight, key in zip(weights, keys, strict=True)]
    order = sorted(range(len(pool)), key=lambda place: ranks[place], reverse=True)
    return [pool[place] for place in order[:n]]
