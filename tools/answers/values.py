"""Compare values that two programs returned: a value is a value, no prose is read."""

from __future__ import annotations

import math
from decimal import Decimal
from fractions import Fraction

from tools.answers.expressions import compare_in_process
from tools.answers.kinds import AnswerKind

RELATIVE_TOLERANCE = Fraction(1, 10**9)
"""What double precision loses in a calculation."""


def same_value(a: object, b: object, kind: AnswerKind) -> bool:
    """Whether two `solve` functions returned the same.

    Whole numbers, fractions and decimals are compared exactly; where either is a float, within a relative 1e-9, and
    without any absolute tolerance. Strings count letter for letter, except that an `expression` may be written in two
    ways; tuples and lists, item for item. True and False are no numbers; NaN equals nothing.
    """
    if isinstance(a, (list, tuple)) and isinstance(b, (list, tuple)):
        return len(a) == len(b) and all(same_value(one, two, kind) for one, two in zip(a, b, strict=True))
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b and kind != "number"
    if isinstance(a, str) and isinstance(b, str):
        if kind == "number":
            return False
        return a.strip() == b.strip() or (kind == "expression" and compare_in_process(a, b) == "equal")
    if isinstance(a, (int, float, Fraction, Decimal)) and isinstance(b, (int, float, Fraction, Decimal)):
        return _same_number(a, b)
    return False


def _same_number(a: float | Fraction | Decimal, b: float | Fraction | Decimal) -> bool:
    if any(isinstance(value, (float, Decimal)) and not math.isfinite(value) for value in (a, b)):
        return False
    one, two = Fraction(a), Fraction(b)
    if one == two:
        return True
    if not (isinstance(a, float) or isinstance(b, float)):
        return False
    size = max(abs(one), abs(two))
    if one.denominator == two.denominator == 1 and size < 2**53:
        return False  # a float holds every whole number of this size exactly
    return abs(one - two) <= RELATIVE_TOLERANCE * size
