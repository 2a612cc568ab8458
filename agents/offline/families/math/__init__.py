"""The families of the math pack."""

from __future__ import annotations

from agents.offline.families.math import calendar, chance, flow, money, numbers, shapes, trade
from agents.offline.stories.grammar import Family

FAMILIES: tuple[Family, ...] = (
    *trade.FAMILIES,
    *money.FAMILIES,
    *flow.FAMILIES,
    *numbers.FAMILIES,
    *calendar.FAMILIES,
    *chance.FAMILIES,
    *shapes.FAMILIES,
)
