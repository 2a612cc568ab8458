"""The report of a run: one self-contained page, no script, nothing fetched; all model text in it is escaped."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from agents.records import OUTCOMES, SeatUsage
from agents.rows import NearDuplicate, Refusal, Survivor
from graph.reports.card import NOT_SHOWN, PROOFS, grades, remarks
from graph.reports.funnel import Funnel
from graph.reports.templates import render, stylesheet
from graph.settings import Settings

COUNTED = ("candidates", "kept", "answers", "wrong")
Rows = list[Sequence[str]]
"""The cells of a table."""


def report_page(  # noqa: PLR0913  # what a run's page is made of
    settings: Settings,
    rows: Sequence[Survivor],
    refusals: Sequence[Refusal],
    coverage: Sequence[Mapping[str, Any]],
    funnel: Funnel,
    ending: str,
    forced: Sequence[str] = (),
) -> str:
    """Write report.html."""
    return render(
        "report.html.j2",
        style=stylesheet("report.css"),
        settings=settings,
        funnel=funnel,
        ending=ending,
        notes=remarks(settings, rows, forced),
        outcomes=_outcomes(funnel),
        proofs=[(grade, str(count), PROOFS[grade]) for grade, count in grades(rows).items()],
        not_shown=NOT_SHOWN,
        cost=_cost(funnel),
        mix=_mix(funnel),
        coverage=_coverage(coverage),
        survivors=rows,
        refused=[(str(row.index), row.outcome, str(row.attempts), row.reason[:500]) for row in refusals],
        contaminated=_contaminated(funnel),
    )


def _outcomes(funnel: Funnel) -> Rows:
    """Count candidates, and refused questions, by outcome."""
    refused = Counter(rejection["outcome"] for rejection in funnel.rejections)
    return [
        (name, str(funnel.outcomes[name]), str(refused[name]))
        for name in OUTCOMES
        if funnel.outcomes[name] or refused[name]
    ]


def _contaminated(funnel: Funnel) -> Rows:
    """List the questions that came too near a benchmark's item, by benchmark and item."""
    near = (rejection["near"] for rejection in funnel.rejections if rejection["outcome"] == "contaminated")
    hits = sorted((NearDuplicate.model_validate(found) for found in near if found), key=lambda hit: hit.name)
    return [(*hit.name.partition(":")[::2], hit.rule, f"{hit.score:.2f}", hit.question[:300]) for hit in hits]


def _cost(funnel: Funnel) -> dict[str, Rows]:
    """Sum up the paid calls three ways; each adds up to the same."""
    groups: dict[str, Mapping[Any, SeatUsage]] = {
        "seat": funnel.usage,
        "model": funnel.by_model,
        "outcome": funnel.spent_by_outcome,
    }
    return {
        what: [
            (str(name), f"{used.calls:,}", f"{used.input_tokens:,}", f"{used.output_tokens:,}", _money(used))
            for name, used in group.items()
            if used.calls
        ]
        for what, group in groups.items()
    }


def _money(used: SeatUsage) -> str:
    return "unknown" if used.usd is None else f"${used.usd:.4f}"


def _mix(funnel: Funnel) -> Rows:
    """Compare the declared shares with those of the rows."""
    declared, actual = funnel.mix["declared"], funnel.mix["actual"]
    lines: Rows = [["easy rows", "", f"{declared['easy_share']:.0%}", f"{actual['easy_share']:.0%}"]]
    for what in ("topic", "hops"):
        shares: Mapping[Any, float] = declared[what] or {}
        for name in sorted({*shares, *actual[what]}, key=str):
            wanted = f"{shares.get(name, 0):.0%}" if declared[what] else "any"
            lines.append([what, str(name), wanted, f"{actual[what].get(name, 0):.0%}"])
    return lines


def _coverage(coverage: Sequence[Mapping[str, Any]]) -> tuple[Sequence[str], Rows]:
    """Return head and rows of the map of topics by hops, skills taken together."""
    sums: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for cell in coverage:
        sums[cell["topic"], cell["hops"]].update({name: cell[name] for name in COUNTED})
    hops = sorted({cell["hops"] for cell in coverage})

    def share(topic: str, count: int) -> str:
        here = sums[topic, count]
        failed = f", {here['wrong'] / here['answers']:.0%}" if here["answers"] else ""
        return f"{here['kept']} of {here['candidates']}{failed}" if here["candidates"] else ""

    topics = sorted({cell["topic"] for cell in coverage})
    head = ["topic", *(f"{count} hops" for count in hops)]
    return head, [[topic, *(share(topic, count) for count in hops)] for topic in topics]
