"""The report of a run: one self-contained page, no script, nothing fetched; all model text in it is escaped.

`report.md` says the same in Markdown, with the pictures as files beside it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any, NamedTuple

from markupsafe import Markup

from agents.records import OUTCOMES, Outcome, SeatUsage
from agents.rows import NearDuplicate, Survivor
from graph.reports.card import NOT_SHOWN, PROOFS, grades, remarks
from graph.reports.funnel import Funnel
from graph.reports.pictures.figures import Figures
from graph.reports.pictures.frame import stylesheet as colours
from graph.reports.pictures.gallery import PICTURES, draw, tiles
from graph.reports.run_summary import RunSummary
from graph.reports.templates import render, stylesheet

OPEN_ROWS, MOST_ROWS = 50, 300
"""Survivors listed at once, and those in the page at all; the dataset has every one."""
EXAMPLES = 5
"""Refusals shown of a kind."""
GOES_ON = "The run goes on; this is where it stood when the report was written."

MEANINGS: dict[Outcome, str] = {
    "failed": "No question could be read from the Attacker's reply, or a call failed for good",
    "malformed": "The question, its inputs or its program do not hold together",
    "off_brief": "Another topic or number of steps than was asked for",
    "contaminated": "Too near an item of a benchmark",
    "duplicate": "Too near a question that was kept",
    "too_easy": "The Defender got it right more often than --pass-rate allows",
    "unverified": "The answer could not be proved: two programs differ, or an equation does not hold",
    "low_quality": "The explanation was graded too low",
    "rejected_in_review": "A person rejected it",
    "stopped": "Begun and not ended; the same command goes on with it",
}
"""What each kind of refusal says, in the order of the checks."""

Rows = list[Sequence[str]]
"""The cells of a table."""


class TopicRows(NamedTuple):
    """The survivors of one topic: how many, those listed at once, and those behind a click."""

    anchor: str
    topic: str
    rows: int
    first: list[Survivor]
    more: list[Survivor]


class RefusedKind(NamedTuple):
    """One kind of refusal: how many candidates ended so, how many questions were refused so, and examples."""

    name: str
    meaning: str
    candidates: int
    questions: int
    examples: list[tuple[str, str, str]]
    """Which candidate, why, and its question, each where it is known."""


def report_page(summary: RunSummary, figures: Figures) -> str:
    """Write report.html."""
    pictures = [
        (name, picture.title, picture.caption, Markup(draw(name, figures)))  # noqa: S704  # escaped by its drawing
        for name, picture in PICTURES.items()
    ]
    return render(
        "report.html.j2", style=colours() + stylesheet("report.css"), pictures=pictures, **_told(summary, figures)
    )


def report_text(summary: RunSummary, figures: Figures) -> str:
    """Write report.md."""
    pictures = [(name, picture.title, picture.caption, "") for name, picture in PICTURES.items()]
    return render("report.md.j2", pictures=pictures, **_told(summary, figures))


def _told(summary: RunSummary, figures: Figures) -> dict[str, Any]:
    """Return what both forms of the report are filled with."""
    settings, rows, funnel = summary.settings, summary.rows, summary.funnel
    return {
        "settings": settings,
        "funnel": funnel,
        "count": len(rows),
        "ending": summary.ending or GOES_ON,
        "notes": remarks(settings, rows, summary.forced),
        "tiles": tiles(figures),
        "outcomes": _outcomes(funnel),
        "proofs": [(grade, str(count), PROOFS[grade]) for grade, count in grades(rows).items()],
        "not_shown": NOT_SHOWN,
        "cost": _cost(funnel),
        "mix": _mix(funnel),
        "topics": _topics(rows),
        "left_out": max(0, len(rows) - MOST_ROWS),
        "refused": _refused(summary),
        "contaminated": _contaminated(funnel),
    }


def _topics(rows: Sequence[Survivor]) -> list[TopicRows]:
    """Sort the survivors by topic; the first of the run are listed at once."""
    counts = Counter(row.topic for row in rows)
    places = {row.id: place for place, row in enumerate(rows[:MOST_ROWS])}
    shown = sorted(rows[:MOST_ROWS], key=lambda row: (row.topic, places[row.id]))
    topics = []
    for number, (topic, group) in enumerate(groupby(shown, key=lambda row: row.topic), start=1):
        members = list(group)
        first = [row for row in members if places[row.id] < OPEN_ROWS]
        more = [row for row in members if places[row.id] >= OPEN_ROWS]
        topics.append(TopicRows(f"topic-{number}", topic, counts[topic], first, more))
    return topics


def _refused(summary: RunSummary) -> list[RefusedKind]:
    """Sort the refusals by kind, each with a few examples: candidates first, then attempts of others."""
    funnel, questions = summary.funnel, summary.funnel.refused_attempts
    kinds = []
    for name, meaning in MEANINGS.items():
        if not (funnel.outcomes[name] or questions.get(name)):
            continue
        examples = [
            (f"candidate {row.index}", row.reason, row.question.question if row.question else "")
            for row in _first(row for row in summary.refusals if row.outcome == name)
        ]
        if not examples:
            found = (rejection["reason"] for rejection in funnel.rejections if rejection["outcome"] == name)
            examples = [("an earlier attempt", reason, "") for reason in _first(dict.fromkeys(found))]
        kinds.append(RefusedKind(name, meaning, funnel.outcomes[name], questions.get(name, 0), examples))
    return kinds


def _first(found: Iterable[Any]) -> list[Any]:
    return [one for _, one in zip(range(EXAMPLES), found, strict=False)]


def _outcomes(funnel: Funnel) -> Rows:
    """Count candidates, and refused questions, by outcome."""
    refused = funnel.refused_attempts
    waiting: Rows = [("of the stopped, waiting for review", str(funnel.waiting), "0")] if funnel.waiting else []
    return [
        (name, str(funnel.outcomes[name]), str(refused.get(name, 0)))
        for name in OUTCOMES
        if funnel.outcomes[name] or refused.get(name)
    ] + waiting


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
    for what in (part for part in declared if part != "easy_share"):
        shares: Mapping[Any, float] = declared[what] or {}
        for name in sorted({*shares, *actual[what]}, key=str):
            wanted = f"{shares.get(name, 0):.0%}" if declared[what] else "any"
            lines.append([what, str(name), wanted, f"{actual[what].get(name, 0):.0%}"])
    return lines
