"""How hard is hard enough: the band of pass rates, and when enough samples are in to decide."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from dataclasses import dataclass
from typing import Any, Literal, TypeVar

from agents.errors import Unreadable
from agents.records import Answer, Question
from graph.setting_values import span
from graph.settings import Settings

T = TypeVar("T")
Ask = Callable[[int], Coroutine[Any, Any, Answer]]
"""Asks for the sample of that number; raises `Unreadable`."""
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

    def holds_some(self, samples: int) -> bool:
        """Say whether a question can lie in it at all."""
        return any(self.low <= passed / samples <= self.high for passed in range(samples + 1))

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


@dataclass
class Samples:
    """What the Defender said to one question so far; `sampled` also counts replies that could not be read."""

    answers: list[Answer]
    passed: int
    sampled: int
    unread: Unreadable | None = None

    async def go_on(self, band: Band, ask: Ask, question: Question, *, first: int, most: int) -> bool:
        """Ask until the verdict is decided, or `first` samples are in and one of them can be read.

        Returns:
            Whether it is decided; never later than after `most` samples.
        """

        async def sample(number: int) -> Answer | None:
            try:
                return await ask(number)
            except Unreadable as error:
                self.unread = error  # it has shown nothing about the question
                return None

        while wave := band.next_wave(self.passed, len(self.answers), max(0, most - self.sampled)):
            if self.sampled >= first and self.answers:
                return False
            wave = min(wave, max(first - self.sampled, 1))
            for reply in await all_finished(sample(self.sampled + more) for more in range(wave)):
                if reply is not None:
                    self.answers.append(reply)
                    self.passed += question.accepts(reply.answer)
            self.sampled += wave
        return True


async def all_finished(work: Iterable[Coroutine[Any, Any, T]]) -> list[T]:
    """Wait for all, also where one fails: what is paid for is recorded before the first failure is raised."""
    results = await asyncio.gather(*work, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result
    return [result for result in results if not isinstance(result, BaseException)]
