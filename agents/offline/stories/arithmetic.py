"""Exact arithmetic on formulas written as text: evaluated by walking the syntax tree, never by running it.

Serves the Attacker's tables (trusted) and the equations in solutions (model text, hostile), so everything is bounded.
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
"""Beyond this a value is refused, so that no power can fill the memory."""

_FUNCTIONS: dict[str, Callable[[int, int], int]] = {"gcd": math.gcd, "lcm": math.lcm}


class FormulaError(ValueError):
    """A formula cannot be read, or its value is out of bounds."""


def evaluate(formula: str, values: Mapping[str, Fraction] | None = None) -> Fraction:
    """Compute a formula of numbers, names, `+ - * / // % **`, `gcd` and `lcm`, exactly.

    Raises:
        FormulaError: It is something else, too long, too large, or divides by zero.
    """
    if len(formula) > LONGEST:
        raise FormulaError(f"formula of {len(formula)} characters")
    try:
        return _value(_tree(formula.strip()), values or {})
    except (SyntaxError, ZeroDivisionError, KeyError, ValueError, RecursionError, MemoryError) as error:
        raise FormulaError(f"cannot compute {formula[:80]!r}: {error}") from error


@lru_cache(maxsize=4096)
def _tree(formula: str) -> ast.expr:
    return ast.parse(formula, mode="eval").body


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
        case ast.Call(func=ast.Name(id=name), args=[left, right], keywords=[]) if name in _FUNCTIONS:
            result = Fraction(_FUNCTIONS[name](_whole(_value(left, values)), _whole(_value(right, values))))
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


def _combine(sign: ast.operator, a: Fraction, b: Fraction) -> Fraction:
    if isinstance(sign, ast.Pow) and abs(b) <= 64 and abs(a) <= 10**6:
        return Fraction(a ** _whole(b))
    if type(sign) not in _OPERATORS:
        raise ValueError(f"{type(sign).__name__} is no arithmetic")
    return _OPERATORS[type(sign)](a, b)


def _whole(value: Fraction) -> int:
    if value.denominator != 1:
        raise ValueError(f"{value} is not whole")
    return value.numerator


def write(value: Fraction) -> str:
    """Write a value as a whole number, a decimal where that is exact and short, else as a fraction."""
    if value.denominator == 1:
        return str(value.numerator)
    for digits in range(1, 7):
        if (value * 10**digits).denominator == 1:
            return f"{float(value):.{digits}f}"
    return f"{value.numerator}/{value.denominator}"


def fill(formula: str, values: Mapping[str, Fraction]) -> str:
    """Put numbers in the place of names; a fraction gets parentheses."""

    def number(name: re.Match[str]) -> str:
        if name[0] not in values:
            return name[0]
        text = write(values[name[0]])
        return f"({text})" if "/" in text or text.startswith("-") else text

    return re.sub(r"[A-Za-z_]\w*", number, formula)
