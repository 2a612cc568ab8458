"""The data card: the dataset's README.md."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

from agents.records import PROOF_GRADES, ProofGrade, SeatName
from agents.rows import Survivor
from graph.question.pass_rate import Band
from graph.reports.features import features_lines
from graph.reports.run_summary import RunSummary
from graph.reports.templates import code, render
from graph.settings import Settings
from tools.sandbox.registry import SANDBOXES

PROOFS: dict[ProofGrade, str] = {
    "perturbed": "two programs by two authors returned the same on the stated inputs and on redrawn ones",
    "computed": "two programs by two authors returned the same on the stated inputs, which no redraw can vary",
    "cited": "two seats agreed, and cite the same passage of a reference",
    "agreed": "two seats agreed; nothing was computed",
}
"""What each grade of proof says."""
NOT_SHOWN = "No proof shows that a text is read as it was meant: two authors can misread the same English."
DOES: dict[SeatName, str] = {
    "attacker": "wrote the questions, their worked solutions and programs",
    "defender": "answered them; its wrong answers are in the rows",
    "judge": "solved them blind with a program of its own, and graded the solutions",
}
"""What each seat did for a row."""
LIMITS = [
    NOT_SHOWN,
    "The questions were chosen against one Defender: how hard they are for another model is not known.",
    "A model that is tuned on nothing but what it fails can forget what it could; mix in others, or easy ones.",
    "The stories are invented: a question is no source of facts about the world.",
    "English only; topics and their shares are those of the domain pack and the mix below, not those of any exam.",
]
"""What no row tells of itself."""
PROGRAM_GRADED = "Rubric scores came from a program (the offline Judge), not from a model."


def shared_errors(settings: Settings) -> list[str]:
    """Say where Attacker and Judge are one model, so that their errors go together."""
    if settings.attacker and settings.attacker == settings.judge:
        return [f"Attacker and Judge are one model, {settings.attacker}: what it misreads, both misread."]
    return []


def remarks(settings: Settings, rows: Sequence[Survivor], forced: Sequence[str] = ()) -> list[str]:
    """Return what a reader must know before trusting the rows."""
    notes: list[str] = []
    if forced:
        notes.append(f"The run went on by --force although these had changed: {'; '.join(forced)}.")
    if any(row.graded_by == "program" for row in rows):
        notes.append(PROGRAM_GRADED)
    notes += [*shared_errors(settings), *_reviewed(rows)]
    places = {settings.sandbox} | {run.sandbox for row in rows for run in row.evidence}
    notes += [
        f"Programs ran in {name!r}, which {place.caveat}."
        for name, place in SANDBOXES.items()
        if name in places and place.caveat
    ]
    return notes


def _reviewed(rows: Sequence[Survivor]) -> list[str]:
    """Say what people decided about the rows."""
    counts = Counter(row.review.decision for row in rows if row.review)
    if not counts:
        return []
    decided = ", ".join(f"{decision} {count}" for decision, count in sorted(counts.items()))
    lines = [
        f"A person reviewed {counts.total()} of {len(rows)} rows ({decided}); each row's `review` says who and when."
    ]
    if counts["edited"]:
        lines.append(
            "The rubric scores and the Defender's answers of an edited row are those of the text before the edit."
        )
    return lines


def grades(rows: Sequence[Survivor]) -> dict[ProofGrade, int]:
    """Count the rows by their grade of proof, strongest first; rows without one are in no count."""
    counts = Counter(row.proof.grade for row in rows if row.proof)
    return {grade: counts[grade] for grade in reversed(PROOF_GRADES) if counts[grade]}


def data_card(summary: RunSummary) -> str:
    """Write the dataset's README.md, with the header that dataset hubs read."""
    settings, rows, funnel = summary.settings, summary.rows, summary.funnel
    return render(
        "card.md.j2",
        head=[f"{name}: {json.dumps(value)}" for name, value in card_head(summary).items()],
        features=features_lines(),
        settings=settings,
        funnel=funnel,
        claim=claim(settings, rows),
        notes=remarks(settings, rows, summary.forced),
        seats={seat: (DOES[seat], _models(settings, rows, seat)) for seat in funnel.usage},
        proofs={PROOFS[grade]: (grade, count) for grade, count in grades(rows).items()},
        not_shown=NOT_SHOWN,
        limits=LIMITS,
        counts={
            "level": _counts(Counter(row.level for row in rows)),
            "topic": _counts(Counter(row.topic for row in rows)),
            "hops": _counts(Counter(str(row.hops) for row in rows)),
        },
        candidates=_counts(+funnel.outcomes),
    )


def card_head(summary: RunSummary) -> dict[str, Any]:
    """Return what dataset hubs sort and search by."""
    settings, rows = summary.settings, summary.rows
    licence: dict[str, Any] = {"license": settings.data_license}
    if settings.data_license == "other":
        licence |= {"license_name": "terms-of-the-models", "license_link": "README.md#licence"}
    choices = any(row.answer_kind == "choice" for row in rows)
    sizes = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"))
    return {
        "pretty_name": settings.run_name,
        "language": ["en"],
        **licence,
        "tags": ["synthetic", "reasoning", "nanoflux", settings.domain],
        "annotations_creators": ["machine-generated"],
        "language_creators": ["machine-generated"],
        "multilinguality": ["monolingual"],
        "source_datasets": ["original"],
        "size_categories": [next((name for most, name in sizes if len(rows) < most), "100K<n<1M")],
        "task_categories": ["question-answering", "text-generation", *["multiple-choice"] * choices],
    }


def claim(settings: Settings, rows: Sequence[Survivor]) -> str:
    """Say what the rows are, and how the Defender fared on them."""
    if not rows:
        return f"No question in the domain {code(settings.domain)} has been kept so far."
    easy_share, most = sum(row.easy for row in rows), Band.of(settings).high
    kept = f"{len(rows)} verified questions in the domain {code(settings.domain)}"
    if easy_share:
        kept += f", {easy_share} of them easy rows, which their Defender got right more often"
    which = "the others" if easy_share else "them"
    fared = f"got {which} right in at most {most:.0%} of its samples" if most else f"got {which} wrong"
    swapped = ", each row's own `models` say which," if settings.alternate else ""
    return f"{kept}; {_models(settings, rows, 'defender')}{swapped} {fared}."


def _models(settings: Settings, rows: Sequence[Survivor], seat: SeatName) -> str:
    """Name the models that sat in a seat."""
    names = sorted({row.models[seat] for row in rows}) or [getattr(settings, seat)]
    return " or ".join(map(code, names))


def _counts(counts: Mapping[Any, int]) -> str:
    return ", ".join(f"{name}: {count}" for name, count in sorted(counts.items()))
