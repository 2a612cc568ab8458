"""All families, by domain; a table in another file joins by one entry here."""

from __future__ import annotations

from agents.offline.families import genomics, math, medicine
from agents.offline.stories.grammar import Family

FAMILIES: dict[str, tuple[Family, ...]] = {
    "math": math.FAMILIES,
    "genomics": genomics.FAMILIES,
    "medicine": medicine.FAMILIES,
}
"""Kinds of problems for each domain pack of that name."""

ALL_FAMILIES: tuple[Family, ...] = tuple(family for families in FAMILIES.values() for family in families)


def topics(domain: str) -> dict[str, set[str]]:
    """Return the topics of a domain for which there are families, each with the skills that one of them exercises."""
    found: dict[str, set[str]] = {}
    for family in FAMILIES.get(domain, ()):
        found.setdefault(family.topic, set()).add(family.skill)
    return found
