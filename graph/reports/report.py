"""The data card and the report of a run; all model text in them is escaped."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import Any

from agents.records import OUTCOMES, NearDuplicate, Refusal, SeatUsage, Survivor
from graph.reports.card import remarks
from graph.reports.funnel import Funnel
from graph.settings import Settings

COUNTED = ("candidates", "kept", "answers", "wrong")


_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 60rem; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; }
td, th { border: 1px solid #ccc; padding: .25rem .6rem; text-align: left; }
pre { background: #f5f5f5; padding: .6rem; white-space: pre-wrap; } summary { cursor: pointer; }
"""


def report_page(
    settings: Settings,
    rows: Sequence[Survivor],
    refusals: Sequence[Refusal],
    coverage: Sequence[Mapping[str, Any]],
    funnel: Funnel,
    ending: str,
) -> str:
    """Write report.html: one self-contained page, no script, nothing fetched."""
    notes = "".join(f"<p>{escape(note)}</p>" for note in remarks(settings, rows))
    refused_attempts = Counter(rejection["outcome"] for rejection in funnel.rejections)
    outcomes = _table(
        ["outcome", "candidates", "questions refused for it"],
        (
            [name, str(funnel.outcomes[name]), str(refused_attempts[name])]
            for name in OUTCOMES
            if funnel.outcomes[name] or refused_attempts[name]
        ),
    )
    near = (rejection["near"] for rejection in funnel.rejections if rejection["outcome"] == "contaminated")
    hits = [NearDuplicate.model_validate(found) for found in near if found]
    kept_out = escape(settings.protect) or "none was given"
    contaminated = _table(
        ["benchmark", "item", "rule", "score", "its question"],
        (
            [*_item(near.name), near.rule, f"{near.score:.2f}", near.question[:300]]
            for near in sorted(hits, key=lambda near: near.name)
        ),
    )
    survivors = "\n".join(_survivor(row) for row in rows)
    refused = _table(
        ["candidate", "outcome", "attempts", "reason"],
        ([str(row.index), row.outcome, str(row.attempts), row.reason[:500]] for row in refusals),
    )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{escape(settings.run_name)}</title><style>{_STYLE}</style></head>
<body><h1>{escape(settings.run_name)}: {len(rows)} of {funnel.target} survivors</h1><p>{escape(ending)}</p>{notes}
<h2>Funnel</h2>{outcomes}<h2>Cost</h2>{_cost(funnel)}<h2>Mix</h2>{_mix(funnel)}
<h2>Coverage</h2><p>Rows kept of candidates asked for, and how often the Defender failed.</p>{_coverage(coverage)}
<h2>Survivors</h2>{survivors}<h2>Refused</h2>{refused}
<h2>Contaminated</h2><p>{len(hits)} questions came too near a benchmark ({kept_out}).</p>{contaminated}</body></html>
"""


def _item(name: str) -> tuple[str, str]:
    """Split a benchmark's item into both names."""
    benchmark, _, item = name.partition(":")
    return benchmark, item


def _cost(funnel: Funnel) -> str:
    """Tell the paid calls three ways; each adds up to the same."""
    groups: dict[str, Mapping[Any, SeatUsage]] = {
        "seat": funnel.usage,
        "model": funnel.by_model,
        "outcome": funnel.spent_by_outcome,
    }
    return "".join(
        _table(
            [what, "calls", "tokens in", "tokens out", "money"],
            (
                [str(name), f"{used.calls:,}", f"{used.input_tokens:,}", f"{used.output_tokens:,}",
                 "unknown" if used.usd is None else f"${used.usd:.4f}"]
                for name, used in group.items()
                if used.calls
            ),
        )
        for what, group in groups.items()
    )  # fmt: skip


def _mix(funnel: Funnel) -> str:
    """Compare the declared shares with those of the rows."""
    declared, actual = funnel.mix["declared"], funnel.mix["actual"]
    lines = [["easy rows", "", f"{declared['easy_share']:.0%}", f"{actual['easy_share']:.0%}"]]
    for what in ("topic", "hops"):
        shares: Mapping[Any, float] = declared[what] or {}
        for name in sorted({*shares, *actual[what]}, key=str):
            wanted = f"{shares.get(name, 0):.0%}" if declared[what] else "any"
            lines.append([what, str(name), wanted, f"{actual[what].get(name, 0):.0%}"])
    return _table(["", "", "declared", "actual"], lines)


def _coverage(coverage: Sequence[Mapping[str, Any]]) -> str:
    """Draw the map of topics by hops, skills taken together."""
    sums: defaultdict[tuple[str, int], Counter[str]] = defaultdict(Counter)
    for cell in coverage:
        sums[cell["topic"], cell["hops"]].update({name: cell[name] for name in COUNTED})
    hops = sorted({cell["hops"] for cell in coverage})

    def told(topic: str, count: int) -> str:
        here = sums[topic, count]
        failed = f", {here['wrong'] / here['answers']:.0%}" if here["answers"] else ""
        return f"{here['kept']} of {here['candidates']}{failed}" if here["candidates"] else ""

    return _table(
        ["topic", *(f"{count} hops" for count in hops)],
        ([topic, *(told(topic, count) for count in hops)] for topic in sorted({cell["topic"] for cell in coverage})),
    )


def _table(head: Sequence[str], body: Iterable[Sequence[str]]) -> str:
    top = "".join(f"<th>{escape(cell)}</th>" for cell in head)
    rows = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in body)
    return f"<table><tr>{top}</tr>{rows}</table>"


def _survivor(row: Survivor) -> str:
    wrong = row.defender.wrong_answer.answer if row.defender.wrong_answer else "none kept"
    return (
        f"<details><summary>{escape(row.question)}</summary><p>{escape(row.id)}, {row.level}, {row.hops} hops, "
        f"{escape(row.topic)}</p><pre>{escape(row.explanation)}</pre><p>Answer: <b>{escape(row.answer)}</b>; "
        f"the Defender said {escape(wrong)}.</p><pre>{escape(row.program)}</pre></details>"
    )
