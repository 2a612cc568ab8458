"""The curve over rounds: `report.md`, `curve.svg`, and what has become of the model in one sentence."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from agents.records import Record
from evals.comparison.statistics import difference, mcnemar, visible
from tools.files.whole import write_whole


class RoundScore(Record):
    """How a round ended: what its model answered right, and what it was tuned on; round 0 is the start.

    Attributes:
        right: By item of the benchmark.
        accuracy: Share of right answers, in points, with its 95 % interval.
        unread: Share of replies that could not be read, which count as wrong.
        kept: Survivors of this round.
        rows: Rows that the model was tuned on, those of the rounds before included.
        tokens: Of the training.
        generation_tokens: Of the run: all seats, what was refused included.
    """

    number: int
    right: list[bool]
    accuracy: float
    low: float
    high: float
    unread: float
    kept: int = 0
    rows: int = 0
    steps: int = 0
    tokens: int = 0
    generation_tokens: int = 0
    loss: float | None = None


def decision(scores: Sequence[RoundScore]) -> str:
    """Say how the last round's model stands beside the start; a null is said as a null."""
    first, last = scores[0], scores[-1]
    if last is first:
        return f"The start is right on {first.accuracy:.1f} % of {len(first.right)} items."
    gap, p = difference([last.right], [first.right]), mcnemar([last.right], [first.right])
    said = f"{first.accuracy:.1f} % to {last.accuracy:.1f} % in round {last.number}, {gap} points, McNemar p {p:.3f}"
    return f"Accuracy went from {said}." if gap.excludes_zero else f"Null: {said}; the interval includes 0."


def write_curve(folder: Path, scores: Sequence[RoundScore], about: str) -> str:
    """Write report and picture; return the decision."""
    said = decision(scores)
    _draw(folder / "curve.svg", scores)
    write_whole(folder / "report.md", "\n".join(_lines(scores, said, about)) + "\n")
    return said


def _lines(scores: Sequence[RoundScore], said: str, about: str) -> Iterator[str]:
    items = len(scores[0].right)
    yield f"# The curve over rounds: {about}\n\n**{said}**\n"
    yield f"With {items} items a difference under {visible(items):.1f} points cannot be seen. Each round is one"
    yield "training, and trainings on the same rows differ by their seed (`evals.steadiness`); whether the choice of"
    yield "rows helps is for `evals.compare` to say.\n"
    yield "| round | accuracy [95 %] | unread | survivors | rows tuned on | steps | tokens | loss | tokens of the run |"
    yield "|---|---|---|---|---|---|---|---|---|"
    for one in scores:
        loss = "" if one.loss is None else f"{one.loss:.3f}"
        cells = [f"{one.accuracy:.1f} [{one.low:.1f}, {one.high:.1f}]", f"{one.unread:.1%}", f"{one.kept}"]
        cells += [f"{one.rows}", f"{one.steps}", f"{one.tokens:,}", loss, f"{one.generation_tokens:,}"]
        yield f"| {one.number} | {' | '.join(cells)} |"
    yield "\n![curve](curve.svg)"


def _draw(file: Path, scores: Sequence[RoundScore]) -> None:
    import matplotlib as mpl  # noqa: PLC0415  # an extra
    from matplotlib.figure import Figure  # noqa: PLC0415  # as above

    mpl.rcParams["svg.hashsalt"] = "nanoflux"  # the same figures give the same file
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    axes.set_xlabel("round; 0 is the start")
    axes.set_ylabel("accuracy, with 95 % interval")
    axes.grid(alpha=0.3)
    below = [one.accuracy - one.low for one in scores]
    above = [one.high - one.accuracy for one in scores]
    numbers = [one.number for one in scores]
    axes.errorbar(numbers, [one.accuracy for one in scores], yerr=[below, above], fmt="o-", capsize=4)
    axes.set_xticks(numbers, [f"{one.number}\n{one.rows} rows" for one in scores])
    figure.savefig(file, metadata={"Date": None})
