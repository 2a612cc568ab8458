"""Compare answers by computation; no model has a say here.

One comparison serves the whole project: whether a program printed the stated answer, whether the Judge agrees,
whether the Defender was wrong, and what the benchmark counts as right. Model text is only ever parsed, never
evaluated: `sympify` and `eval` run code, so expressions go through the small reader below.
"""

from __future__ import annotations

import ast
import cmath
import re
import unicodedata
from collections.abc import Callable
from fractions import Fraction
from typing import Literal

AnswerKind = Literal["number", "choice", "expression", "text"]

ABSOLUTE_TOLERANCE = Fraction(1, 1000)
"""Of a value of at least 1; below 1 it is relative (GSM-Hard's own scorer allows 1e-3)."""
RELATIVE_TOLERANCE = Fraction(1, 10**9)
"""What double precision loses on large values."""

_NUMBER = re.compile(
    r"(?<![\w.])[-+]?(?:\d{1,3}(?:,\d{3})+|\d+)?(?:\.\d+|(?<=\d)\.(?!\d))?(?:e[-+]?\d{1,3})?"
    r"(?:\s*/\s*[-+]?\d+(?![\d.,]*\d))?",
    re.IGNORECASE,
)
_ANSWER_LINE = re.compile(
    r"^[\s*_#>`]*(?:final\s+)?answer[\s*_`]*[:=][\s*_`]*(.+?)[\s*_`]*$", re.IGNORECASE | re.MULTILINE
)


def plain(text: str) -> str:
    """Fold compatibility forms, typographic minus signs and white space; keep case."""
    text = unicodedata.normalize("NFKC", text)
    return re.sub(r"\s+", " ", re.sub(r"[\u2010-\u2015\u2212]", "-", text)).strip()


def normalise_question(text: str) -> str:
    """Reduce a question to what makes it the same question: no case, no spacing, no leading "Q:"."""
    return re.sub(r"^(?:q|question)\s*[:.]\s*", "", plain(text).casefold())


def final_answer(text: str) -> str | None:
    """Return what follows the last `ANSWER:` of a reply, or None where there is none."""
    found = _ANSWER_LINE.findall(text)
    return found[-1].strip() if found else None


def read_number(text: str) -> Fraction | None:
    """Read the last number of the text's last line: `$1,234.50`, `-3e5`, `3/28`, `1379135.`, `20 %`; None if none."""
    lines = [line for line in plain_lines(text) if line]
    if not lines:
        return None
    last = re.sub(r"(?<=[-+])\s*[$€£]\s*|[$€£]\s*", "", lines[-1])
    found = [match for match in _NUMBER.findall(last) if any(char.isdigit() for char in match)]
    return _fraction(found[-1]) if found else None


def plain_lines(text: str) -> list[str]:
    """Return the lines of the text, each made `plain`."""
    return [plain(line) for line in text.splitlines()]


def _fraction(literal: str) -> Fraction | None:
    numerator, _, denominator = literal.replace(",", "").partition("/")
    try:
        value = Fraction(numerator.strip().rstrip("."))
        return value / Fraction(denominator.strip()) if denominator else value
    except (ValueError, ZeroDivisionError):
        return None


def same_number(given: str, expected: str) -> bool:
    """Whether the given number is the expected one, within what rounding and floating point explain.

    An expected value written with a decimal point and at least three significant digits also equals whatever
    rounds to it (33.33 for 100/3).
    """
    value, target = read_number(given), read_number(expected)
    if value is None or target is None:
        return False
    size = abs(target)
    difference = abs(value - target)
    if difference <= max(ABSOLUTE_TOLERANCE * min(Fraction(1), size), RELATIVE_TOLERANCE * size):
        return True
    digits = re.fullmatch(r"\D*([\d,]+)\.(\d+)\D*", plain(expected))
    if digits is None or len((digits[1] + digits[2]).replace(",", "").lstrip("0")) < 3:
        return False
    return difference <= Fraction(1, 2 * 10 ** len(digits[2]))


