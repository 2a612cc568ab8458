"""Find the equations in a sentence and check them; the sentence may be anything, also written to mislead.

An equation is reported as wrong only where every sensible reading of it is wrong: what is symbolic, ambiguous or a
mere change of units is no equation here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, MutableMapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from tools.steps.agreement import Sides, literal
from tools.steps.expressions import Unreadable, evaluate, first_after, last_before
from tools.steps.tokens import Token, readable, tokens
from tools.steps.units import MEASURES, mixes

LONGEST_TEXT = 4000
"""Characters of a step that are still searched."""
MOST_ROUNDED = 200

_ANNOTATION = re.compile(r"<<([^<>\n]*)>>")
"""The calculator marks of GSM8K, as in <<48/2=24>>."""
_ROUNDING = re.compile(
    r"≈|\b(?:about|approx\w*|round\w*|nearest|roughly|nearly|almost|whole|full|floor|ceil\w*|truncat\w*"
    r"|at (?:least|most)|remainder|left over|complete\w*|integer)\b",
    re.IGNORECASE,
)
_APPROXIMATE = frozenset({"about", "approximately", "roughly", "around", "nearly", "almost"})
_FILLERS = _APPROXIMATE | {"only", "just", "exactly", "a", "total", "or"}
_MODIFIERS = frozenset({"twice", "thrice", "half", "double", "triple", "quarter", "third", "root", "square", "times"})
_SHARES = frozenset(
    {"half", "third", "quarter", "fourth", "fifth", "sixth", "tenth", "percent", "square", "cube", "root"}
)
_MORE = frozenset({"remainder", "r", "mod", "modulo", "am", "pm", "o'clock"})
_LABELS = frozenset(
    {"step", "day", "case", "week", "part", "example", "question", "month", "round", "option", "method"}
)
_LEADS = frozenset({"in", "out", "of", "to", "per", "and"})


@dataclass(frozen=True)
class Equation:
    """One equation of a text.

    Args:
        left: What stands on the left, as written.
        right: What stands on the right, as written.
        value: The value of the left side.
        result: The value of the right side.
        holds: Whether they are equal, as far as the written digits say.
        used: The numbers on the left.
        operations: How many operations are shown.
        span: Where the left side begins and the right side ends, in the text made readable.
    """

    left: str
    right: str
    value: Fraction
    result: Fraction
    holds: bool
    used: frozenset[Fraction]
    operations: int
    span: tuple[int, int]


def equations(text: str, rounded: MutableMapping[Fraction, Fraction] | None = None) -> list[Equation]:
    """Return the equations of a text in order; `a = b = c` is two. What cannot be computed is no equation.

    Args:
        text: A sentence or several.
        rounded: Exact values by their rounded ones, from earlier steps; those of this text are added.
    """
    known = {} if rounded is None else rounded
    text = text[:LONGEST_TEXT]
    marked = [equation for mark in _ANNOTATION.findall(text) for equation in _equations(mark, known)]
    return marked + _equations(_ANNOTATION.sub("", text), known)


def _equations(text: str, rounded: MutableMapping[Fraction, Fraction]) -> list[Equation]:
    text = readable(text)
    found = tokens(text)
    finder = _Finder(text, found, rounded)
    return [equation for place, token in enumerate(found) if token.kind == "equals" for equation in finder.at(place)]


class _Finder:
    """Finds the equation at each equals sign of one text."""

    def __init__(self, text: str, found: list[Token], rounded: MutableMapping[Fraction, Fraction]) -> None:
        self.text, self.found, self.rounded = text, found, rounded
        self.rounds = bool(_ROUNDING.search(text))
        self.signs = [-1, *(place for place, token in enumerate(found) if token.kind == "equals"), len(found)]
        self.order = {place: index for index, place in enumerate(self.signs)}

    def at(self, place: int) -> Iterator[Equation]:
        """Yield the equation around the equals sign, where there is a readable one."""
        index = self.order[place]
        start = last_before(self.found, self.signs[index - 1] + 1, place)
        begin, stop = place + 1, self.signs[index + 1]
        approximate = self.found[place].text in "≈≃≅~"
        while begin < stop and self.found[begin].text.lower() in _FILLERS:
            approximate = approximate or self.found[begin].text.lower() in _APPROXIMATE
            begin += 1
        end = first_after(self.found, begin, stop)
        if start == place or end == begin or self._is_cut(start, end, stop):
            return
        sides = Sides(self.found[start:place], self.found[begin:end], approximate, self.rounds, self.rounded)
        equation = self._equation(sides, self._is_doubtful(start, end, stop, sides))
        if equation is not None:
            yield equation

    def _is_cut(self, start: int, end: int, stop: int) -> bool:
        """Whether a side lacks its first or last operand, or touches an unknown."""
        before = self.found[start - 1] if start else None
        after = self.found[end] if end < stop else None
        if before is not None and before.kind == "sign" and not self._is_bullet(start - 1):
            return True
        if before is not None and before.kind in ("symbol", "factorial", "close", "call"):
            return True
        return after is not None and (after.kind in ("symbol", "open", "call") or self._goes_on(end, stop))

    def _is_bullet(self, place: int) -> bool:
        """Whether a sign opens a line, as the mark of a list item, and so is no arithmetic."""
        before = self.found[place - 1] if place else None
        return self.found[place].text in "-*" and (before is None or before.text == "\n")

    def _goes_on(self, end: int, stop: int) -> bool:
        """Whether a sign follows that leads to an unknown, as in `= 3 * x`, and not to prose."""
        if self.found[end].kind != "sign":
            return False
        after = self.found[end + 1] if end + 1 < stop else None
        return self.found[end].text != "-" or (after is not None and after.kind != "word")

    def _is_doubtful(self, start: int, end: int, stop: int, sides: Sides) -> bool:
        """Whether what stands around the equation may change its meaning."""
        return (
            self._is_modified(start)
            or self._continues(end, stop)
            or _is_ambiguous(sides)
            or any(unit in ("am", "pm", "o'clock") for unit in sides.units)
        )

    def _is_modified(self, start: int) -> bool:
        """Whether the words before the left side belong to it: `twice 5 + 3`, `2 hours 30 minutes + 45 minutes`."""
        words: list[str] = []
        for token in reversed(self.found[max(0, start - 3) : start]):
            if token.kind == "value":
                if not words and (not token.units or token.units[-1] in MEASURES or _holds_packs(token.units)):
                    return True
                words += reversed(token.units) if token.units else ["percent"]
                break
            if token.kind != "word":
                break
            words.append(token.text.lower())
        if words[1:2] and words[0] == "of":
            return words[1].rstrip("s") in _SHARES
        if words and words[0] in _LABELS and self.found[start + 1].text == "-":
            return True
        return bool(words) and (
            words[0] in _MODIFIERS or (words[0] == "and" and start > 1 and self._measured(start - 2))
        )

    def _measured(self, place: int) -> bool:
        token = self.found[place]
        return token.kind == "value" and bool(token.units) and token.units[-1] in MEASURES

    def _continues(self, end: int, stop: int) -> bool:
        """Whether the right side goes on behind its first value: `1 in 4`, `3 : 4`, `2 hours and 30 minutes`."""
        last = self.found[end - 1]
        if set(last.units) & _MORE:
            return True
        after = self.found[end : min(end + 3, stop)]
        if not after:
            return False
        if after[0].kind in ("sign", "factorial") or after[0].text.lower() in _MORE:
            return True
        if after[0].text == ":" and len(after) > 1 and after[1].kind == "value":
            return True
        place = 1 if after[0].text in ("and", ",") else 0
        follows = after[place] if len(after) > place else None
        if follows is None or follows.kind != "value":
            return False
        leads = all(unit in _LEADS for unit in last.units)
        return (leads and place == 0) or (bool(last.units) and mixes({*last.units, *follows.units}))

    def _equation(self, sides: Sides, doubtful: bool) -> Equation | None:
        operations = _operations(sides.left) or (_operations(sides.right) if len(sides.left[-1].units) < 2 else 0)
        if not operations:
            return None
        try:
            value, result = evaluate(sides.left), evaluate(sides.right)
        except Unreadable:
            return None
        holds = sides.agree(value, result)
        if not holds and doubtful:
            return None
        if holds and value != result and literal(sides.right) is not None and len(self.rounded) < MOST_ROUNDED:
            self.rounded[result] = value
        used = frozenset(token.value for token in sides.left if token.kind == "value")
        left, right = self._written(sides.left), self._written(sides.right)
        span = (sides.left[0].start, sides.right[0].start + len(right))
        return Equation(left, right, value, result, holds, used, operations, span)

    def _written(self, side: Sequence[Token]) -> str:
        """Return a side as it stands in the text, without the units at its end."""
        last = side[-1]
        end = last.start + len(last.text) if last.kind == "value" else last.end
        end += self.text[end : end + 1] == "%"
        return self.text[side[0].start : end]


def _operations(side: Sequence[Token]) -> int:
    """Count the operations of an expression, a function's call included."""
    return sum(
        token.kind in ("call", "factorial") or (token.kind == "sign" and place > 0 and side[place - 1].kind != "open")
        for place, token in enumerate(side)
    )


