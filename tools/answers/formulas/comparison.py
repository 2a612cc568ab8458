"""Decide in process whether two formulas are equal, exactly: no floating point, no tolerance.

Every formula is evaluated at several points of a finite field of 2^255 elements, where sums, products, quotients,
whole powers and square roots of whole numbers keep their laws: two rational expressions that agree there are the same
but for a chance below 2^-200. What the field does not know (`sin x`, `e^x`, `|x|`) is an unknown of its own, one for
each argument's value; so `equal` is always right, `different` is only said of what holds no such unknown, and all else
is `undecided`, left to `symbolic`.
"""

from __future__ import annotations

import hashlib
from fractions import Fraction
from functools import cache
from math import factorial
from typing import Any, Literal

from tools.answers.formulas.parser import LONGEST, Tree, UnreadFormula, names, parse, split_names, tokens
from tools.answers.notation import fold, from_latex
from tools.answers.reply import bare, lines_of

Verdict = Literal["equal", "different", "undecided"]

PRIME = 0x800000000000000000000000000000016AC87A515F95D7DD30EA64D0248C933F
"""A prime that is -1 modulo 8 and modulo every odd prime below 100, so that all these are squares of the field."""
POINTS = 3
LARGEST_POWER = 10**6
_PRIMES = tuple(q for q in range(2, 1000) if all(q % d for d in range(2, int(q**0.5) + 1)))

Value = tuple[int, ...]
"""A formula's value at each of the points."""


def compare_in_process(given: str, expected: str) -> Verdict:
    """Compare two formulas as far as that can be done by evaluation."""
    try:
        left, right = tokens(_source(given)), tokens(_source(expected))
        single = {name for name in names(left) | names(right) if len(name) == 1}
        one, two = parse(split_names(left, single)), parse(split_names(right, single))
        one, two = _same_shape(one, two)
        first, second = _Field(), _Field()
        form, other = first.canonical(one), second.canonical(two)
    except (UnreadFormula, RecursionError):
        return "undecided"
    if form == other:
        return "equal"
    return "different" if first.pure and second.pure and _comparable(form, other) else "undecided"


def _comparable(form: tuple[Any, ...], other: tuple[Any, ...]) -> bool:
    """Whether two forms that differ name different things: two values, two sets, two lists in the same brackets."""
    if form[0] != other[0] or form[0] not in ("value", "list"):
        return False
    return form[0] == "value" or form[1:3] == other[1:3] or len(form[3]) == len(other[3]) == 2


def is_formula(text: str) -> bool:
    """Whether a text can be read as a formula, without words in it."""
    try:
        found = tokens(_source(text))
        parse(found)
    except (UnreadFormula, RecursionError):
        return False
    return all(len(name) < 4 or "_" in name or not name.isascii() for name in names(found))


def _source(text: str) -> str:
    if len(text) > 2 * LONGEST:
        raise UnreadFormula("too long")
    lines = lines_of(bare(text))
    if len(lines) != 1:
        raise UnreadFormula("not one line")
    return from_latex(fold(lines[0])).strip(" .")


def _same_shape(one: Tree, two: Tree) -> tuple[Tree, Tree]:
    """Take `5` and `x = 5`, `[0, 1)` and `x ∈ [0, 1)`, as the same: where only one names the unknown, drop it."""
    if one[0] == "relation" and two[0] != "relation":
        return _right_side(one), two
    if two[0] == "relation" and one[0] != "relation":
        return one, _right_side(two)
    return one, two


def _right_side(relation: Tree) -> Tree:
    _, sign, left, right = relation
    if sign in ("=", "∈") and _names_unknown(left):
        return right  # type: ignore[no-any-return]  # part of a tree
    if sign == "=" and _names_unknown(right):
        return left  # type: ignore[no-any-return]  # part of a tree
    return relation


def _names_unknown(tree: Tree) -> bool:
    """Whether it is `x`, or `f(x)`."""
    if tree[0] == "call":
        return tree[1] in ("f", "g", "h") and all(argument[0] == "name" for argument in tree[2])
    return tree[0] == "name" and tree[1] not in ("e", "pi", "i", "oo")


