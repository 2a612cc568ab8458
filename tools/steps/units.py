"""Units and scale words, for one purpose: an equation that only changes units is no wrong equation."""

from __future__ import annotations

from collections.abc import Collection
from fractions import Fraction

_TABLE: tuple[dict[str, float], ...] = (
    {"s sec second": 1, "min minute": 60, "h hr hour": 3600, "d day": 86400, "week": 604800},
    {"day": 1, "week": 7, "fortnight": 14, "month": 30, "quarter": 90, "yr year": 360},
    {"day": 1, "week": 7, "year": 365},
    {"day": 1, "year": 366},
    {"week": 1, "month": 4, "year": 52},
    {"month": 1, "quarter": 3, "yr year": 12, "decade": 120, "century": 1200},
    {"nm nanometre nanometer": 1, "um µm micrometre micrometer": 1e3, "mm millimetre millimeter": 1e6}
    | {"cm centimetre centimeter": 1e7, "m metre meter": 1e9, "km kilometre kilometer": 1e12},
    {"inch": 1, "ft foot feet": 12, "yd yard": 36, "mi mile": 63360},
    {"ng nanogram": 1, "mcg ug µg microgram": 1e3, "mg milligram": 1e6, "g gram": 1e9, "kg kilo kilogram": 1e12}
    | {"t tonne ton": 1e15},
    {"oz ounce": 1, "lb pound": 16, "ton": 32000},
    {"ul µl microlitre microliter": 1, "ml millilitre milliliter": 1e3, "cl": 1e4, "dl decilitre": 1e5}
    | {"l litre liter": 1e6},
    {"teaspoon tsp": 1, "tablespoon tbsp": 3, "cup": 48, "pint": 96, "quart": 192, "gallon": 768},
    {"c cent penny pennie pence": 1, "nickel": 5, "dime": 10, "quarter": 25, "$ dollar buck pound euro": 100},
    {"one": 1, "pair couple": 2, "dozen": 12, "score": 20, "hundred": 100, "thousand": 1e3, "million": 1e6}
    | {"billion": 1e9, "trillion": 1e12},
    {"% percent percentage pct": 1, "whole": 100},
    {"bp base": 1, "codon": 3, "kb kilobase": 1e3, "mb megabase": 1e6, "gb gigabase": 1e9},
    {"arcsecond": 1, "minute": 60, "degree": 3600},
    {"byte": 1, "kilobyte": 1e3, "megabyte": 1e6, "gigabyte": 1e9},
    {"nmol nanomole": 1, "umol µmol micromole": 1e3, "mmol millimole": 1e6, "mol mole": 1e9},
)
_SCALES = tuple({name: Fraction(size) for names, size in row.items() for name in names.split()} for row in _TABLE)
_POWERS = (1, 2, 3)
_LENGTHS = {"m", "inch"}
LARGE = 10
"""A step between two units that hardly comes of a slip."""
MEASURES = frozenset(name for scale in _SCALES for name in scale)
"""Every word of the tables, in the singular."""
SHORT = frozenset(name for name in MEASURES if len(name) <= 2)
"""Symbols that may stand glued to their number, as in 5km."""


def singular(word: str) -> str:
    """Return a unit word without case (where it has more than one letter) and without its plural's s."""
    word = word.rstrip(".").lower()
    if word in MEASURES:
        return word
    for ending in ("es", "s"):
        if word.endswith(ending) and word[: -len(ending)] in MEASURES:
            return word[: -len(ending)]
    return word[:-1] if word.endswith("s") and len(word) > 3 else word


def mixes(words: Collection[str]) -> bool:
    """Whether two of the words measure the same thing on different scales, as hours and minutes do."""
    return any(len({scale[word] for word in words if word in scale}) > 1 for scale in _SCALES)


def is_conversion(left: Fraction, right: Fraction, words: Collection[str]) -> bool:
    """Whether the two values differ exactly by a change of one of these units; of lengths, squares and cubes included.

    One unit alone may be named where the step between the two is a large one; a small one is more often a slip.
    """
    if not left or not right:
        return False
    ratio = left / right
    ratio = ratio if ratio > 1 else 1 / ratio
    for scale in _SCALES:
        named = {scale[word] for word in words if word in scale}
        powers = _POWERS if scale.keys() & _LENGTHS else (1,)
        for size in named:
            others = {other for other in scale.values() if other in named or not 1 / LARGE < other / size < LARGE}
            factors = {max(size, other) / min(size, other) for other in others - {size}}
            if any(ratio == factor**power for factor in factors for power in powers):
                return True
    return False
