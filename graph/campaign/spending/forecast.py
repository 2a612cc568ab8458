"""Whether a campaign can still reach its target: tell early that it will fall short, stop where nothing comes.

Counted are rows, not survivors: where only easy rows are wanted, other survivors go to the reserve and help nothing.
"""

from __future__ import annotations

import math
import time

from agents.records import Outcome
from graph.settings import Settings

ENOUGH = 20
"""Candidates that must have ended before anything is said about those to come."""


class Forecast:
    """Watches how candidates end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._barren = self._ended_here = 0
        self._began = time.monotonic()
        self._warned = False

    def hopeless(self, outcome: Outcome, reason: str, *, added: bool) -> str:
        """Count a candidate that ended; say why to stop, where too many in a row added no row, else nothing."""
        self._ended_here += 1
        self._barren = 0 if added else self._barren + 1
        if self._barren < self._settings.give_up_after:
            return ""
        last = f"the last one {outcome}" + (f": {reason[:200]}" if reason else ", and not of the kind that is missing")
        return f"{self._barren} candidates in a row added no row, {last} (--give-up-after)"

    def needed(self, ended: int, rows: int, missing: int) -> int:
        """Return how many candidates at once the missing rows are likely to take; more would be paid for in vain."""
        return max(1, math.ceil(missing * (ended + 1) / (rows + 1)))

    def shortfall(self, ended: int, rows: int, usd: float, tokens: int) -> str:
        """Say, once, that a bound will be met long before the target, even if luck is good."""
        settings, minutes = self._settings, (time.monotonic() - self._began) / 60
        certain = _left(settings.max_candidates, ended, 1.0) < settings.target - rows
        if self._warned or not (certain or ended >= ENOUGH):
            return ""
        came = min(rows, ended)  # a row may be there a moment before its candidate is counted
        _, best = wilson(came, ended)
        room = {
            "--max-candidates": _left(settings.max_candidates, ended, 1.0),
            "--max-usd": _left(settings.max_usd, usd, usd / ended),
            "--max-tokens": _left(settings.max_tokens, tokens, tokens / ended),
            "--max-minutes": _left(settings.max_minutes, minutes, minutes / max(1, self._ended_here)),
        }
        bound = min(room, key=lambda name: room[name])
        if rows + room[bound] * best >= settings.target:
            return ""
        self._warned = True
        likely = rows + int(room[bound] * came / ended)
        return (
            f"{rows} rows came of {ended} candidates so far: {bound} will be met at about {likely} of "
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
