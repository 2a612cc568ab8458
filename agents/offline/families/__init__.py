"""All families, by domain; a table in another file joins by one entry here."""

from __future__ import annotations

from agents.offline.families import (
    bedside,
    calendar,
    chance,
    cohorts,
    flow,
    infusions,
    money,
    numbers,
    pcr,
    populations,
    shapes,
    strands,
    trade,
)
from agents.offline.grammar import Family

FAMILIES: dict[str, tuple[Family, ...]] = {
    "math": (
        *trade.FAMILIES,
        *money.FAMILIES,
        *flow.FAMILIES,
        *numbers.FAMILIES,
        *calendar.FAMILIES,
        *chance.FAMILIES,
        *shapes.FAMILIES,
    ),
    "genomics": (*strands.FAMILIES, *populations.FAMILIES, *pcr.FAMILIES),
    "medicine": (*infusions.FAMILIES, *bedside.FAMILIES, *cohorts.FAMILIES),
}
"""Kinds of problems for each domain pack of that name."""

ALL_FAMILIES: tuple[Family, ...] = tuple(family for families in FAMILIES.values() for family in families)


def topics(domain: str) -> dict[str, set[str]]:
    """Return the topics of a domain for which there are families, each with the skills that one of them exercises."""
    found: dict[str, set[str]] = {}
    for family in FAMILIES.get(domain, ()):
        found.setdefault(family.topic, set()).add(family.skill)
    return found
