"""All families, by domain; a table in another file joins by one entry here."""

from __future__ import annotations

from agents.offline import (
    families_bedside,
    families_calendar,
    families_chance,
    families_cohorts,
    families_flow,
    families_infusions,
    families_money,
    families_numbers,
    families_pcr,
    families_populations,
    families_shapes,
    families_strands,
    families_trade,
)
from agents.offline.grammar import Family

FAMILIES: dict[str, tuple[Family, ...]] = {
    "math": (
        *families_trade.FAMILIES,
        *families_money.FAMILIES,
        *families_flow.FAMILIES,
        *families_numbers.FAMILIES,
        *families_calendar.FAMILIES,
        *families_chance.FAMILIES,
        *families_shapes.FAMILIES,
    ),
    "genomics": (*families_strands.FAMILIES, *families_populations.FAMILIES, *families_pcr.FAMILIES),
    "medicine": (*families_infusions.FAMILIES, *families_bedside.FAMILIES, *families_cohorts.FAMILIES),
}
"""Kinds of problems for each domain pack of that name."""

ALL_FAMILIES: tuple[Family, ...] = tuple(family for families in FAMILIES.values() for family in families)
