"""Problems as chains of told moves: one table both writes a story and reads it back.

A family is data. Its opening sets the first quantities, each move changes them by one reasoning step, its closing
asks for one. Every sentence has several forms with `{slots}`; the Attacker fills them, and the Judge turns the same
forms into patterns, reads the story's numbers back, and writes its own program (`check`) from them. The Judge never
sees the Attacker's program, so a story that does not say what was computed is found out.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cache
from random import Random
from typing import Literal

from agents.offline.arithmetic import FormulaError, evaluate, fill, write

Numbers = Mapping[str, Sequence[int]]
"""For each number slot, the values it may take."""
TRIES = 400
"""Draws of a move's numbers before another move is tried."""


@dataclass(frozen=True)
class Line:
    """A sentence of a story and what it means.

    Args:
        forms: Ways to say it, with `{slots}`; no form may be the beginning of another line's form.
        sets: Quantities it sets, in order, as formulas over quantities and number slots.
        check: The Judge's lines of Python for it, with `{slots}`, by another route than `sets` where there is one.
        why: The sentence that explains the step; `{eq}` is its equations. Empty in an opening, and in a closing that
            only asks for a quantity at hand.
        draws: Its number slots.
    """

    forms: tuple[str, ...]
    sets: Mapping[str, str] = field(default_factory=dict)
    check: str = ""
    why: str = ""
    draws: Numbers = field(default_factory=dict)


@dataclass(frozen=True)
class Family:
    """A kind of problem.

    Args:
        name: Its name.
        topic: The topic it belongs to, as the domain pack spells it.
        skill: What it exercises, if the brief asks for nothing of the kind.
        opening: Sets all quantities.
        moves: Steps to choose from, at least three; a problem may use one several times.
        closing: Asks; where it has a `why` it is the last step itself, and sets `answer`.
        answer: The quantity asked for.
        words: Cosmetic slots, drawn once for a story.
        kind: How the answer is given; for `choice` the answer quantity is an index into `choices`.
        choices: The options.
        digits: Decimals that quantities may have; None allows any fraction.
        largest: No quantity grows beyond it.
        imports: A line of Python that both programs need.
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
    imports: str = ""


@dataclass(frozen=True)
class Problem:
    """A composed problem: the text, the explained steps, the answer, the Attacker's program."""

    family: Family
    text: str
    steps: tuple[str, ...]
    answer: str
    program: str


class _Stuck(Exception):
    """No move fits the present quantities, so the draw is begun again."""


def compose(family: Family, steps: int, rng: Random) -> Problem:
    """Write a problem of exactly that many reasoning steps."""
    while True:
        try:
            return _compose(family, steps, rng)
        except _Stuck:
            continue


def _compose(family: Family, steps: int, rng: Random) -> Problem:
    words = {name: rng.choice(options) for name, options in family.words.items()}
    story = _Story(family, rng, words)
    story.tell(family.opening)
    last: Line | None = None
    for _ in range(steps - bool(family.closing.why)):
        others = [move for move in family.moves if move is not last] or list(family.moves)
        for move in rng.sample(others, len(others)):
            if story.tell(move):
                last = move
                break
        else:
            raise _Stuck
    if not story.tell(family.closing):
        raise _Stuck
    value = story.values[family.answer]
    answer = family.choices[int(value)] if family.kind == "choice" else write(value)
    shown = f"{list(family.choices)!r}[{family.answer}]" if family.kind == "choice" else family.answer
    program = "\n".join([*([family.imports] if family.imports else []), *story.program, f"print({shown})"])
    return Problem(family, " ".join(story.sentences), tuple(story.steps), answer, program)


class _Story:
    """A story in the making."""

    def __init__(self, family: Family, rng: Random, words: Mapping[str, str]) -> None:
        self.family, self.rng, self.words = family, rng, words
        self.values: dict[str, Fraction] = {}
        self.sentences: list[str] = []
        self.steps: list[str] = []
        self.program: list[str] = []

    def tell(self, line: Line) -> bool:
        """Add a line with numbers that keep every quantity sensible; False where none were found."""
        for _ in range(TRIES if line.draws else 1):
            numbers = {name: Fraction(self.rng.choice(options)) for name, options in line.draws.items()}
            outcome = self._apply(line, numbers)
            if outcome is not None:
                self._write(line, numbers, *outcome)
                return True
        return False

    def _apply(self, line: Line, numbers: Mapping[str, Fraction]) -> tuple[dict[str, Fraction], list[str]] | None:
        values, equations = dict(self.values), []
        for name, formula in line.sets.items():
            try:
                value = evaluate(formula, {**values, **numbers})
            except FormulaError:
                return None
            if not self._sensible(value) or (value == 0 and "%" not in formula):
                return None
            equations.append(f"{fill(formula, {**values, **numbers})} = {write(value)}")
            values[name] = value
        return values, equations

    def _sensible(self, value: Fraction) -> bool:
        digits = self.family.digits
        exact = digits is None or (value * 10**digits).denominator == 1
        return exact and 0 <= value <= self.family.largest and value.denominator <= 10**6

    def _write(
        self, line: Line, numbers: Mapping[str, Fraction], values: dict[str, Fraction], equations: list[str]
    ) -> None:
        slots = {**self.words, **{name: write(number) for name, number in numbers.items()}}
        self.sentences.append(self.rng.choice(line.forms).format(**slots))
        if line.why:
            self.steps.append(line.why.format(**slots, eq=" and ".join(equations)))
        whole = self.family.digits == 0  # then every division comes out even
        for name, formula in line.sets.items():
            self.program.append(f"{name} = {fill(formula.replace(' / ', ' // ') if whole else formula, numbers)}")
        self.values = values


# --- reading back ----------------------------------------------------------------------------------------------


def read(text: str, families: Sequence[Family]) -> tuple[Family, str] | None:
    """Read a story back: its family, and the Judge's own program; None where no family tells it."""
    for family in families:
        lines = _read_lines(text, family)
        if lines is not None:
            return family, "\n".join(["from fractions import Fraction", *lines])
    return None


def _read_lines(text: str, family: Family) -> list[str] | None:
    opening = _match(text, 0, (family.opening,))
    if opening is None:
        return None
    place, checks = opening[0], [opening[1]]
    while place < len(text):
        found = _match(text, place, (*family.moves, family.closing))
        if found is None:
            return None
        place = found[0]
        checks.append(found[1])
    return checks if "print(" in checks[-1] else None


def _match(text: str, place: int, lines: Sequence[Line]) -> tuple[int, str] | None:
    """Match the longest form at this place; return where it ends and the Judge's lines for it."""
    best: tuple[int, str] | None = None
    for line in lines:
        for form in line.forms:
            found = _pattern(form, frozenset(line.draws)).match(text, place)
            if found and (best is None or found.end() > best[0]):
                slots = {name: value.replace(",", "") for name, value in found.groupdict().items()}
                best = found.end(), line.check.format(**slots)
    return best


@cache
def _pattern(form: str, numbers: frozenset[str]) -> re.Pattern[str]:
    """Turn a form into a pattern; a slot said twice must read the same both times."""
    parts, seen = [], set()
    for literal, slot in re.findall(r"([^{}]+)|\{(\w+)\}", form):
        if literal:
            parts.append(re.escape(literal))
        elif slot in seen:
            parts.append(f"(?P={slot})")
        else:
            parts.append(rf"(?P<{slot}>\d[\d,]*(?:\.\d+)?)" if slot in numbers else rf"(?P<{slot}>[\w' -]+?)")
            seen.add(slot)
    return re.compile("".join(parts) + r"(?:\s+|$)")