def same_choice(given: str, expected: str, choices: list[str] | tuple[str, ...]) -> bool:
    """Whether the given text names the expected option, by its text or by its letter (A is the first)."""
    options = [_word(choice) for choice in choices]
    target = _word(expected)
    said = _word(given)
    if said in options:
        return said == target
    letter = re.match(r"^\(?([A-Za-z])(?:[).:]|$)\s*(.*)$", plain(given))
    if letter is None:
        return said == target
    place = ord(letter[1].upper()) - ord("A")
    return place < len(options) and options[place] == target and (not letter[2] or _word(letter[2]) == target)


def _word(text: str) -> str:
    return re.sub(r"^(?:the|an?)\s+", "", plain(text).casefold()).strip(" .\"'`*")


def same_answer(given: str, expected: str, kind: AnswerKind, choices: list[str] | tuple[str, ...] = ()) -> bool:
    """Whether two answers are the same; `expected` is the stated or reference one."""
    if kind == "number":
        return same_number(given, expected)
    if kind == "choice":
        return same_choice(given, expected, choices)
    if _word(given) == _word(expected):
        return True
    return kind == "expression" and same_expression(given, expected)


# --- expressions -----------------------------------------------------------------------------------------------

_FUNCTIONS: dict[str, Callable[[complex], complex]] = {
    "sqrt": cmath.sqrt,
    "exp": cmath.exp,
    "log": cmath.log,
    "ln": cmath.log,
    "sin": cmath.sin,
    "cos": cmath.cos,
    "tan": cmath.tan,
}
_POINTS = (0.734, 1.618, 2.902)
"""Where free variables are set, one point a round; each variable is shifted by its place in the alphabet."""


def same_expression(given: str, expected: str) -> bool:
    """Whether two formulas agree at three points; False where either cannot be read."""
    try:
        left, right = _parse(given), _parse(expected)
        if _names(left) != _names(right):
            return False
        for point in _POINTS:
            values = {name: complex(point + 0.37 * place) for place, name in enumerate(sorted(_names(left)))}
            a, b = _value(left, values), _value(right, values)
            if abs(a - b) > 1e-9 * max(1.0, abs(a), abs(b)):
                return False
    except (SyntaxError, ValueError, ArithmeticError, RecursionError, MemoryError):
        return False
    return True


def _parse(text: str) -> ast.expr:
    lines = [line for line in plain_lines(text) if line]
    source = (lines[-1] if lines else "").split("=")[-1].replace("^", "**").replace("·", "*").replace("×", "*")
    if len(source) > 300:
        raise ValueError("expression too long")
    source = re.sub(r"(?<=\d),(?=\d{3})", "", source)
    source = re.sub(r"(\d|\))\s*(?=[A-Za-z(])", r"\1*", source)
    return ast.parse(source.strip(" .$"), mode="eval").body


def _names(tree: ast.expr) -> set[str]:
    known = _FUNCTIONS.keys() | {"pi", "e"}
    return {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)} - known


def _value(node: ast.expr, values: dict[str, complex]) -> complex:
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return complex(number)
        case ast.Name(id=name) if name not in _FUNCTIONS:
            return {"pi": complex(cmath.pi), "e": complex(cmath.e), **values}[name]
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return -_value(operand, values)
        case ast.UnaryOp(op=ast.UAdd(), operand=operand):
            return _value(operand, values)
        case ast.BinOp(left=left, op=operator, right=right):
            return _combine(operator, _value(left, values), _value(right, values))
        case ast.Call(func=ast.Name(id=name), args=[argument], keywords=[]) if name in _FUNCTIONS:
            return _FUNCTIONS[name](_value(argument, values))
    raise ValueError(f"not arithmetic: {ast.dump(node)[:80]}")


def _combine(operator: ast.operator, a: complex, b: complex) -> complex:
    match operator:
        case ast.Add():
            return a + b
        case ast.Sub():
            return a - b
        case ast.Mult():
            return a * b
        case ast.Div():
            return a / b
        case ast.Pow():
            return a**b  # complex floats: an absurd power overflows at once instead of filling memory
    raise ValueError(f"not arithmetic: {operator!r}")
