"""Problem families as data: one table both writes a problem and reads it back from its text.

A family is data. Its opening sets the first quantities, each move changes them by one reasoning step, its closing
asks for one. Every sentence has several forms with `{slots}`; the Attacker fills them, and the Judge turns the same
forms into patterns, reads the story's numbers back, and writes its own program (`check`) over the inputs that state
them. The Judge never sees the Attacker's program, so a text that does not state what was computed is detected.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Numbers = Mapping[str, Sequence[int]]
"""For each number slot, the values it may take."""
LINKS = ("Then", "After that", "Next,", "Later on", "In the following step,")
"""What may stand before a move."""
SMALL = frozenset(("A", "An", "The", "One", "Half", "Each", "Every", "What", "This", "That", "All", "Another", "Only"))
"""First words of a move that are written in lower case after a link."""


@dataclass(frozen=True)
class Line:
    """A sentence of a problem and what it computes.

    Args:
        forms: Wordings, with `{slots}`; no form may be the beginning of another line's form.
        sets: Quantities it sets, in order, as formulas over quantities and number slots.
        check: The Judge's lines of Python for it, with `{slots}`, by another route than `sets` where there is one;
            the closing's return the answer.
        why: The sentence that explains the step; `{eq}` is its equations. Empty in an opening that computes nothing,
            and in a closing that only asks for a quantity at hand; with it, they are steps too.
        draws: Its number slots.
        texts: Its text slots, such as strands and dates; letters, digits, spaces and hyphens.
        facts: Numbers that follow from the slots (a count of bases), for `sets` and `why`.
        code: The Attacker's lines of Python for it, with `{slots}`, where `sets` alone would not show the work.
        constants: Numbers that its forms write themselves ("twice", "140"); the same name means the same in all lines.
        needs: Pairs of quantities, slots or constants of which the first may not exceed the second, or the story
            cannot be.
    """

    forms: tuple[str, ...]
    sets: Mapping[str, str] = field(default_factory=dict)
    check: str = ""
    why: str = ""
    draws: Numbers = field(default_factory=dict)
    texts: Mapping[str, Sequence[str]] = field(default_factory=dict)
    facts: Mapping[str, Callable[[Mapping[str, str]], int]] = field(default_factory=dict)
    code: str = ""
    constants: Mapping[str, int] = field(default_factory=dict)
    needs: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Family:
    """A kind of problem.

    Args:
        name: Its name.
        topic: The topic it belongs to, as the domain pack spells it.
        skill: What it exercises, if the brief asks for nothing of the kind.
        opening: Sets all quantities; where it has a `why` it is the first step.
        moves: Steps to choose from, at least three; a problem may use one several times.
        closing: Asks; where it has a `why` it is the last step itself, and sets `answer`.
        answer: The quantity asked for.
        words: Cosmetic slots, drawn once for a story.
        kind: How the answer is given; for `choice` the answer quantity is an index into `choices`.
        choices: The options.
        digits: Decimals that quantities may have; None allows any fraction.
        largest: No quantity grows beyond it; 1 where quantities are shares or probabilities.
        divisions: Moves, at most, that must come out even where all is whole; with more, few redrawn inputs do.
    """

    name: str
    topic: str
    skill: str
    opening: Line
    moves: tuple[Line, ...]
    closing: Line
    answer: str
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    kind: Literal["number", "choice", "expression"] = "number"
    choices: tuple[str, ...] = ()
    digits: int | None = 0
    largest: int = 10_000_000
    divisions: int = 2
