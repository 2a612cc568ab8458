"""Numbers that follow from a problem's texts: the named functions that a family's `facts` call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

from tools.inputs.kinds import MONTHS, WEEKDAYS


def count(sequence: str, letters: str) -> int:
    """Count the letters of a sequence that are among these."""
    return sum(letter in letters for letter in sequence)


def days_between(first: str, last: str) -> int:
    """Count the days from one date to another; negative where the other comes first."""
    return (date.fromisoformat(last) - date.fromisoformat(first)).days


def length(sequence: str) -> int:
    """Count the letters of a sequence."""
    return len(sequence)


def place_in_week(day: str) -> int:
    """Count the days since Monday."""
    return WEEKDAYS.index(day)


def place_in_year(month: str) -> int:
    """Count the months since January."""
    return MONTHS.index(month)


FUNCTIONS: dict[str, Callable[..., int]] = {
    "count": count,
    "days_between": days_between,
    "length": length,
    "place_in_week": place_in_week,
    "place_in_year": place_in_year,
}
