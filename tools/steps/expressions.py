"""Find the longest readable expression before or after an equals sign, and compute it exactly and within bounds."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tools.steps.tokens import Token

LARGEST = 10**40
"""Beyond this a value is not computed, so that no power can fill the memory."""
MOST_TOKENS = 120
DEEPEST = 30
"""Brackets within brackets."""


class Unreadable(ValueError):
    """An expression cannot be computed: malformed, too large, or divided by zero."""


@dataclass(frozen=True)
class Reading:
    """One way to read an expression.

    Args:
        relative: Whether `50 + 10%` adds a tenth of 50.
        exact: Values that stand in for rounded ones, by the rounded one.
        split: Whether a mixed number in front loses its wholes, which then belong to the prose.
    """

    relative: bool = False
    exact: Mapping[Fraction, Fraction] | None = None
    split: bool = False


PLAIN = Reading()


def first_after(found: Sequence[Token], start: int, stop: int) -> int:
    """Return where the longest expression that begins at `start` ends; `start` where there is none."""
    depth, good, operand = 0, start, True
    for place in range(start, min(stop, start + MOST_TOKENS)):
        kind = found[place].kind
        if operand and (kind in ("open", "call") or _is_negative(found, place, start)):
            depth += kind == "open"
        elif operand and kind == "value":
            operand = False
        elif operand:
            break
        elif kind == "close" and depth:
            depth -= 1
        elif kind in ("sign", "comma") and (kind == "sign" or depth):
            operand = True
        elif kind != "factorial" or not _is_factorial(found, place, stop):
            break
        if not operand and depth == 0:
            good = place + 1
    return good


def last_before(found: Sequence[Token], start: int, stop: int) -> int:
    """Return where the longest expression that ends at `stop` begins; `stop` where there is none."""
    depth, good, operand = 0, stop, True
    for place in range(stop - 1, max(start, stop - MOST_TOKENS) - 1, -1):
        kind = found[place].kind
        if operand and kind in ("close", "factorial"):
            depth += kind == "close"
        elif operand and kind == "value":
            operand = False
        elif operand:
            break
        elif kind == "open" and depth:
            depth -= 1
        elif kind in ("sign", "comma") and (kind == "sign" or depth):
            operand = not _is_negative(found, place, start)
        elif kind != "call" or found[place + 1].kind != "open":
            break
        if not operand and depth == 0:
            good = place
    return good


def _is_negative(found: Sequence[Token], place: int, start: int) -> bool:
    """Whether a minus has no operand before it and is glued to the number after it."""
    token = found[place]
    if token.kind != "sign" or token.text != "-" or place + 1 >= len(found):
        return False
    if place > start and found[place - 1].kind in ("value", "close", "factorial", "symbol"):
        return False
    return found[place + 1].start - token.end <= 1 and (
        found[place + 1].start == token.end or "$" in found[place + 1].units
    )


def _is_factorial(found: Sequence[Token], place: int, stop: int) -> bool:
    """Whether an exclamation mark stands within arithmetic, not at the end of a sentence."""
    return place + 1 == stop < len(found) or (place + 1 < stop and found[place + 1].kind in ("sign", "close", "comma"))


def evaluate(found: Sequence[Token], reading: Reading = PLAIN) -> Fraction:
    """Compute an expression.

    Raises:
        Unreadable: It is malformed, too large, too deep, or divides by zero.
    """
    parser = _Parser(found, reading)
    try:
        value = parser.sum(0)
    except (ZeroDivisionError, ValueError, OverflowError) as error:
        raise Unreadable(str(error)) from error
    if parser.place != len(found):
        raise Unreadable("more than one expression")
    return value


class _Parser:
    """Computes while it reads, by precedence."""

    def __init__(self, found: Sequence[Token], reading: Reading) -> None:
        self.found, self.reading, self.place = found, reading, 0

    def _sign(self, *signs: str) -> str | None:
        if self.place < len(self.found) and self.found[self.place].kind == "sign":
            text = self.found[self.place].text
            if text in signs:
                self.place += 1
                return text
        return None

    def _skip(self, kind: str) -> bool:
        if self.place < len(self.found) and self.found[self.place].kind == kind:
            self.place += 1
            return True
        return False

    def sum(self, depth: int) -> Fraction:
        if depth > DEEPEST:
            raise Unreadable("too deep")
        value = self._product(depth)
        while sign := self._sign("+", "-"):
            begin = self.place
            term = self._product(depth)
            share = self.reading.relative and self.place == begin + 1 and self.found[begin].percent
            term = term * value if share else term
            value = _bounded(value + term if sign == "+" else value - term)
        return value

    def _product(self, depth: int) -> Fraction:
        value = self._signed(depth)
        while sign := self._sign("*", "/", "//", "%", "choose"):
            value = _bounded(_OPERATIONS[sign](value, self._signed(depth)))
        return value

    def _signed(self, depth: int) -> Fraction:
        if self._sign("-"):
            return -self._power(depth)
        return self._power(depth)

    def _power(self, depth: int) -> Fraction:
        value = self._postfix(depth)
        if self._sign("**"):
            if depth > DEEPEST:
                raise Unreadable("too deep")
            negative = bool(self._sign("-"))
            exponent = _whole(self._power(depth + 1))
            value = _power(value, -exponent if negative else exponent)
        return value

    def _postfix(self, depth: int) -> Fraction:
        value = self._operand(depth)
        while self._skip("factorial"):
            value = _factorial(value)
        return value

    def _operand(self, depth: int) -> Fraction:
        if self.place >= len(self.found):
            raise Unreadable("an operand is missing")
        token = self.found[self.place]
        self.place += 1
        if token.kind == "value":
            value = token.value - token.whole if self.reading.split and self.place == 1 else token.value
            return self.reading.exact.get(value, value) if self.reading.exact else value
        if token.kind == "open":
            value = self.sum(depth + 1)
        elif token.kind == "call" and self._skip("open"):
            arguments = [self.sum(depth + 1)]
            while self._skip("comma"):
                arguments.append(self.sum(depth + 1))
            value = _call(token.text, arguments)
        else:
            raise Unreadable(f"{token.text!r} is no operand")
        if not self._skip("close"):
            raise Unreadable("a bracket is not closed")
        return value


def _bounded(value: Fraction) -> Fraction:
    if abs(value.numerator) > LARGEST or value.denominator > LARGEST:
        raise Unreadable("too large")
    return value


def _whole(value: Fraction) -> int:
    if value.denominator != 1:
        raise Unreadable(f"{value} is not whole")
    return value.numerator


def _power(value: Fraction, exponent: int) -> Fraction:
    bits = max(abs(value.numerator), value.denominator).bit_length()
    if abs(exponent) * bits > 300:
        raise Unreadable("too large")
    return _bounded(value**exponent)


def _factorial(value: Fraction) -> Fraction:
    if not 0 <= _whole(value) <= 34:
        raise Unreadable("too large")
    return Fraction(math.factorial(_whole(value)))


def _choose(size: Fraction, taken: Fraction) -> Fraction:
    if not (0 <= _whole(size) <= 1000 and 0 <= _whole(taken) <= 1000):
        raise Unreadable("too large")
    return Fraction(math.comb(_whole(size), _whole(taken)))


def _root(value: Fraction) -> Fraction:
    if value < 0:
        raise Unreadable("a root of a negative number")
    root = Fraction(math.isqrt(value.numerator), math.isqrt(value.denominator))
    if root**2 != value:
        raise Unreadable("a root that is not rational")
    return root


_OPERATIONS: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "*": operator.mul,
    "/": operator.truediv,
    "//": lambda a, b: Fraction(a // b),
    "%": operator.mod,
    "choose": _choose,
}
_ONE: dict[str, Callable[[Fraction], Fraction]] = {
    "sqrt": _root,
    "floor": lambda value: Fraction(math.floor(value)),
    "ceil": lambda value: Fraction(math.ceil(value)),
    "factorial": _factorial,
}
_TWO: dict[str, Callable[[Fraction, Fraction], Fraction]] = {
    "gcd": lambda a, b: Fraction(math.gcd(_whole(a), _whole(b))),
    "lcm": lambda a, b: Fraction(math.lcm(_whole(a), _whole(b))),
    "C": _choose,
    "binom": _choose,
    "comb": _choose,
}


def _call(name: str, arguments: Sequence[Fraction]) -> Fraction:
    if len(arguments) == 1 and name in _ONE:
        return _bounded(_ONE[name](arguments[0]))
    if len(arguments) == 2 and name in _TWO:
        return _bounded(_TWO[name](arguments[0], arguments[1]))
    raise Unreadable(f"{name} of {len(arguments)}")
