"""The data card: the dataset's README.md."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from agents.records import SeatName, Survivor
from graph.question.pass_rate import Band
from graph.reports.funnel import Funnel
from graph.settings import Settings
from tools.sandbox.registry import SANDBOXES

PROGRAM_GRADED = "Rubric scores came from a program (the offline Judge), not from a model."


def remarks(settings: Settings, rows: Sequence[Survivor]) -> list[str]:
    """Return what a reader must know before trusting the rows."""
    notes: list[str] = []
    if any(row.graded_by == "program" for row in rows):
        notes.append(PROGRAM_GRADED)
    places = {settings.sandbox} | {run.sandbox for row in rows for run in row.evidence}
    notes += [
        f"Programs ran in {name!r}, which {place.caveat}."
        for name, place in SANDBOXES.items()
        if name in places and place.caveat
    ]
    return notes


def data_card(settings: Settings, rows: Sequence[Survivor], funnel: Funnel) -> str:
    """Write the dataset's README.md, with the header that dataset hubs read."""
    mix: dict[str, Mapping[Any, int]] = {
        "level": Counter(row.level for row in rows),
        "topic": Counter(row.topic for row in rows),
        "hops": Counter(str(row.hops) for row in rows),
    }
    lines = [
        "---",
        "configs:",
        "- config_name: default",
        "  data_files: dataset.jsonl",
        "---",
        f"# {settings.run_name}",
        "",
        _claim(settings, rows),
        "Each answer was printed by the question's program, and reached again by a judge that saw the question alone.",
        *remarks(settings, rows),
        "",
        "| seat | model |",
        "|---|---|",
        *(f"| {seat} | {_models(settings, rows, seat)} |" for seat in funnel.usage),
        "",
        "| | |",
        "|---|---|",
        *(f"| {name} | {_counts(counts)} |" for name, counts in mix.items()),
        f"| declared mix | {settings.mix}, {settings.easy_share:.0%} easy rows |",
        f"| pass rate | {settings.pass_rate}, of {settings.defender_samples} samples |",
        f"| candidates | {_counts(+funnel.outcomes)} |",
        *([f"| survivors in reserve | {funnel.reserve}, not among these rows |"] if funnel.reserve else []),
        f"| benchmarks kept out | {settings.protect or 'none was given'} |",
        f"| seed | {settings.seed} |",
    ]
    return "\n".join(lines) + "\n"


def _claim(settings: Settings, rows: Sequence[Survivor]) -> str:
    """Say what the rows are, and how the Defender fared on them."""
    if not rows:
        return f"No question in the domain `{settings.domain}` has been kept so far."
    easy_share, most = sum(row.easy for row in rows), Band.of(settings).high
    kept = f"{len(rows)} verified questions in the domain `{settings.domain}`"
    if easy_share:
        kept += f", {easy_share} of them easy rows, which their Defender got right more often"
    which = "the others" if easy_share else "them"
    fared = f"got {which} right in at most {most:.0%} of its samples" if most else f"got {which} wrong"
    swapped = ", each row's own `models` say which," if settings.alternate else ""
    return f"{kept}; {_models(settings, rows, 'defender')}{swapped} {fared}."


def _models(settings: Settings, rows: Sequence[Survivor], seat: SeatName) -> str:
    """Name the models that sat in a seat."""
    names = sorted({row.models[seat] for row in rows}) or [getattr(settings, seat)]
    return " or ".join(f"`{name}`" for name in names)


def _counts(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))
