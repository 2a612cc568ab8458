"""Read the digits of one number: separators of thousands, decimal points and commas, a power of ten."""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction

LARGEST_EXPONENT = 5000
"""Beyond it a power of ten is not written out."""
_CHUNK = 4000
"""Digits that `int` converts at once; Python refuses more than 4,300."""

RUN = re.compile(r"(?:\d+(?:[,._']\d+)*(?: \d{3}(?!\d)(?:[,.]\d+)?)*|\.\d+)")
_EXPONENT = re.compile(r"[eE]([+-]?\d{1,9})(?!\w)")
_FORMS = (
    (re.compile(r"(\d+)()"), ""),
    (re.compile(r"(\d*)\.(\d+)"), ""),
    (re.compile(r"([1-9]\d{0,2}(?:,\d{3})+)(?:\.(\d+))?"), ","),
    (re.compile(r"([1-9]\d?(?:,\d\d)+,\d{3})(?:\.(\d+))?"), ","),
    (re.compile(r"([1-9]\d{0,2}(?:\.\d{3})+),(\d+)"), "."),
    (re.compile(r"([1-9]\d{0,2}(?:\.\d{3}){2,})()"), "."),
    (re.compile(r"([1-9]\d{0,2}(?: \d{3})+)(?:[.,](\d+))?"), " "),
    (re.compile(r"([1-9]\d{0,2}(?:'\d{3})+)(?:\.(\d+))?"), "'"),
    (re.compile(r"([1-9]\d{0,2}(?:_\d{3})+)(?:\.(\d+))?"), "_"),
    (re.compile(r"(\d+),(\d+)"), ""),
)


@dataclass(frozen=True)
class Literal:
    """One written number.

    Args:
        value: What it stands for, exactly.
        decimals: Digits after the decimal point; None where there is no point.
        digits: Significant digits written.
        scientific: Whether a power of ten was written.
    """

    value: Fraction
    decimals: int | None = None
    digits: int = 0
    scientific: bool = False

    @property
    def counted(self) -> bool:
        """Whether it is a plain string of digits."""
        return self.decimals is None and not self.scientific


def whole(digits: str) -> int:
    """Convert a string of digits of any length."""
    if len(digits) <= _CHUNK:
        return int(digits or "0")
    half = len(digits) // 2
    return whole(digits[:-half]) * int(10**half) + whole(digits[-half:])


def read_run(run: str) -> Literal | None:
    """Read digits with their separators; None where they are no number in any notation (`1.2.3`, `1,23,4`)."""
    for form, separator in _FORMS:
        match = form.fullmatch(run)
        if match is not None:
            front, back = match[1].replace(separator, "") if separator else match[1], match[2] or ""
            value = Fraction(whole(front + back), 10 ** len(back)) if back else Fraction(whole(front))
            return Literal(value, len(back) if match[2] else None, len((front + back).lstrip("0")))
    return None


def scan(text: str, at: int) -> tuple[Literal, int] | None:
    """Read the number that starts at a place, and where it ends; None where none starts there."""
    match = RUN.match(text, at)
    if match is None:
        return None
    found = read_run(match[0])
    if found is None:
        return None
    power = _EXPONENT.match(text, match.end())
    if power is None:
        return found, match.end()
    scaled = times_ten(found, int(power[1]))
    return None if scaled is None else (scaled, power.end())


def times_ten(literal: Literal, exponent: int) -> Literal | None:
    """Multiply by a power of ten; None where that is beyond `LARGEST_EXPONENT`."""
    if abs(exponent) > LARGEST_EXPONENT:
        return None
    return Literal(literal.value * Fraction(10) ** exponent, None, literal.digits, scientific=True)
