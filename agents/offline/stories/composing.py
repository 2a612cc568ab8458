"""Compose a problem: draw its lines and numbers, and write the text, its inputs, the steps and the program."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from agents.offline.stories.arithmetic import FormulaError, evaluate, holds, write
from agents.offline.stories.explaining import case_of, cents, ends_whole, explained, rounded
from agents.offline.stories.functions import FUNCTIONS
from agents.offline.stories.grammar import Case, Family, Line, Step
from agents.offline.stories.linking import linked
from agents.offline.stories.naming import line_inputs
from agents.offline.stories.programs import line_code, solution
from agents.offline.stories.wording import varied, worded
from agents.records import Size, Twist
from tools.inputs.kinds import Input

TRIES = 80
"""Draws of a line's numbers before another line is tried."""
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
    choices: tuple[str, ...]
    program: str


class _Stuck(Exception):
    """No line fits the present quantities; start another draw."""


def compose(family: Family, hops: int, rng: Random, *, size: Size = "school", twist: Twist = "none") -> Problem:
    """Write a problem of exactly that many reasoning steps.

    Args:
        family: What kind of problem.
        hops: Its reasoning steps.
        rng: Decides everything else.
        size: How large the numbers are, where the family has that size.
        twist: Whether a sentence is in it that nothing needs, or it asks back; without either, no such sentence.

    Raises:
        FormulaError: The family's bounds leave no such problem.
    """
    for _ in range(RESTARTS if hops in family.hops_with(twist) else 0):
        try:
            return _compose(family, hops, rng, size, twist)
        except _Stuck:
            continue
    raise FormulaError(
        f"family {family.name!r} finds no problem of {hops} steps, twist {twist}; widen its draws or bounds"
    )


def _compose(family: Family, hops: int, rng: Random, size: Size, twist: Twist) -> Problem:
    draft = _Draft(family, rng, size)
    for line in family.opening:
        draft.must(line)
    early = twist == "distractor" and not family.moves
    if early:
        draft.must(rng.choice(family.distractors))
    draft.shuffle()
    fitting = [one for one in family.asking(twist) if _room(family, one, hops) is not None]
    closing = rng.choice(fitting)
    left = _room(family, closing, hops) or 0
    before = rng.randint(0, left) if twist == "distractor" and not early else None
    while True:
        if before is not None and before <= 0:
            draft.must(rng.choice(family.distractors))
            before = None
        if left <= 0:
            break
        left -= (taken := draft.move(left))
        before = before and before - taken
    draft.must(closing)
    if left < 0:
        raise _Stuck
    return draft.problem(closing)


def _room(family: Family, closing: Line, hops: int) -> int | None:
    """Return how many steps the moves must make, None where they cannot."""
    left = hops - len(closing.steps) - sum(len(line.steps) for line in family.opening)
    return left if 0 <= left <= family.reach else None


