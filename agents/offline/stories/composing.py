"""Compose a problem: draw its moves and numbers, and write the text, its inputs, the steps and the program."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from math import prod
from random import Random

from agents.offline.stories.arithmetic import FormulaError, evaluate, fill, write
from agents.offline.stories.grammar import LINKS, SMALL, Family, Line
from agents.offline.stories.naming import line_inputs
from agents.offline.stories.programs import line_code, solution
from tools.inputs.kinds import Input

TRIES = 60
"""Draws of a move's numbers before another move is tried."""
LARGEST_DENOMINATOR = 10**9
"""Of a quantity, so that an exact answer can still be read."""
RESTARTS = 300
"""Problems begun before a family is given up for this number of steps."""


@dataclass(frozen=True)
class Problem:
    """A composed problem: the text, what it states, the explained steps, the answer, the Attacker's program."""

    family: Family
    text: str
    inputs: tuple[Input, ...]
    steps: tuple[str, ...]
    answer: str
    program: str


class _Stuck(Exception):
    """No move fits the present quantities; start another draw."""


def compose(family: Family, steps: int, rng: Random) -> Problem:
    """Write a problem of exactly that many reasoning steps.

    Raises:
        FormulaError: The family's bounds leave no such problem.
    """
    for _ in range(RESTARTS):
        try:
            return _compose(family, steps, rng)
        except _Stuck:
            continue
    raise FormulaError(f"family {family.name!r} finds no problem of {steps} steps; widen its draws or bounds")


def _compose(family: Family, steps: int, rng: Random) -> Problem:
    words = {name: rng.choice(options) for name, options in family.words.items()}
    draft = _Draft(family, rng, words)
    if not draft.add(family.opening):
        raise _Stuck
    last: Line | None = None
    for _ in range(steps - bool(family.opening.why) - bool(family.closing.why)):
        fitting = [move for move in family.moves if draft.divisions < family.divisions or not draft.divides(move)]
        others = [move for move in fitting if move is not last] or fitting
        for move in rng.sample(others, len(others)):
            if draft.add(move):
                last = move
                break
        else:
            raise _Stuck
    if not draft.add(family.closing):
        raise _Stuck
    value = draft.values[family.answer]
    if family.digits != 0 and value.denominator == 1:
        raise _Stuck  # redrawn inputs would count only where they lead to a whole number again
    answer = family.choices[int(value)] if family.kind == "choice" else write(value)
    program = solution(family, [given.name for given in draft.inputs], draft.program)
    return Problem(family, " ".join(draft.sentences), tuple(draft.inputs), tuple(draft.steps), answer, program)


class _Draft:
    """A problem while it is composed."""

    def __init__(self, family: Family, rng: Random, words: Mapping[str, str]) -> None:
        self.family, self.rng, self.words = family, rng, words
        self.values: dict[str, Fraction] = {}
        self.inputs: list[Input] = []
        self.divisions = 0
        self.sentences: list[str] = []
        self.steps: list[str] = []
        self.program: list[str] = []

    def add(self, line: Line) -> bool:
        """Add a line with slots that keep every quantity sensible; False where none were found."""
        ways = prod(len(options) for options in (*line.draws.values(), *line.texts.values()))
        for _ in range(min(TRIES, 2 * ways)):
            numbers = {name: Fraction(self.rng.choice(options)) for name, options in line.draws.items()}
            slots = {
                **self.words,
                **{name: self.rng.choice(options) for name, options in line.texts.items()},
                **{name: write(number) for name, number in numbers.items()},
            }
            constants = {name: Fraction(value) for name, value in line.constants.items()}
            facts = {name: Fraction(fact(slots)) for name, fact in line.facts.items()}
            known = {**constants, **numbers, **facts}
            outcome = self._apply(line, known) if min(known.values(), default=0) >= 0 else None
            if outcome is not None and self._write(line, slots, known, *outcome):
                return True
        return False

    def _apply(self, line: Line, numbers: Mapping[str, Fraction]) -> tuple[dict[str, Fraction], list[str]] | None:
        values, equations = dict(self.values), []
        here = {**values, **numbers}
        if any(here[small] > here[large] for small, large in line.needs):
            return None
        for name, formula in line.sets.items():
            try:
                value = evaluate(formula, {**values, **numbers})
            except FormulaError:
                return None
            computed = not formula.isidentifier()
            if not self._sensible(value) or (value == 0 and computed and "%" not in formula):
                return None
            if computed:
                equations.append(f"{fill(formula, {**values, **numbers})} = {write(value)}")
            values[name] = value
        return values, equations

    def _sensible(self, value: Fraction) -> bool:
        digits = self.family.digits
        exact = digits is None or (value * 10**digits).denominator == 1
        return exact and 0 <= value <= self.family.largest and value.denominator <= LARGEST_DENOMINATOR

    def _write(
        self,
        line: Line,
        slots: Mapping[str, str],
        numbers: Mapping[str, Fraction],
        values: dict[str, Fraction],
        equations: list[str],
    ) -> bool:
        """Append the line's sentence, step and program, unless a step before has the very same words."""
        if line.why:
            facts = {name: write(value) for name, value in {**self.values, **numbers}.items()}
            chosen = {"choice": self.family.choices[int(values[self.family.answer])]} if self._chooses(line) else {}
            step = line.why.format(**{**slots, **facts, **chosen}, eq=" and ".join(equations))
            if step in self.steps:
                return False
            self.steps.append(step)
        form = self.rng.choice(line.forms)
        sentence = form.format(**slots)
        if line in self.family.moves:
            sentence = self._link(sentence)
        inputs, names = line_inputs(line, form, slots, sentence, [given.name for given in self.inputs])
        self.sentences.append(sentence)
        self.inputs += inputs
        self.program += line_code(line, names)
        self.values = values
        self.divisions += self.divides(line)
        return True

    def divides(self, line: Line) -> bool:
        """Whether a line divides what must stay whole."""
        return self.family.digits == 0 and any("/" in formula.replace("//", "") for formula in line.sets.values())

    def _chooses(self, line: Line) -> bool:
        return self.family.kind == "choice" and line is self.family.closing

    def _link(self, sentence: str) -> str:
        """Put a link such as "Then" before some moves, where the first word may stand within a sentence."""
        link, first = self.rng.choice(("", "", *LINKS)), sentence.split(maxsplit=1)[0]
        if not link or not (first in SMALL or first[0].isdigit() or first in self.words.values()):
            return sentence
        return f"{link} {sentence[0].lower() if first in SMALL else sentence[0]}{sentence[1:]}"
