"""What a run will take, as a range: from a few candidates that were really tried, or from prices alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from agents.models.seat import Seat
from agents.records import SEATS, SeatName
from graph.campaign.sample import Sample, used_in_all
from graph.campaign.spending.forecast import wilson
from graph.settings import Settings

LEAST_YIELD, MOST_YIELD = 0.1, 0.7
"""Share of candidates that become rows where nothing is known: a hard Defender and an easy one."""
UNCERTAIN = 1.5
"""Factor by which a mean of few candidates may miss the mean of many."""


@dataclass(frozen=True)
class Span:
    """A range, lowest first; None where nothing is known."""

    low: float
    high: float

    def __str__(self) -> str:
        """Write it shortly."""
        low, high = _short(self.low), _short(self.high)
        return low if low == high else f"{low} to {high}"

    def times(self, other: Span) -> Span:
        """Multiply two ranges of numbers that are not negative."""
        return Span(self.low * other.low, self.high * other.high)


@dataclass(frozen=True)
class Calls:
    """Calls of a seat for one candidate, and the tokens of one call."""

    calls: Span
    tokens_in: Span
    tokens_out: Span


@dataclass(frozen=True)
class Estimate:
    """What a run will take."""

    basis: str
    candidates: Span
    calls: Span
    tokens: Span
    usd: Span | None
    """None where a price is not known."""
    minutes: Span | None
    """None where nothing was measured."""

    def as_json(self) -> dict[str, Any]:
        """Return it as plain data."""
        return asdict(self)

    def lines(self, settings: Settings) -> list[str]:
        """Say it, and which bounds will be met before."""
        rows = [
            f"{settings.target} rows are likely to take ({self.basis}):",
            f"  candidates  {self.candidates}",
            f"  calls       {self.calls}",
            f"  tokens      {self.tokens}",
            f"  dollars     {self.usd or 'unknown: state --prices'}",
            f"  minutes     {self.minutes or 'unknown: measured only with calls'}",
        ]
        bounds = {
            "--max-candidates": (settings.max_candidates, self.candidates),
            "--max-tokens": (settings.max_tokens, self.tokens),
            "--max-usd": (settings.max_usd, self.usd),
            "--max-minutes": (settings.max_minutes, self.minutes),
        }
        for flag, (bound, needed) in bounds.items():
            if bound is not None and needed is not None and bound < needed.high:
                sure = "will" if bound < needed.low else "may"
                rows.append(f"{flag} {bound:g} {sure} be met before the target")
        return rows


def typical(settings: Settings) -> dict[SeatName, Calls]:
    """Return what candidates take in general: attempts, samples and turns as the settings allow, tokens as seen."""
    attempts, samples = settings.max_attempts, settings.defender_samples
    return {
        "attacker": Calls(Span(1, attempts), Span(1500, 4000), Span(300, 4000)),
        "defender": Calls(Span(1, samples * attempts), Span(150, 800), Span(100, 4000)),
        "judge": Calls(Span(2, min(settings.judge_turns + 1, 4) * attempts), Span(1000, 4000), Span(200, 3000)),
    }


def from_prices(settings: Settings, seats: Mapping[SeatName, Seat]) -> Estimate:
    """Estimate without a call: from what candidates take in general, and from the prices of the seats."""
    candidates = Span(settings.target / MOST_YIELD, settings.target / LEAST_YIELD)
    usual = typical(settings)
    calls = Span(*(sum(getattr(usual[seat].calls, end) for seat in SEATS) for end in ("low", "high")))
    tokens, usd = [0.0, 0.0], [0.0, 0.0]
    known = True
    for place, end in enumerate(("low", "high")):
        for seat in SEATS:
            many, given, made = (
                getattr(span, end) for span in (usual[seat].calls, usual[seat].tokens_in, usual[seat].tokens_out)
            )
            tokens[place] += many * (given + made)
            price = seats[seat].price(int(many * given), int(many * made), 0)
            known = known and price is not None
            usd[place] += price or 0.0
    return Estimate(
        basis="from prices and what candidates take in general; no call was made",
        candidates=candidates,
        calls=calls.times(candidates),
        tokens=Span(*tokens).times(candidates),
        usd=Span(*usd).times(candidates) if known else None,
        minutes=None,
    )


def from_sample(settings: Settings, tried: Sample) -> Estimate:
    """Estimate from candidates that were tried: their means, and the 95 % interval of their yield."""
    low, high = wilson(len(tried.kept), tried.many)
    candidates = Span(settings.target / high, settings.target / max(low, 1 / (2 * settings.give_up_after)))
    used = used_in_all(tried.usage)
    side_by_side = max(1, min(settings.slots, settings.target) / min(settings.slots, tried.many))

    def each(total: float) -> Span:
        return Span(total / tried.many / UNCERTAIN, total / tried.many * UNCERTAIN).times(candidates)

    return Estimate(
        basis=f"from {tried.many} candidates that were tried, {len(tried.kept)} of them kept",
        candidates=candidates,
        calls=each(used.calls),
        tokens=each(used.tokens),
        usd=None if used.usd is None else each(used.usd),
        minutes=each(tried.seconds / 60 / side_by_side),
    )


def _short(value: float) -> str:
    """Write two or three digits that mean something."""
    if value >= 100:
        digits = 10 ** (len(str(int(value))) - 2)
        return f"{round(value / digits) * digits:,.0f}"
    return f"{value:.0f}" if value >= 10 else f"{value:.2g}"
