"""The funnel: how many candidates ended in which outcome, and what they cost by seat, model and outcome."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from agents.records import OUTCOMES, Outcome, ProofGrade, SeatName, SeatUsage
from agents.rows import Refusal, Survivor
from graph.question.resources import seat_specs
from graph.question.state import Rejection
from graph.settings import Settings
from graph.storage.journal import total_usage

NOTHING = SeatUsage(usd=0.0)


class Funnel:
    """Counts of one run, kept up to date while it goes.

    Attributes:
        outcomes: Candidates by how they ended; `stopped` are those that have begun and not ended, once summed up.
        usage: Paid calls by seat, those of candidates that have not ended included.
        by_model: The same by model.
        by_outcome: Paid calls of candidates that ended, by how they did.
        lost: Calls whose end is unknown, at their worst-case cost; counted against the caps and in no other sum.
        waiting: Of the stopped, those that wait for a person's decision, once summed up.
        rows: Survivors in the dataset; the others are in reserve.
        proofs: Rows by their grade of proof.
        mix: Declared and actual shares of topics and hops among the rows.
        rejections: Why attempts were refused, those of candidates that were kept at last included.
    """

    def __init__(self, settings: Settings) -> None:
        self.target = settings.target
        self.outcomes: Counter[Outcome] = Counter()
        self.usage: dict[SeatName, SeatUsage] = total_usage([])
        self.by_model: dict[str, SeatUsage] = defaultdict(lambda: NOTHING)
        self.by_outcome: dict[Outcome, SeatUsage] = defaultdict(lambda: NOTHING)
        self.lost = NOTHING
        self.waiting = 0
        self.rows = 0
        self.proofs: Mapping[ProofGrade, int] = {}
        self.mix: dict[str, Any] = {}
        self.rejections: Sequence[Rejection] = ()
        self._settings = settings

    @classmethod
    def of(
        cls, settings: Settings, everybody: Sequence[Survivor | Refusal], used: Mapping[int, dict[SeatName, SeatUsage]]
    ) -> Funnel:
        """Count what a run has already come to, and what each of its candidates used."""
        funnel = cls(settings)
        of_outcome: dict[Outcome, list[int]] = defaultdict(list)
        for ended in everybody:
            of_outcome[ended.outcome].append(ended.index)
        for outcome, indexes in of_outcome.items():
            funnel.outcomes[outcome] = len(indexes)
            funnel.by_outcome[outcome] = SeatUsage.sum(usage for index in indexes for usage in used[index].values())
        for parity in (0, 1):  # who plays which seat depends on no more
            funnel.add_usage(parity, total_usage(usage for index, usage in used.items() if index % 2 == parity))
        return funnel

    def add(self, ended: Survivor | Refusal) -> None:
        """Count a candidate that ended; its calls were counted as they were made."""
        self.outcomes[ended.outcome] += 1
        self.by_outcome[ended.outcome] = SeatUsage.sum((self.by_outcome[ended.outcome], *ended.usage.values()))

    def add_usage(self, index: int, more: Mapping[SeatName, SeatUsage]) -> None:
        """Count paid calls of a candidate."""
        self.usage = total_usage([self.usage, dict(more)])
        models = seat_specs(self._settings, index)
        for seat, usage in more.items():
            if usage.calls:
                self.by_model[models[seat].model] = self.by_model[models[seat].model].plus(usage)

    @property
    def kept(self) -> int:
        """Survivors so far, those in reserve included."""
        return self.outcomes["kept"]

    @property
    def reserve(self) -> int:
        """Survivors beyond the target, for a larger one."""
        return self.kept - self.rows

    @property
    def ended(self) -> int:
        """Candidates that came to an end."""
        return sum(count for outcome, count in self.outcomes.items() if outcome != "stopped")

    @property
    def total(self) -> SeatUsage:
        """All paid calls."""
        return SeatUsage.sum(self.usage.values())

    @property
    def tokens(self) -> int:
        """Tokens in and out, of all calls."""
        return self.total.tokens

    @property
    def refused_attempts(self) -> dict[str, int]:
        """Questions that were refused, by outcome, also of candidates whose later question was kept."""
        return dict(sorted(Counter(rejection["outcome"] for rejection in self.rejections).items()))

    @property
    def spent_by_outcome(self) -> dict[Outcome, SeatUsage]:
        """Paid calls by how their candidate ended; those of candidates that have not are `stopped`."""
        spent = {**self.by_outcome, "stopped": _less(self.total, self.by_outcome.values())}
        return {outcome: spent[outcome] for outcome in OUTCOMES if outcome in spent}

    def as_json(self) -> dict[str, Any]:
        """Return what `funnel.json` holds."""
        usd, ended = self.total.usd, self.spent_by_outcome
        return {
            "target": self.target,
            "kept": self.kept,
            "reserve": self.reserve,
            "waiting": self.waiting,
            "candidates": self.outcomes.total(),
            "outcomes": {outcome: self.outcomes[outcome] for outcome in OUTCOMES},
            "refused_attempts": self.refused_attempts,
            "usage": {seat: usage.model_dump() for seat, usage in self.usage.items()},
            "usage_by_model": {model: usage.model_dump() for model, usage in sorted(self.by_model.items())},
            "usage_by_outcome": {outcome: usage.model_dump() for outcome, usage in ended.items()},
            "lost_calls": self.lost.model_dump(),
            "usd_per_survivor": round(usd / self.kept, 6) if usd is not None and self.kept else None,
            "proofs": dict(self.proofs),
            "mix": self.mix,
        }

    def to_json(self, ending: str = "") -> str:
        """Write `funnel.json`; with why the run ended, where it has."""
        return json.dumps({"ending": ending, **self.as_json()}, indent=2) + "\n"

    def lines(self) -> list[str]:
        """Return the funnel as a few lines of text."""
        lines = [f"{self.outcomes.total()} candidates:"]
        lines += [f"  {outcome:<20}{self.outcomes[outcome]:>6}" for outcome in OUTCOMES if self.outcomes[outcome]]
        if self.waiting:
            lines.append(f"  of the stopped, {self.waiting} wait for review")
        if refused := ", ".join(f"{outcome} {count}" for outcome, count in self.refused_attempts.items()):
            lines.append(f"  questions refused: {refused}")
        if self.proofs:
            lines.append(f"  proof: {', '.join(f'{grade} {count}' for grade, count in self.proofs.items())}")
        if self.reserve:
            lines.append(f"  {self.reserve} of the kept are in reserve, for a larger --target")
        for seat, usage in self.usage.items():
            lines.append(f"  {seat:<10}{usage.calls:>7,} calls  {spent(usage)}")
        if self.total.usd:
            lines.append(f"  total     {self.total.calls:>7,} calls  {spent(self.total)}")
        if self.total.usd and self.kept:
            lines.append(f"  ${self.total.usd / self.kept:.4f} for each survivor")
        if self.lost.calls:
            lines.append(
                f"  {self.lost.calls} calls have an unknown end; caps count their worst-case cost: {spent(self.lost)}"
            )
        return lines


def spent(usage: SeatUsage) -> str:
    """Put tokens and money into words."""
    money = "price unknown" if usage.usd is None else f"${usage.usd:.4f}"
    return f"{usage.input_tokens:,} in, {usage.output_tokens:,} out  {money}"


def _less(total: SeatUsage, parts: Any) -> SeatUsage:
    """Return what the parts leave of a total."""
    rest = total
    for part in parts:
        rest = SeatUsage(
            calls=rest.calls - part.calls,
            input_tokens=rest.input_tokens - part.input_tokens,
            output_tokens=rest.output_tokens - part.output_tokens,
            usd=None if rest.usd is None or part.usd is None else rest.usd - part.usd,
        )
    return rest
