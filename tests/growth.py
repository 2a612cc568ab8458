"""How the time of work grows with the length of what is read: a ratio of one process, never seconds."""

import time
from collections.abc import Callable


def assert_not_quadratic(work: Callable[[int], object]) -> None:
    """Do the work at two sizes, one 16 times the other, each twice, and compare the better times.

    Quadratic work would take 256 times as long; what takes no time is no matter.
    """
    short, long = (min(_clocked(work, size) for _ in range(2)) for size in (1_000, 16_000))
    assert long < 64 * max(short, 0.001)


def _clocked(work: Callable[[int], object], size: int) -> float:
    began = time.process_time()
    work(size)
    return time.process_time() - began
