"""How hard is hard enough: the band of pass rates, and when enough samples are in to decide."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from graph.settings import Settings, span

T = TypeVar("T")
Hardness = Literal["right", "too easy", "too hard"]


@dataclass(frozen=True)
class Band:
    """Shares of right answers, both ends included, between which a question is kept."""

    low: float
    high: float

    @classmethod
    def of(cls, settings: Settings) -> Band:
        """Read `--pass-rate`."""
        return cls(*span(settings.pass_rate))

    def verdict(self, passed: int, answered: int, left: int) -> Hardness | None:
        """Decide from the answers so far, None where the samples that are left could still change it."""
        if not answered:
            return None
        least, most = passed / (answered + left), (passed + left) / (answered + left)
        if least > self.high:
            return "too easy"
        if most < self.low:
            return "too hard"
        return "right" if least >= self.low and most <= self.high else None

    def next_wave(self, passed: int, answered: int, left: int) -> int:
        """Return how many samples to ask for at once: the fewest after which the verdict may stand; 0 once it does."""
        if not left or self.verdict(passed, answered, left):
            return 0
        for wave in range(1, left):
            futures = (self.verdict(passed + more, answered + wave, left - wave) for more in range(wave + 1))
            if any(futures):
                return wave
        return left


async def all_finished(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Wait for all, also where one fails: what is paid for is recorded before the first failure is raised."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]
