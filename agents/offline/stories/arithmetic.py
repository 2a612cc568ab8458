"""Exact arithmetic on formulas written as text: evaluated by walking the syntax tree, never by running it.

Serves the families' files (trusted) and is bounded all the same, so that no draw can fill the memory.
"""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from fractions import Fraction
from functools import lru_cache

LONGEST = 400
"""Most characters of a formula."""
LARGEST = Fraction(10**40)
"""Beyond this a value is refused."""


class FormulaError(ValueError):
    """A formula cannot be read, or its value is out of bounds."""


def _whole(value: Fraction) -> int:
    if value.denominator != 1:
        raise ValueError(f"{value} is not whole")
    return value.numerator


def nearest(value: Fraction, decimals: int = 0) -> Fraction:
    """Round to so many decimals, halves up."""
    return Fraction(math.floor(value * 10**decimals + Fraction(1, 2)), 10**decimals)


_FUNCTIONS: dict[str, Callable[..., Fraction]] = {
    "gcd": lambda a, b: Fraction(math.gcd(_whole(a), _whole(b))),
    "lcm": lambda a, b: Fraction(math.lcm(_whole(a), _whole(b))),
    "floor": lambda a: Fraction(math.floor(a)),
    "ceil": lambda a: Fraction(math.ceil(a)),
    "min": min,
    "max": max,
    "abs": abs,
}
FUNCTION_NAMES = frozenset(_FUNCTIONS)
"""What a formula can call."""


def evaluate(formula: str, values: Mapping[str, Fraction] | None = None) -> Fraction:
    """Compute a formula of numbers, names, `+ - * / // % **` and functions, exactly.

    Raises:
        FormulaError: It is something else, too long, too large, or divides by zero.
    """
    try:
        return _value(_tree(formula), values or {})
    except (ZeroDivisionError, KeyError, ValueError, TypeError, RecursionError) as error:
        raise FormulaError(f"cannot compute {formula[:80]!r}: {error}") from error


def holds(condition: str, values: Mapping[str, Fraction]) -> bool:
    """Whether a comparison such as `a <= b` or `low < x <= high` holds.

    Raises:
        FormulaError: It is no comparison, or a side of it cannot be computed.
    """
    tree = _tree(condition)
    if not isinstance(tree, ast.Compare):
        raise FormulaError(f"{condition!r} is no comparison")
    try:
        sides = [_value(side, values) for side in (tree.left, *tree.comparators)]
    except (ZeroDivisionError, KeyError, ValueError, TypeError) as error:
        raise FormulaError(f"cannot compute {condition[:80]!r}: {error}") from error
    pairs = zip(tree.ops, sides, sides[1:], strict=False)
    return all(_COMPARISONS[type(sign)](left, right) for sign, left, right in pairs)


def names_in(formula: str) -> set[str]:
    """Return the names that a formula or comparison uses, functions aside.

    Raises:
        FormulaError: It cannot be read.
    """
    return {node.id for node in ast.walk(_tree(formula)) if isinstance(node, ast.Name)} - FUNCTION_NAMES


@lru_cache(maxsize=4096)
def _tree(formula: str) -> ast.expr:
    if len(formula) > LONGEST:
        raise FormulaError(f"formula of {len(formula)} characters")
    try:
        return ast.parse(formula.strip(), mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(f"cannot read {formula[:80]!r}: {error}") from error


def _value(node: ast.expr, values: Mapping[str, Fraction]) -> Fraction:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            result = Fraction(str(number))
        case ast.Name(id=name):
            result = values[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            result = -_value(operand, values)
        case ast.BinOp(left=left, op=sign, right=right):
            result = _combine(sign, _value(left, values), _value(right, values))
        case ast.Call(func=ast.Name(id=name), args=given, keywords=[]) if name in _FUNCTIONS:
            result = Fraction(_FUNCTIONS[name](*(_value(one, values) for one in given)))
        case _:
            raise ValueError(f"{type(node).__name__} is no arithmetic")
    if abs(result) > LARGEST:
        raise ValueError("too large")
    return result


_OPERATORS: dict[type[ast.operator], Callable[[Fraction, Fraction], Fraction]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.FloorDiv: lambda a, b: Fraction(a // b),
    ast.Mod: operator.mod,
}
_COMPARISONS: dict[type[ast.cmpop], Callable[[Fraction, Fraction], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def _combine(sign: ast.operator, a: Fraction, b: Fraction) -> Fraction:
    if isinstance(sign, ast.Pow) and abs(b) <= 64 and abs(a) <= 10**6:
        return Fraction(a ** _whole(b))
    if type(sign) not in _OPERATORS:
        raise ValueError(f"{type(sign).__name__} is no arithmetic")
    return _OPERATORS[type(sign)](a, b)


def write(value: Fraction) -> str:
    """Write a value as a whole number, a decimal where that is exact and short, else as a fraction."""
    if value.denominator == 1:
        return str(value.numerator)
    for digits in range(1, 7):
        if (value * 10**digits).denominator == 1:
            return f"{float(value):.{digits}f}"
    return f"{value.numerator}/{value.denominator}"


def short(value: Fraction) -> tuple[str, bool]:
    """Write a value with at most four decimals, or five significant digits; and whether that is exact."""
    exact = write(value)
    if "/" not in exact and len(exact.partition(".")[2]) <= 4:
        return exact, True
    decimals = 4 if value == 0 else max(2, 4 - math.floor(math.log10(abs(value))))
    return f"{float(nearest(value, decimals)):.{decimals}f}", False


def fill(formula: str, values: Mapping[str, Fraction]) -> str:
    """Put numbers in the place of names; a fraction gets parentheses."""

    def number(name: re.Match[str]) -> str:
        if name[0] not in values:
            return name[0]
        text = write(values[name[0]])
        return f"({text})" if "/" in text or text.startswith("-") else text

    return re.sub(r"[A-Za-z_]\w*", number, formula)
