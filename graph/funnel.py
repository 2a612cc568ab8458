"""The funnel: how many candidates ended in which outcome, and what they cost by seat."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.schema import OUTCOMES, Outcome, Refusal, SeatName, SeatUsage, Survivor
from graph.store import total_usage


@dataclass
class Funnel:
    """Counts of one run, kept up to date while it goes."""

    target: int
    outcomes: Counter[Outcome] = field(default_factory=Counter)
    usage: dict[SeatName, SeatUsage] = field(default_factory=lambda: total_usage([]))

    @classmethod
    def of(cls, target: int, survivors: Sequence[Survivor], refusals: Sequence[Refusal]) -> Funnel:
        """Count what a run has already come to."""
        outcomes: Counter[Outcome] = Counter(refusal.outcome for refusal in refusals)
        if survivors:
            outcomes["kept"] = len(survivors)
        ended: list[Survivor | Refusal] = [*survivors, *refusals]
        return cls(target, outcomes, total_usage(row.usage for row in ended))

    def add_usage(self, more: dict[SeatName, SeatUsage]) -> None:
        """Count paid calls."""
        self.usage = total_usage([self.usage, more])

    @property
    def kept(self) -> int:
        """Survivors so far, those in reserve included."""
        return self.outcomes["kept"]

    @property
    def ended(self) -> int:
        """Candidates that came to an end."""
        return sum(count for outcome, count in self.outcomes.items() if outcome != "stopped")

    def as_json(self) -> dict[str, Any]:
        """Return what `funnel.json` holds."""
        return {
            "target": self.target,
            "kept": self.kept,
            "reserve": max(0, self.kept - self.target),
            "candidates": self.outcomes.total(),
            "outcomes": {outcome: self.outcomes[outcome] for outcome in OUTCOMES},
            "usage": {seat: usage.model_dump() for seat, usage in self.usage.items()},
        }

    def to_json(self) -> str:
        """Write `funnel.json`."""
        return json.dumps(self.as_json(), indent=2) + "\n"

    def lines(self) -> list[str]:
        """Tell the funnel in a few plain lines."""
        lines = [f"{self.outcomes.total()} candidates:"]
        lines += [f"  {outcome:<20}{self.outcomes[outcome]:>6}" for outcome in OUTCOMES if self.outcomes[outcome]]
        for seat, usage in self.usage.items():
            money = "price unknown" if usage.usd is None else f"${usage.usd:.4f}"
            tokens = f"{usage.input_tokens:,} in, {usage.output_tokens:,} out"
            lines.append(f"  {seat:<10}{usage.calls:>7,} calls  {tokens}  {money}")
        return lines
