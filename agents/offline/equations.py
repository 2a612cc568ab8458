"""Find the equations in a sentence and check them; the sentence may be hostile."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

from agents.offline.arithmetic import FormulaError, evaluate

LONGEST_TEXT = 4000
"""Characters of a step that are searched."""

_NUMBER = r"\d+(?:,\d{3}(?!\d))*(?:\.\d+)?"
_TOKEN = re.compile(
    rf"(?P<percent>{_NUMBER}%(?!\s*[\d(]))|(?P<number>{_NUMBER})|(?P<call>gcd|lcm)(?=\()|(?P<equals>=|≈)"
    r"|(?P<sign>\*\*|//|[-+*/%^×÷·−]|x(?=\s*[\d(]))|(?P<bracket>[()])|(?P<comma>,(?=\s*\d))|(?P<skip>[\s$€£]+)"
    r"|(?P<other>\w+|.)",
    re.DOTALL,
)
_SIGNS = {"^": "**", "×": "*", "·": "*", "x": "*", "÷": "/", "−": "-"}
_OPERATION = re.compile(r"[\d)]\s*(?:\*\*|//|[-+*/%])|gcd|lcm")


@dataclass(frozen=True)
class Equation:
    """One equation: what stands on the left and on the right of the sign, and whether they are equal."""

    left: str
    right: str
    holds: bool

    @property
    def used(self) -> set[Fraction]:
        """The numbers on the left."""
        return numbers(self.left)

    @property
    def result(self) -> Fraction:
        """The value on the right."""
        return evaluate(self.right)

    @property
    def operations(self) -> int:
        """How many operations the left side does."""
        return len(_OPERATION.findall(self.left))


def numbers(text: str) -> set[Fraction]:
    """Return the numbers written in a text."""
    return {Fraction(found.replace(",", "")) for found in re.findall(_NUMBER, text) if len(found) <= 40}


def equations(text: str) -> list[Equation]:
    """Return the equations of a text in order; `a = b = c` is two. What cannot be computed is no equation."""
    found: list[Equation] = []
    for run in _runs(text[:LONGEST_TEXT]):
        sides = [_trim(side) for side in run.split("=")]
        for left, right in pairwise(sides):
            equation = _equation(left, right)
            if equation is not None:
                found.append(equation)
    return found


def _runs(text: str) -> list[str]:
    """Return the stretches of pure arithmetic that hold an equals sign, in Python's notation."""
    runs: list[str] = []
    parts: list[str] = []
    depth = 0
    for token in [*_TOKEN.finditer(text), None]:
        kind = token.lastgroup if token else "other"
        piece = token[0] if token else ""
        if kind == "other" or (kind == "comma" and depth == 0):
            runs.append("".join(parts))
            parts, depth = [], 0
        elif kind == "percent":
            parts.append(f"({piece.replace(',', '')[:-1]}/100)")
        elif kind == "skip":
            parts.append(" " if piece[0].isspace() else "")
        else:
            depth += {"(": 1, ")": -1}.get(piece, 0)
            plain = piece.replace(",", "") if kind == "number" else piece
            parts.append("=" if kind == "equals" else _SIGNS.get(plain, plain))
    return [run for run in runs if "=" in run]


def _trim(side: str) -> str:
    """Strip signs that the surrounding prose left at the end, and unmatched brackets.

    A side that begins with a sign lacks its first operand, so it is dropped.
    """
    side = re.sub(r"[-+*/%(\s]+$", "", side.strip())
    if re.match(r"[+*/%]|-\s", side):
        return ""
    while side.endswith(")") and side.count(")") > side.count("("):
        side = side[:-1].strip()
    while side.startswith("(") and side.count("(") > side.count(")"):
        side = side[1:].strip()
    return side


def _equation(left: str, right: str) -> Equation | None:
    if not _OPERATION.search(left):
        return None
    try:
        value, stated = evaluate(left), evaluate(right)
    except FormulaError:
        return None
    decimals = re.fullmatch(r"-?\d+\.(\d+)", right)
    unit = Fraction(1, 10 ** len(decimals[1])) if decimals else Fraction(0)
    return Equation(left, right, abs(value - stated) <= unit / 2)
