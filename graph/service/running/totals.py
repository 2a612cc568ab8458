"""What was done since the service started, summed over its runs."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from graph.campaign.worker import Event


@dataclass
class Totals:
    """Sums that only grow."""

    started: int = 0
    outcomes: Counter[str] = field(default_factory=Counter)
    calls: int = 0
    tokens: int = 0
    usd: float = 0.0

    def count(self, event: Event) -> None:
        """Count an event of a campaign; what earlier sittings of its run did is in none."""
        if event["type"] == "call":
            usage = event["usage"]
            self.calls += usage["calls"]
            self.tokens += usage["input_tokens"] + usage["output_tokens"]
            self.usd += usage["usd"] or 0.0
        elif event["type"] == "end":
            self.outcomes[event["outcome"]] += 1
