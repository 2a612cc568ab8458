"""Numbers that follow from a problem's texts: the named functions that a family's `facts` call."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import NamedTuple

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


def occurrences(sequence: str, motif: str) -> int:
    """Count the places at which a motif begins, overlapping ones included."""
    return sum(sequence.startswith(motif, place) for place in range(len(sequence)))


def occurrences_within(sequence: str, motif: str, first: str, end: str) -> int:
    """Count the places from `first` up to, not including, `end` at which a motif begins; places count from 0."""
    return sum(sequence.startswith(motif, place) for place in range(int(first), int(end)))


def place_in_week(day: str) -> int:
    """Count the days since Monday."""
    return WEEKDAYS.index(day)


def place_in_year(month: str) -> int:
    """Count the months since January."""
    return MONTHS.index(month)


def equals(text: str, other: str) -> int:
    """Return 1 where two texts are the same, else 0."""
    return int(text == other)


class Function(NamedTuple):
    """A function of texts, and the Python by which the Attacker's program computes the same."""

    call: Callable[..., int]
    code: str


FUNCTIONS = {
    "count": Function(count, "sum({0}.count(letter) for letter in {1})"),
    "days_between": Function(days_between, "({1} - {0}).days"),
    "equals": Function(equals, "int({0} == {1})"),
    "length": Function(length, "len({0})"),
    "occurrences": Function(occurrences, "sum({0}.startswith({1}, place) for place in range(len({0})))"),
    "occurrences_within": Function(
        occurrences_within, "sum({0}.startswith({1}, place) for place in range(int({2}), int({3})))"
    ),
    "place_in_week": Function(place_in_week, f"{WEEKDAYS!r}.index({{0}})"),
    "place_in_year": Function(place_in_year, f"{MONTHS!r}.index({{0}})"),
}
"""By name; a family's `facts` call them with slots, or with texts of their own."""