class _Draft:
    """A problem while it is composed."""

    def __init__(self, family: Family, rng: Random, size: Size) -> None:
        self.family, self.rng, self.size = family, rng, size
        cast = rng.choice(family.cast) if family.cast else {}
        chosen = {name: rng.choice(options) for name, options in family.words.items()}
        self.words = {**{name: str(word) for name, word in cast.items()}, **chosen}
        self.bounds = {name: Fraction(str(number)) for name, number in cast.items() if _is_number(number)}
        self.values: dict[str, Fraction] = {}
        self.stated: dict[str, Fraction] = {}
        """The numbers of the lines so far, which later lines may use."""
        self.names: dict[str, str] = {}
        """The inputs that the slots of the lines so far became."""
        self.inputs: list[list[Input]] = []
        self.sentences: list[str] = []
        self.forms: set[str] = set()
        """The wordings used; none is used twice."""
        self.lines: list[Line] = []
        self.steps: list[str] = []
        self.program: list[str] = []
        self.divisions = 0

    def must(self, line: Line) -> None:
        """Add a line; raises `_Stuck` where no numbers fit."""
        if not self.add(line):
            raise _Stuck

    def move(self, most: int) -> int:
        """Add a move of at most so many steps, another than the last one where there is one; return its steps."""
        fitting = [
            move
            for move in self.family.moves
            if 0 < len(move.steps) <= most
            and not (move.once and move in self.lines)
            and (self.divisions < self.family.divisions or not self.divides(move))
        ]
        others = [move for move in fitting if not self.lines or move is not self.lines[-1]] or fitting
        for move in self.rng.sample(others, len(others)):
            if self.add(move):
                return len(move.steps)
        raise _Stuck

    def add(self, line: Line) -> bool:
        """Add a line with slots that keep every quantity sensible; False where none were found."""
        for _ in range(TRIES):
            drawn = self._drawn(line)
            if drawn is None:
                continue
            numbers, slots = drawn
            outcome = self._apply(line, numbers)
            if outcome is not None and self._write(line, slots, numbers, *outcome):
                return True
        return False

    def _drawn(self, line: Line) -> tuple[dict[str, Fraction], dict[str, str]] | None:
        """Draw a line's slots, each within bounds that may depend on those before."""
        numbers = {name: Fraction(str(value).replace(",", "")) for name, value in line.constants.items()}
        slots = {**self.words, **{name: texts.draw(self.rng) for name, texts in line.texts.items()}}
        for name, draw in line.draws.items():
            found = draw.draw(self.rng, {**self.bounds, **self.stated, **self.values, **numbers}, self.size)
            if found is None:
                return None
            numbers[name], slots[name] = found
        for name, (function, *arguments) in line.facts.items():
            numbers[name] = Fraction(FUNCTIONS[function].call(*(slots.get(one, one) for one in arguments)))
        return (numbers, slots) if min(numbers.values(), default=0) >= 0 else None

    def _apply(
        self, line: Line, numbers: Mapping[str, Fraction]
    ) -> tuple[dict[str, Fraction], list[tuple[Case, str]]] | None:
        """Compute a line's quantities, and the equations of each step; None where one cannot be."""
        known = {**self.bounds, **self.stated, **self.values, **numbers}
        equations: list[tuple[Case, str]] = []
        try:
            for name, formula in line.sets.items():
                known[name] = evaluate(formula, known)
            if not all(holds(condition, known) for condition in line.needs):
                return None
            for step in line.steps:
                case = case_of(step, known)
                if case is None or not self._take(step, case, known):
                    return None
                equations.append(explained(step, case, self._before, known))
            if not all(holds(condition, known) for condition in line.plausible):
                return None
        except FormulaError:
            return None
        sensible = all(self._sensible(known[name]) for name in line.quantities)
        return ({**self.values, **{name: known[name] for name in line.quantities}}, equations) if sensible else None

    def _take(self, step: Step, case: Case, known: dict[str, Fraction]) -> bool:
        """Set what one step computes; False where a value is not one that a problem should have."""
        self._before = dict(known)
        for place, (name, formula) in enumerate(case.sets.items(), 1):
            value = evaluate(formula, known)
            known[name] = rounded(step, value) if place == len(case.sets) else value
            as_it_is = formula.isidentifier() or formula.isdigit()
            trivial = known[name] == 0 and "%" not in formula and not as_it_is
            if trivial or not self._sensible(known[name]):
                return False
        return True

    def _sensible(self, value: Fraction) -> bool:
        digits = 0 if self.family.whole else self.family.digits
        exact = self.family.exact or (value * 10**digits).denominator == 1
        return exact and 0 <= value <= self.family.largest and value.denominator <= LARGEST_DENOMINATOR

    def _write(
        self,
        line: Line,
        slots: Mapping[str, str],
        numbers: Mapping[str, Fraction],
        values: dict[str, Fraction],
        explained_steps: Sequence[tuple[Case, str]],
    ) -> bool:
        """Append the line's sentence, steps and program, unless a step before has the very same words."""
        shown = {name: write(value) for name, value in {**self.stated, **values, **numbers}.items()} | dict(slots)
        if line in self.family.closings and self.family.kind == "choice":
            shown["choice"] = self._options()[int(values[line.answer])]
        steps = [cents(worded(case.why, {**shown, "eq": equation})) for case, equation in explained_steps]
        if len({*steps, *self.steps}) < len(steps) + len(self.steps):
            return False
        unused = [form for form in line.forms if form not in self.forms]
        if not unused:
            return False
        chosen = self.rng.choice(unused)
        form = varied(chosen, self.rng)
        sentence = worded(form, slots)
        if line in self.family.moves:
            sentence = linked(sentence, self.sentences, self.words.values(), self.rng)
        inputs, names = line_inputs(line, form, slots, sentence, [given.name for given in self.all_inputs])
        self.forms.add(chosen)
        self.sentences.append(sentence)
        self.lines.append(line)
        self.steps += steps
        self.inputs.append(inputs)
        self.names |= names
        self.program += line_code(line, self.names)
        self.values = values
        self.stated |= numbers
        self.divisions += self.divides(line)
        return True

    @property
    def all_inputs(self) -> list[Input]:
        """The inputs so far, in the order of the text."""
        return [given for inputs in self.inputs for given in inputs]

    def shuffle(self) -> None:
        """Put the sentences so far into another order, in which none refers to a later one or to nothing."""
        places = range(len(self.sentences))
        while True:
            order = self.rng.sample(places, len(places))
            late = [place for place in places if self.lines[place].follows]
            at = {place: number for number, place in enumerate(order)}
            if self.lines[order[0]] not in self.family.distractors and all(at[place - 1] < at[place] for place in late):
                break
        self.lines = [self.lines[place] for place in order]
        self.sentences = [self.sentences[place] for place in order]
        self.inputs = [self.inputs[place] for place in order]

    def divides(self, line: Line) -> bool:
        """Whether a line divides what must stay whole."""
        formulas = [formula for step in line.steps for case in step.cases for formula in case.sets.values()]
        return self.family.whole and any("/" in formula.replace("//", "") for formula in formulas)

    def _options(self) -> tuple[str, ...]:
        return tuple(worded(choice, self.words) for choice in self.family.choices)

    def problem(self, closing: Line) -> Problem:
        """Return the finished problem; `_Stuck` where redrawn inputs would count only by chance."""
        value, family, options = self.values[closing.answer], self.family, self._options()
        if (
            value.denominator == 1
            and family.kind != "choice"
            and not (family.whole or closing.whole or ends_whole(closing))
        ):
            raise _Stuck  # the proof counts only redrawn inputs that lead to a whole number again
        answer = options[int(value)] if options else write(value)
        if closing.steps and closing.steps[-1].rounded == "nearest" and closing.steps[-1].decimals:
            answer = f"{float(value):.{closing.steps[-1].decimals}f}"
        if self.steps and re.search(rf"= {re.escape(answer)}0 dollars", self.steps[-1]):
            answer += "0"
        program = solution(family, closing.answer, options, [given.name for given in self.all_inputs], self.program)
        text = " ".join(self.sentences)
        return Problem(family, text, tuple(self.all_inputs), tuple(self.steps), answer, options, program)


def _is_number(value: str | int | float) -> bool:
    return not isinstance(value, str) or value.replace(".", "", 1).isdigit()
