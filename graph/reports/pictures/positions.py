"""Where questions lie in two dimensions: the first two principal components of their embeddings."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

MOST = 3000
"""Questions that are placed; more could not be told apart on a map of this size."""


class Positions(NamedTuple):
    """Coordinates from 0 to 1, one pair a vector, and the share of the spread that they show."""

    points: list[tuple[float, float]]
    share: float


def positions(vectors: npt.NDArray[np.float32]) -> Positions:
    """Project vectors on their two directions of widest spread; fewer than three have none.

    Both axes have one scale, and a direction counts as positive where its largest part is, so that the same vectors
    give the same map.
    """
    if len(vectors) < 3:
        return Positions([], 0.0)
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    spread, directions = np.linalg.eigh(centred.T @ centred)
    first, second = directions[:, -1], directions[:, -2]
    flat = np.stack([_turned(first), _turned(second)], axis=1)
    found = centred @ flat
    extent = float(np.ptp(found, axis=0).max())
    total = float(spread.sum())
    if extent < 1e-9 or total <= 0:
        return Positions([(0.5, 0.5)] * len(vectors), 1.0)
    middle = (found.max(axis=0) + found.min(axis=0)) / 2
    placed = np.round((found - middle) / extent + 0.5, 3)
    return Positions([(float(x), float(y)) for x, y in placed], round(float(spread[-2:].sum()) / total, 3))


def _turned(direction: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Choose one of the two signs, which are equally right."""
    return direction if direction[np.abs(direction).argmax()] > 0 else -direction


def sample(count: int, most: int = MOST) -> list[int]:
    """Choose evenly which of so many are placed."""
    return list(range(count)) if count <= most else [place * count // most for place in range(most)]
