"""How a run's settings follow from `--select`: what each rule wants of pass rate, samples and easy rows.

The rules themselves, with their sources, are `graph.curriculum.selections`. A setting that is given explicitly beats
what the rule would choose.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

Knobs = Mapping[str, str | int | float]


def _as_it_is(_: int) -> Knobs:
    return {}


def _band(_: int) -> Knobs:
    return {"pass_rate": "0.3..0.8", "defender_samples": 6}


def _learnability(_: int) -> Knobs:
    return {"pass_rate": "0.1..0.9", "defender_samples": 4}


def _easy_share(_: int) -> Knobs:
    return {"easy_share": 0.3}


def _size_aware(target: int) -> Knobs:
    if target <= 200:
        return {"pass_rate": "0.25..0.75", "defender_samples": 4}
    return {"pass_rate": "0..0.5" if target <= 2000 else "0..0.25", "defender_samples": 4}


SELECTION_KNOBS: dict[str, Callable[[int], Knobs]] = {
    "paper": _as_it_is,
    "band": _band,
    "learnability": _learnability,
    "easy_share": _easy_share,
    "weak_skills": _as_it_is,
    "size_aware": _size_aware,
}
"""By rule: the settings that follow from a number of rows to keep."""
ON_POOLS = ("fit", "rounds")
"""Rules that need a model's weights, so they choose from a finished pool: `python -m evals.select`."""


def known_rule(name: str) -> str:
    """Return the name of a rule that a run can follow.

    Raises:
        ValueError: It is none.
    """
    if name in ON_POOLS:
        raise ValueError(f"{name} chooses from a finished pool: generate first, then python -m evals.select")
    if name not in SELECTION_KNOBS:
        raise ValueError(f"choose from {', '.join(SELECTION_KNOBS)}")
    return name
