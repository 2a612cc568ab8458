"""What `solve` returned, and whether two returned values are the same; a value is a value, no prose is read here."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from math import inf
from typing import Any, Literal, NamedTuple

from tools.answers.literals import whole

Form = Literal["number", "float", "text", "list", "formula"]

RELATIVE = Fraction(1, 10**9)
"""What floating point may lose between two orders of computation."""


class Value(NamedTuple):
    """A value as the harness told it: its form, the text that states it, and what it is compared by."""

    form: Form
    text: str
    content: Any


def read_value(told: Sequence[Any]) -> Value:
    """Read what the harness wrote; ValueError where a program forged nonsense."""
    form, content = told[0], told[1]
    match form:
        case "number":
            return Value("number", content.removesuffix("/1"), _fraction(content))
        case "float":
            return Value("float", content, float(content))
        case "text":
            return Value("text", str(content), str(content).strip())
        case "list":
            parts = tuple(read_value(part) for part in content)
            return Value("list", f"({', '.join(part.text for part in parts)})", parts)
        case "formula":
            return Value("formula", str(content), (tuple(told[2]), tuple(told[3])))
    raise ValueError(f"no value has the form {form!r}")


def _fraction(content: str) -> Fraction:
    """Read `12` or `12/5`, of any length."""
    top, _, bottom = content.partition("/")
    size = Fraction(whole(top.removeprefix("-")), whole(bottom or "1"))
    return -size if top.startswith("-") else size


def same_value(left: Value, right: Value) -> bool:
    """Whether two programs returned the same: exact numbers exactly, floats to nine digits, texts to the letter."""
    if left.form == right.form == "list":
        return len(left.content) == len(right.content) and all(map(same_value, left.content, right.content))
    if left.form == right.form == "formula":
        (names, marks), (other_names, other_marks) = left.content, right.content
        return names == other_names and all(map(_same_mark, marks, other_marks))
    a, b = exact(left), exact(right)
    if a is None or b is None:
        return left.form == right.form == "text" and left.content == right.content
    if left.form == right.form == "number":
        return a == b
    if a.denominator == b.denominator == 1 and max(abs(a), abs(b)) < 2**53:
        return a == b  # a float holds every whole number of this size exactly
    return abs(a - b) <= RELATIVE * max(abs(a), abs(b))


def exact(value: Value) -> Fraction | None:
    """Return the number that a value is, also where it was returned as text; None where it is none."""
    if value.form in ("number", "float"):
        return Fraction(value.content)
    if value.form == "text":
        try:
            return Fraction(value.content) if len(value.content) < 5000 and "_" not in value.content else None
        except (ValueError, ZeroDivisionError):
            return None
    return None


def _same_mark(left: str, right: str) -> bool:
    if left == right:
        return True
    try:
        a, b = complex(left.replace("*I", "j").replace(" ", "")), complex(right.replace("*I", "j").replace(" ", ""))
    except ValueError:
        return False
    return abs(a) < inf and abs(a - b) <= 1e-12 * max(abs(a), abs(b))
