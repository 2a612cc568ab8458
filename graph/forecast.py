"""Whether a campaign can still reach its target: tell early that it will fall short, stop where nothing comes."""

from __future__ import annotations

import math

from agents.schema import Outcome
from graph.funnel import Funnel
from graph.settings import Settings

ENOUGH = 20
"""Candidates that must have ended before anything is said about those to come."""


class Forecast:
    """Watches how candidates end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._barren = 0
        self._warned = False

    def hopeless(self, outcome: Outcome, reason: str) -> str:
        """Say why to stop: too many candidates in a row without a survivor; empty while there is hope."""
        self._barren = 0 if outcome == "kept" else self._barren + 1
        if self._barren < self._settings.give_up_after:
            return ""
        last = f"the last one {outcome}: {reason[:200]}"
        return f"{self._barren} candidates in a row ended without a survivor, {last} (--give-up-after)"

    def needed(self, funnel: Funnel, missing: int) -> int:
        """Return how many candidates at once the missing rows are likely to take; more would be paid for in vain."""
        return max(1, math.ceil(missing * (funnel.ended + 1) / (funnel.kept + 1)))

    def shortfall(self, funnel: Funnel, rows: int) -> str:
        """Say, once, that a bound will be met long before the target, even if luck is good."""
        ended = funnel.ended
        if self._warned or ended < ENOUGH:
            return ""
        _, best = wilson(funnel.kept, ended)
        spent, settings = funnel.total, self._settings
        room = {
            "--max-candidates": _left(settings.max_candidates, ended, 1.0),
            "--max-usd": _left(settings.max_usd, spent.usd or 0.0, (spent.usd or 0.0) / ended),
            "--max-tokens": _left(settings.max_tokens, funnel.tokens, funnel.tokens / ended),
        }
        bound = min(room, key=lambda name: room[name])
        if rows + room[bound] * best >= settings.target:
            return ""
        self._warned = True
        likely = rows + int(room[bound] * funnel.kept / ended)
        return (
            f"{funnel.kept} of {ended} candidates were kept so far: {bound} will be met at about {likely} of "
            f"{settings.target} rows"
        )


def _left(bound: float | None, used: float, each: float) -> float:
    """Return how many more candidates a bound allows."""
    return math.inf if bound is None or not each else max(0.0, (bound - used) / each)


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Return the 95 % Wilson interval of a share."""
    share, room = hits / of, z * z / of
    middle = (share + room / 2) / (1 + room)
    half = z / (1 + room) * math.sqrt(share * (1 - share) / of + room / (4 * of))
    return max(0.0, middle - half), min(1.0, middle + half)
