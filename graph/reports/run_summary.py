"""What a run came to, in one record: all that its card, its report and its pictures are written from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agents.rows import Refusal, Survivor
from graph.reports.funnel import Funnel
from graph.reports.pictures.figures import Dot, Figures, Moment, bars, coverage_cells, gates, pass_rates
from graph.settings import Settings


@dataclass(frozen=True)
class RunSummary:
    """A run at one moment.

    Attributes:
        settings: How it goes.
        rows: Of the dataset.
        refusals: Candidates that were not kept.
        coverage: Cells asked for, as in `coverage.json`.
        funnel: Counts.
        ending: Why it ended; empty while it goes on.
        forced: Differences over which it went on by `--force`.
        timeline: Where it stood, from its beginning on.
        dots: Where its kept questions lie among each other.
        dots_share: How much of their spread that shows.
    """

    settings: Settings
    rows: Sequence[Survivor]
    refusals: Sequence[Refusal]
    coverage: Sequence[Mapping[str, Any]]
    funnel: Funnel
    ending: str = ""
    forced: Sequence[str] = ()
    timeline: Sequence[Moment] = ()
    dots: Sequence[Dot] = field(default=())
    dots_share: float = 0.0

    def figures(self) -> Figures:
        """Return what the pictures show."""
        funnel, refused = self.funnel, self.funnel.refused_attempts
        return Figures(
            run=self.settings.run_name,
            state=self.ending,
            target=self.settings.target,
            rows=len(self.rows),
            candidates=funnel.ended,
            kept=funnel.kept,
            calls=funnel.total.calls,
            tokens=funnel.total.tokens,
            usd=funnel.total.usd,
            written=sum(refused.values()) + funnel.kept,
            gates=gates(refused, funnel.kept),
            coverage=coverage_cells(self.coverage),
            quality=bars(row.quality for row in self.rows),
            hops=bars(row.hops for row in self.rows),
            pass_rate=bars(pass_rates(self.rows), pass_rates(self.refusals)),
            timeline=list(self.timeline),
            dots=list(self.dots),
            dots_share=self.dots_share,
        )
