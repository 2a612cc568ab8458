"""The families of the genomics pack."""

from __future__ import annotations

from agents.offline.families.genomics import pcr, populations, strands
from agents.offline.stories.grammar import Family

FAMILIES: tuple[Family, ...] = (
    *strands.FAMILIES,
    *populations.FAMILIES,
    *pcr.FAMILIES,
)