def _is_ambiguous(sides: Sides) -> bool:
    """Whether the equation mixes units, or words and signs, so that it can be read in more than one way."""
    additive = any(token.text in ("+", "-") for token in sides.left if token.kind == "sign")
    if any(token.soft for token in sides.signs) and (additive or len(sides.signs) > 1):
        return True
    if _order_is_ambiguous(sides.left) or _order_is_ambiguous(sides.right):
        return True
    if not additive:
        return False
    terms = [_counted(token) for token in sides.left if token.kind == "value"]
    left = set().union(*terms)
    right = set().union(*(_counted(token) for token in sides.right))
    if mixes(left) or _is_range(sides):
        return True
    return bool(left) and any(term != terms[0] for term in terms) and not left & right


def _counted(token: Token) -> set[str]:
    """Return the words that say what a number counts, parts of compounds included."""
    return {part for unit in token.units for part in unit.split("-")} - {"$"}


def _holds_packs(units: Sequence[str]) -> bool:
    """Whether a number with these units multiplies what follows, as in `8 packs of 5 bags`."""
    return units[-1] == "of" and len(units) == 2 and units[0] != "$"


def _is_range(sides: Sides) -> bool:
    """Whether `18-37` may be a range: one glued hyphen between growing whole numbers."""
    if len(sides.left) != 3 or sides.left[1].text != "-":
        return False
    low, sign, high = sides.left
    return low.end == sign.start and sign.end == high.start and low.value < high.value


def _order_is_ambiguous(side: Sequence[Token]) -> bool:
    """Whether the order of operations on a side is ambiguous: `48 / 2(9 + 3)`, `30/100%1000`, `-3^2`."""
    divided = False
    for place, token in enumerate(side):
        if token.kind != "sign":
            continue
        if token.text == "%" and place and side[place - 1].end == token.start:
            return True
        if token.implied and divided:
            return True
        divided = divided or token.text == "/"
    return side[0].text == "-" and len(side) > 2 and side[2].text == "**"
