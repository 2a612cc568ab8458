"""The families of the medicine pack."""

from __future__ import annotations

from agents.offline.families.medicine import bedside, cohorts, infusions
from agents.offline.stories.grammar import Family

FAMILIES: tuple[Family, ...] = (
    *infusions.FAMILIES,
    *bedside.FAMILIES,
    *cohorts.FAMILIES,
)