class _Field:
    """Evaluates one formula; `pure` while nothing in it is an unknown of its own."""

    def __init__(self) -> None:
        self.pure = True

    def canonical(self, tree: Tree) -> tuple[Any, ...]:
        """Return a form that two equal formulas share."""
        match tree[0]:
            case "list":
                items = [self.canonical(item) for item in tree[3]]
                return ("list", tree[1], tree[2], frozenset(items) if tree[1] == "{" else tuple(items))
            case "union":
                return ("union", frozenset(self.canonical(item) for item in tree[1]))
            case "chain":
                return ("chain", frozenset(self.canonical(item) for item in tree[1]))
            case "relation":
                return self._relation(tree)
        return ("value", self.value(tree))

    def _relation(self, tree: Tree) -> tuple[Any, ...]:
        _, sign, left, right = tree
        if sign in (">", ">="):
            sign, left, right = {">": "<", ">=": "<="}[sign], right, left
        if "list" in (left[0], right[0]) or sign == "∈":
            return ("relation", sign, self.canonical(left), self.canonical(right))
        difference = self.value(("sum", (left, ("neg", right))))
        if sign in ("=", "!="):  # an equation times a number is the same equation
            scale = next((value for value in difference if value), 0)
            difference = tuple(value * pow(scale, -1, PRIME) % PRIME for value in difference) if scale else difference
        return ("relation", sign, difference)

    def value(self, tree: Tree) -> Value:  # noqa: PLR0911  (one row a kind of tree)
        """Evaluate at every point."""
        match tree:
            case ("number", number):
                return self._number(number)
            case ("name", name):
                return self._name(name)
            case ("neg", inner):
                return tuple(-value % PRIME for value in self.value(inner))
            case ("sum", terms):
                return tuple(sum(values) % PRIME for values in zip(*map(self.value, terms), strict=True))
            case ("product", factors):
                return self._product(factors)
            case ("pow", base, exponent):
                return self._power(base, exponent)
            case ("factorial", ("number", number)) if number.denominator == 1 and 0 <= number <= 200:
                return (factorial(int(number)) % PRIME,) * POINTS
            case ("call", name, arguments):
                return self._call(name, arguments)
        raise UnreadFormula(f"no value: {tree[0]}")

    def _number(self, number: Fraction) -> Value:
        return (number.numerator * _inverse(number.denominator) % PRIME,) * POINTS

    def _name(self, name: str) -> Value:
        if name in ("e", "pi", "oo", "i", "I", "j"):
            self.pure = False  # known to us only as unknowns: i*i is not seen to be -1
        if name == "e":
            return self._unknown("exp", [self._number(Fraction(1))])
        return tuple(_point(f"name {name}", place) for place in range(POINTS))

    def _product(self, factors: tuple[tuple[Tree, int], ...]) -> Value:
        top, bottom = [1] * POINTS, [1] * POINTS
        for factor, sign in factors:
            side = top if sign > 0 else bottom
            side[:] = [a * b % PRIME for a, b in zip(side, self.value(factor), strict=True)]
        return tuple(a * _inverse(b) % PRIME for a, b in zip(top, bottom, strict=True))

    def _power(self, base: Tree, exponent: Tree) -> Value:
        number = _constant(exponent)
        if number is None and base[0] in ("name", "number") and exponent[0] in ("sum", "neg", "product"):
            return self._split_power(base, exponent)
        if base == ("name", "e"):
            if number is None or number.denominator != 1:
                return self._exponential(base, exponent)
        elif number is not None and number.denominator == 2:
            values, under = self.value(base), _constant(base)
            root = self._unknown("sqrt", [values]) if under is None else self._root(under)
            whole = self._whole_power(values, number.numerator // 2)
            return tuple(a * b % PRIME for a, b in zip(whole, root, strict=True))
        if number is None or number.denominator != 1:
            return self._exponential(base, exponent)
        return self._whole_power(self.value(base), int(number))

    def _split_power(self, base: Tree, exponent: Tree) -> Value:
        """Raise to `n + 1`, `-n` or `2n` by the laws of powers."""
        match exponent:
            case ("sum", terms):
                return self._product(tuple((("pow", base, term), 1) for term in terms))
            case ("neg", inner):
                return self._product(((("pow", base, inner), -1),))
        factors = list(exponent[1])
        for place, (factor, sign) in enumerate(factors):
            times = _constant(factor)
            if sign > 0 and times is not None and times.denominator == 1 and len(factors) > 1:
                rest = (*factors[:place], *factors[place + 1 :])
                inner = rest[0][0] if len(rest) == 1 and rest[0][1] > 0 else ("product", rest)
                return self._whole_power(self.value(("pow", base, inner)), int(times))
        return self._exponential(base, exponent)

    def _exponential(self, base: Tree, exponent: Tree) -> Value:
        """Take a power whose exponent is no number for an unknown."""
        if base == ("name", "e"):
            return self._unknown("exp", [self.value(exponent)])
        return self._unknown("power", [self.value(base), self.value(exponent)])

    def _whole_power(self, values: Value, exponent: int) -> Value:
        if abs(exponent) > LARGEST_POWER:
            raise UnreadFormula("an absurd power")
        if exponent < 0:
            values = tuple(map(_inverse, values))
        return tuple(pow(value, abs(exponent), PRIME) for value in values)

    def _call(self, name: str, arguments: tuple[Tree, ...]) -> Value:
        if len(arguments) != 1 or arguments[0][0] == "list":
            return self._unknown(name, [self.value(argument) for argument in arguments])
        number = _constant(arguments[0])
        if name == "sqrt" and number is not None:
            return self._root(number)
        if name == "exp":
            return self._power(("name", "e"), arguments[0])
        value = self.value(arguments[0])
        name = {"log": "ln", "asin": "arcsin", "acos": "arccos", "atan": "arctan"}.get(name, name)
        if name in ("tan", "cot", "sec", "csc"):
            sine, cosine, one = self._unknown("sin", [value]), self._unknown("cos", [value]), (1,) * POINTS
            top, bottom = {"tan": (sine, cosine), "cot": (cosine, sine), "sec": (one, cosine)}.get(name, (one, sine))
            return tuple(a * _inverse(b) % PRIME for a, b in zip(top, bottom, strict=True))
        return self._unknown(name, [value])

    def _root(self, number: Fraction) -> Value:
        """Take the square root: the root of each prime is one fixed element, so that sqrt(8) is 2 sqrt(2)."""
        if number < 0:
            raise UnreadFormula("the root of a negative number")
        inner = number.numerator * number.denominator
        root = _inverse(number.denominator)
        for prime in _PRIMES:
            while inner % (prime * prime) == 0 and inner:
                inner, root = inner // (prime * prime), root * prime % PRIME
            if inner % prime == 0 and inner:
                inner, root = inner // prime, root * _square_root(prime) % PRIME
        if inner > 1:
            if inner >= _PRIMES[-1] ** 2:
                raise UnreadFormula("a root of a large number")
            root = root * _square_root(inner) % PRIME
        return (root if number else 0,) * POINTS

    def _unknown(self, name: str, arguments: list[Value]) -> Value:
        self.pure = False
        texts = [f"{name}({','.join(str(argument[place]) for argument in arguments)})" for place in range(POINTS)]
        return tuple(_point(text, 0) for text in texts)


def _inverse(value: int) -> int:
    if value % PRIME == 0:
        raise UnreadFormula("a division by zero")
    return pow(value, -1, PRIME)


@cache
def _square_root(prime: int) -> int:
    root = pow(prime, (PRIME + 1) // 4, PRIME)
    if root * root % PRIME != prime:
        raise UnreadFormula(f"the field has no root of {prime}")
    return root


def _point(name: str, place: int) -> int:
    return int.from_bytes(hashlib.sha256(f"{place} {name}".encode("utf-8", "surrogatepass")).digest(), "big") % PRIME


def _constant(tree: Tree) -> Fraction | None:
    """Compute a small constant: what stands in an exponent or under a root."""
    match tree:
        case ("number", number) if number.numerator.bit_length() < 100:
            return number  # type: ignore[no-any-return]  # part of a tree
        case ("neg", inner):
            value = _constant(inner)
            return None if value is None else -value
        case ("product", factors) if len(factors) <= 4:
            product = Fraction(1)
            for factor, sign in factors:
                value = _constant(factor)
                if value is None or (sign < 0 and value == 0):
                    return None
                product = product * value if sign > 0 else product / value
            return product
    return None
