"""What the readers share: the kinds of answers, how far two numbers may be apart, lists of words."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

AnswerKind = Literal["number", "choice", "expression", "text"]


@dataclass(frozen=True)
class Tolerance:
    """What a benchmark's own rule allows beside equality, such as GSM-Hard's absolute 1e-3.

    Args:
        absolute: The largest difference; below 1 it is relative, so that 0.0004 is not 0.0009.
        relative: The largest difference as a part of the expected value.
    """

    absolute: Fraction = Fraction(0)
    relative: Fraction = Fraction(0)

    def allows(self, difference: Fraction, expected: Fraction) -> bool:
        """Whether the rule takes a difference for none."""
        size = abs(expected)
        return difference <= max(self.absolute * min(Fraction(1), size), self.relative * size)


EXACT = Tolerance()


def word_set(words: str) -> frozenset[str]:
    """Return the words of a list that is written as a text."""
    return frozenset(words.split())
