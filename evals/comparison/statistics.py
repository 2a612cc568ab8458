"""What can be said of the difference of two arms: a two-level bootstrap over seeds and items, McNemar, and power."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

DISCORDANCE = 0.3
"""Share of items on which two arms of like strength differ, as seen on the small task."""
REPETITIONS = 4000

Scores = Sequence[Sequence[bool]]
"""By seed, then by item: whether the answer was right."""


class Interval(NamedTuple):
    """A mean with its 95 % interval, in points."""

    mean: float
    low: float
    high: float

    @property
    def excludes_zero(self) -> bool:
        """Whether all of it is on one side of zero."""
        return self.low > 0 or self.high < 0

    def __str__(self) -> str:
        return f"{self.mean:+.1f} [{self.low:+.1f}, {self.high:+.1f}]"


def visible(items: int) -> float:
    """Return the difference, in points, below which one run over so many items shows nothing."""
    return 100 * 1.96 * math.sqrt(DISCORDANCE / items)


def accuracy(scores: Scores, seed: int = 0) -> Interval:
    """Return the accuracy in points, by resampling seeds, then items."""
    return _bootstrap(100 * np.asarray(scores, dtype=float), seed)


def difference(ours: Scores, theirs: Scores, seed: int = 0) -> Interval:
    """Return ours less theirs, in points, paired by seed and item."""
    return _bootstrap(100 * (np.asarray(ours, dtype=float) - np.asarray(theirs, dtype=float)), seed)


def deviation(scores: Scores) -> float | None:
    """Return the standard deviation between seeds, in points; None for a single one."""
    means = 100 * np.asarray(scores, dtype=float).mean(axis=1)
    return float(means.std(ddof=1)) if len(means) > 1 else None


def mcnemar(ours: Scores, theirs: Scores) -> float:
    """Return the exact two-sided p: over the items on which, counted over the seeds, one arm is right more often."""
    lead = np.asarray(ours, dtype=int).sum(axis=0) - np.asarray(theirs, dtype=int).sum(axis=0)
    won, lost = int((lead > 0).sum()), int((lead < 0).sum())
    outer = 2 * sum(math.comb(won + lost, count) for count in range(min(won, lost) + 1))
    return min(1.0, outer / (1 << (won + lost)))


def _bootstrap(values: np.ndarray, seed: int) -> Interval:
    """Resample seeds, and the same items in all of them."""
    rng = np.random.default_rng(seed)
    seeds, items = values.shape
    of_seeds = rng.multinomial(seeds, np.full(seeds, 1 / seeds), size=REPETITIONS)
    of_items = rng.multinomial(items, np.full(items, 1 / items), size=REPETITIONS)
    means = ((of_seeds @ values) * of_items).sum(axis=1) / (seeds * items)
    low, high = np.percentile(means, [2.5, 97.5])
    return Interval(float(values.mean()), float(low), float(high))
