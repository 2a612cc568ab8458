"""What the pictures show, and nothing else: small enough to be written every minute and read for each page.

`figures.json` in the run's folder holds it; a picture is a function of this record alone.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import Field

from agents.records import Outcome, Record
from agents.rows import Refusal, Survivor
from tools.files.whole import write_whole

FILE = "figures.json"

GATES: tuple[Outcome, ...] = (
    "failed",
    "malformed",
    "off_brief",
    "contaminated",
    "duplicate",
    "too_easy",
    "unverified",
    "low_quality",
    "rejected_in_review",
)
"""Why a question may be refused, in the order in which that is found out."""


class Gate(Record):
    """One reason to refuse: how many questions it took, and how many were left."""

    name: str
    refused: int
    left: int


class CoverageCell(Record):
    """One topic and number of hops, all skills together."""

    topic: str
    hops: int
    asked: int
    kept: int
    answers: int
    wrong: int


class Bar(Record):
    """How many questions had this value: those that were kept, and those that were refused."""

    value: float
    kept: int
    refused: int = 0


class Moment(Record):
    """Where the run stood after so many seconds of work; `usd` is None where a price is unknown."""

    seconds: float
    candidates: int
    rows: int
    usd: float | None
    tokens: int


class Dot(Record):
    """Where a kept question lies among the others, in two dimensions from 0 to 1."""

    x: float
    y: float
    topic: str


class Figures(Record):
    """All that the pictures and tiles of one run show."""

    run: str
    state: str = Field(description="why the run ended; empty while it goes on")
    target: int
    rows: int
    candidates: int = Field(description="candidates that have ended")
    kept: int = Field(description="of them, those that were kept, survivors in reserve included")
    calls: int
    tokens: int
    usd: float | None
    written: int = Field(description="questions that were written")
    gates: list[Gate]
    coverage: list[CoverageCell]
    quality: list[Bar]
    hops: list[Bar]
    pass_rate: list[Bar]
    timeline: list[Moment]
    dots: list[Dot] = Field(description="a sample of the kept questions, where there are many")
    dots_share: float = Field(description="how much of the spread of all embeddings the two dimensions show")

    @property
    def seconds(self) -> float:
        """Seconds of work so far, breaks between sittings left out."""
        return self.timeline[-1].seconds if self.timeline else 0.0


def gates(refused: Mapping[str, int], kept: int) -> list[Gate]:
    """Follow the questions from the first check to the last."""
    left = sum(refused.values()) + kept
    passed = []
    for name in (*GATES, *sorted(set(refused) - set(GATES))):
        if count := refused.get(name, 0):
            left -= count
            passed.append(Gate(name=name, refused=count, left=left))
    return passed


def coverage_cells(coverage: Sequence[Mapping[str, Any]]) -> list[CoverageCell]:
    """Add up the cells of `coverage.json` over their skills."""
    sums: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for cell in coverage:
        counted = ("candidates", "kept", "answers", "wrong")
        sums[cell["topic"], cell["hops"]].update({name: cell[name] for name in counted})
    return [
        CoverageCell(
            topic=topic, hops=hops, asked=sums[topic, hops]["candidates"],
            **{name: sums[topic, hops][name] for name in ("kept", "answers", "wrong")},
        )
        for topic, hops in sorted(sums)
    ]  # fmt: skip


def bars(kept: Iterable[float], refused: Iterable[float] = ()) -> list[Bar]:
    """Count values."""
    ours, others = Counter(kept), Counter(refused)
    return [Bar(value=value, kept=ours[value], refused=others[value]) for value in sorted({*ours, *others})]


def pass_rates(ended: Iterable[Survivor | Refusal]) -> list[float]:
    """Return the shares of right answers where the Defender answered, to the percent."""
    defences = (one.defender for one in ended)
    return [round(defence.passed / defence.samples, 2) for defence in defences if defence and defence.samples]


def write_figures(folder: Path, figures: Figures) -> None:
    """Replace the file in one step."""
    write_whole(folder / FILE, figures.model_dump_json() + "\n")


def read_figures(folder: Path) -> Figures | None:
    """Return the figures of the run in this folder; None where none are written yet, or by another version."""
    try:
        return Figures.model_validate_json((folder / FILE).read_bytes())
    except (OSError, ValueError):
        return None
