"""Decide whether the two sides of an equation agree in any sensible reading: rounding, percent, units, running sums."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from tools.steps.expressions import PLAIN, Reading, Unreadable, evaluate
from tools.steps.tokens import Token
from tools.steps.units import is_conversion

_FLOATING = Fraction(1, 10**12)
"""What double precision loses, relative to the value."""


@dataclass(frozen=True)
class Sides:
    """Both sides of an equals sign.

    Args:
        left: The tokens on the left.
        right: The tokens on the right.
        approximate: Whether the sign or a word after it says so.
        rounds: Whether the sentence says that something is rounded.
        rounded: Exact values by the rounded ones of earlier equations.
    """

    left: Sequence[Token]
    right: Sequence[Token]
    approximate: bool
    rounds: bool
    rounded: Mapping[Fraction, Fraction]

    @property
    def signs(self) -> list[Token]:
        """The signs of both sides."""
        return [token for token in (*self.left, *self.right) if token.kind == "sign"]

    @property
    def units(self) -> set[str]:
        """The units and counted words of both sides."""
        return {unit for token in (*self.left, *self.right) for unit in token.units}

    def agree(self, left: Fraction, right: Fraction) -> bool:
        """Whether the values of the sides are equal, as they stand or in another sensible reading."""
        return self._same(left, right) or self._same_otherwise(left, right)

    def _same(self, left: Fraction, right: Fraction) -> bool:
        """Whether the values are equal within what the last written digit of either side says."""
        if abs(left - right) <= _FLOATING * abs(left):
            return True
        loose = self.rounds or self.approximate
        literals = ((literal(self.right), left, right), (literal(self.left), right, left))
        return any(_rounds_to(exact, short, token, loose) for token, exact, short in literals if token is not None)

    def _same_otherwise(self, left: Fraction, right: Fraction) -> bool:
        """Whether another sensible reading of the equation holds."""
        if self.approximate and abs(left - right) * 50 <= max(abs(left), abs(right)):
            return True
        if is_conversion(left, right, self.units):
            return True
        if "%" in self.units and (self._same(left * 100, right) or self._same(left / 100, right)):
            return True
        readings = [Reading(split=True)] if self.left[0].whole else []
        if any(token.percent for token in self.left):
            readings.append(Reading(relative=True))
        exact = self._exact()
        if exact:
            readings.append(Reading(exact=exact))
        for reading in readings:
            other = _value(self.left, reading)
            if other is not None and (self._same(other, right) or is_conversion(other, right, self.units)):
                return True
            both = _value(self.right, reading)
            if other is not None and both is not None and self._same(other, both):
                return True
        return self._runs_on(left)

    def _runs_on(self, left: Fraction) -> bool:
        """Whether the first value of the right side is meant, as in `5 + 3 = 8 + 2 = 10`."""
        head = self.right[0]
        if head.kind != "value" or len(self.right) == 1:
            return False
        return replace(self, right=[head])._same(left, head.value)

    def _exact(self) -> dict[Fraction, Fraction]:
        """Return what the rounded numbers of both sides stand for, as far as that is known."""
        exact: dict[Fraction, Fraction] = {}
        for token in (*self.left, *self.right):
            if token.kind != "value":
                continue
            near = token.value.limit_denominator(9)
            if token.value in self.rounded:
                exact[token.value] = self.rounded[token.value]
            elif 0 < token.unit <= Fraction(1, 100) and near != token.value and abs(near - token.value) < token.unit:
                exact[token.value] = near
        return exact


def _value(side: Sequence[Token], reading: Reading = PLAIN) -> Fraction | None:
    try:
        return evaluate(side, reading)
    except Unreadable:
        return None


def literal(side: Sequence[Token]) -> Token | None:
    """Return the one number that a side consists of."""
    numbers = [token for token in side if token.kind == "value"]
    bare = all(token.kind in ("value", "open", "close") or token.text == "-" for token in side)
    return numbers[0] if bare and len(numbers) == 1 and numbers[0].unit else None


def _rounds_to(exact: Fraction, short: Fraction, token: Token, loose: bool) -> bool:
    """Whether `short`, written with the token's digits, is `exact` rounded or, if loose, rounded up or down."""
    unit, difference = token.unit, abs(exact - short)
    if loose:
        return difference < unit
    if "." not in token.text and not token.percent:
        return False
    return difference <= unit / 2 or (difference < unit and abs(short) < abs(exact))
