"""Prove an answer: two programs by two authors, called on the stated and on redrawn inputs, must return the same.

Grades, from the strongest:

- `perturbed`: both agree on the stated inputs and on enough redrawn ones, and the answer depends on the inputs;
- `computed`: both agree on the stated inputs, and no input is of a kind that can be redrawn;
- `cited`: two seats agree and cite the same passage of a reference store;
- `agreed`: two seats agree, and nothing is computed.

A draw counts where both programs return an answer of the question's kind; `solve` raises where its story cannot be.
What no grade shows: two authors can misread the same English in the same way, or be the same model.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from random import Random
from typing import NamedTuple

from agents.records import PROOF_GRADES, Proof, ProofGrade, Question
from tools.answers import answers_agree
from tools.inputs.draws import REDRAWS, Draw, make_draws
from tools.inputs.kinds import read_input, redrawable
from tools.programs.solve import Solved, call_solve
from tools.programs.values import Value, exact, same_value
from tools.sandbox.port import Limits, Sandbox

ENOUGH_ALL, ENOUGH_ANY = 4, 8
"""Counted draws that `perturbed` takes: with all inputs redrawn at once, or of any sort."""
ENOUGH_ASIDE = 4
"""Counted draws to look for whose answer is smaller than the stated one, and as many that are larger."""
MIN_UNCHANGED = 3
"""An input is a distractor if at least so many redraws of it alone leave the answer unchanged."""


class Refuted(NamedTuple):
    """Why an answer is not proved; the Attacker reads it, so it never holds what the Judge's program returns."""

    reason: str


def seed_of(question: Question) -> int:
    """Return the seed of a question's redrawn inputs: the same text always gives the same draws."""
    return int(hashlib.sha256(question.question.encode()).hexdigest()[:8], 16)


def reaches(grade: ProofGrade, floor: ProofGrade) -> bool:
    """Whether a grade is at least this one."""
    return PROOF_GRADES.index(grade) >= PROOF_GRADES.index(floor)


async def solve_all(  # noqa: PLR0913  # what is run, where, and how often
    question: Question, program: str, draws: Sequence[Draw], sandbox: Sandbox, limits: Limits, *, shuffle_seed: str = ""
) -> Solved:
    """Call a program on every draw; where nothing can be redrawn that is one call.

    The stated inputs come first. The rest are shuffled, so that programs which keep state between calls give different
    results under different seeds.
    """
    places = list(range(1, len(draws)))
    Random(f"order/{shuffle_seed}").shuffle(places)  # noqa: S311  # repeatable, not secret
    calls = [draws[place].arguments for place in (0, *places)]
    solved = await call_solve(sandbox, program, calls, formula=question.answer_kind == "expression", limits=limits)
    if not solved.results:
        return solved
    back = dict(zip((0, *places), solved.results, strict=True))
    return replace(solved, results=tuple(back[place] for place in range(len(draws))))


async def own_fault(question: Question, draws: Sequence[Draw], solved: Solved, sandbox: Sandbox) -> str:
    """Say why the Attacker's program proves nothing by itself; empty where it may."""
    stated = solved.first
    if isinstance(stated, str):
        return f"solve gives no answer for the stated inputs: {stated}"
    if not await answers_agree(sandbox, stated.text, question.answer, question.answer_kind, question.choices):
        return (
            f"solve returned {stated.text[:200]!r} for the stated inputs, but the stated answer is {question.answer!r}"
        )
    values = [value for value in solved.results[1:] if isinstance(value, Value)]
    if not values:
        return "the program computes nothing that could be checked: it gives an answer for the stated inputs only"
    if all(same_value(value, stated) for value in values):
        return "the program computes nothing: no input moves its answer"
    if copied := _copied_input(question, draws, solved):
        return f"the program computes nothing: it returns the input {copied!r} as it is"
    return ""


def _copied_input(question: Question, draws: Sequence[Draw], solved: Solved) -> str:
    """Name the input that the answer is a mere copy of, on all draws."""
    pairs = [(draw, value) for draw, value in zip(draws, solved.results, strict=True) if isinstance(value, Value)]
    for stated in question.inputs:
        as_drawn = (read_input(stated.model_copy(update={"value": draw.texts[stated.name]})) for draw, _ in pairs)
        if all(_is(value, given) for (_, value), given in zip(pairs, as_drawn, strict=True)):
            return stated.name
    return ""


def _is(value: Value, given: object) -> bool:
    if isinstance(given, int | Fraction):
        return exact(value) == given
    return value.text == str(given)


async def prove(  # noqa: PLR0913  # what is proved, where, and by how many draws
    question: Question, judge_program: str, sandbox: Sandbox, limits: Limits, *, wanted: int, seed: int
) -> Proof | Refuted:
    """Compare the question's program with the Judge's.

    Args:
        question: With its inputs and program.
        judge_program: Defines another `solve` over the same inputs.
        sandbox: Where both run, each once.
        limits: Of each run.
        wanted: Draws to count.
        seed: Of the draws.

    Raises:
        SandboxError: The sandbox failed.
    """
    draws = make_draws(question.inputs, seed)
    ours = await solve_all(question, question.program, draws, sandbox, limits)
    if fault := await own_fault(question, draws, ours, sandbox):
        return Refuted(fault)
    theirs = await solve_all(question, judge_program, draws, sandbox, limits, shuffle_seed="judge")
    stated, judged = ours.first, theirs.first
    if not isinstance(stated, Value) or not isinstance(judged, Value):
        return Refuted("an independent program gives no answer for the stated inputs")
    if not (same_value(stated, judged) or question.accepts(judged.text)):
        return Refuted(
            "an independent solution of the same text reached another answer: the text can be read in two ways, or the "
            "program does not do what the text says"
        )
    compared = _Comparison(question, draws, ours, theirs, wanted)
    if compared.differing is not None:
        return Refuted(_difference(compared.differing))
    return _graded(question, compared, seed)


class _Comparison:
    """Both programs' values side by side, draw by draw, until there are enough of each sort.

    Enough count, each input has changed in one, and the answer was smaller than the stated one as well as larger: a
    program that holds on to the stated answer by a maximum or minimum differs on one side only.
    """

    def __init__(self, question: Question, draws: Sequence[Draw], ours: Solved, theirs: Solved, wanted: int) -> None:
        self.draws, self.ours = draws, ours
        self.out_of_time = None in ours.results + theirs.results
        """Whether a program was not called on all draws, because its time was used up."""
        self.whole = _whole(ours.first)
        self.changed = set[str]()
        """Inputs that had another value in a draw that counted."""
        self.tried = self.counted = self.agreed = self.all_at_once = self.smaller = self.larger = 0
        self.differing: tuple[Draw, Value, Value] | None = None
        places = [place for kind in ("all", "half", "one") for place, draw in enumerate(draws) if draw.changed == kind]
        for place in places:
            if self.counted >= wanted and min(self.smaller, self.larger) >= ENOUGH_ASIDE and not self.unchanged():
                break
            self.tried += 1
            left, right = (self._answer(one.results[place], question) for one in (ours, theirs))
            if left is None or right is None:
                continue
            self.counted += 1
            self.all_at_once += draws[place].changed == "all"
            if not same_value(left, right):
                self.differing = draws[place], left, right
                break
            self.agreed += 1
            self._take_side(left)
            self.changed |= self._changed(place)

    def _answer(self, value: Value | str | None, question: Question) -> Value | None:
        """Return what counts: an answer of the kind, as whole and as positive as the stated one."""
        if not isinstance(value, Value):
            return None
        number = exact(value)
        if question.answer_kind == "number" and number is None:
            return None
        fits = not self.whole or (number is not None and number >= 0 and number.denominator == 1)
        return value if fits else None

    def _take_side(self, value: Value) -> None:
        """Count an answer as smaller or larger than the stated one."""
        stated, number = self.ours.first, exact(value)
        middle = exact(stated) if isinstance(stated, Value) else None
        if number is None or middle is None:  # no kind of answer that has sides
            self.smaller = self.larger = ENOUGH_ASIDE
        else:
            self.smaller += number < middle
            self.larger += number > middle

    def _changed(self, place: int) -> set[str]:
        stated = self.draws[0].texts
        return {name for name in self.draws[place].names if self.draws[place].texts[name] != stated[name]}

    def unchanged(self) -> list[str]:
        """Return the inputs that are redrawn, and have no other value than the stated one in a draw that counted."""
        redrawn = [place for place, draw in enumerate(self.draws) if draw.changed in ("one", "all", "half")]
        drawn = {name for place in redrawn for name in self._changed(place)}
        return [name for name in self.draws[0].texts if name in drawn - self.changed]

    def alone(self) -> dict[str, list[bool]]:
        """Return, by input, whether the answer stays as stated each time that the input alone is redrawn."""
        stays: dict[str, list[bool]] = {}
        stated = self.ours.first
        for draw, value in zip(self.draws, self.ours.results, strict=True):
            if draw.changed in ("one", "constant") and isinstance(value, Value):
                same = isinstance(stated, Value) and same_value(value, stated)
                stays.setdefault(draw.names[0], []).append(same)
        return stays


def _whole(value: Value | str) -> bool:
    number = exact(value) if isinstance(value, Value) else None
    return number is not None and number >= 0 and number.denominator == 1


def _difference(differing: tuple[Draw, Value, Value]) -> str:
    """Tell the Attacker on which inputs the programs differ; the stated ones are never among them."""
    draw, left, right = differing
    inputs = ", ".join(f"{name} = {text}" for name, text in draw.texts.items())
    if _differ_by_rounding(exact(left), exact(right)):
        return f"with {inputs} an independent program differs only slightly: say in the question how to round"
    return (
        f"with {inputs} the program returns {left.text[:100]}, and an independent program for the same text returns "
        "something else: the text does not say which is meant, or the program is not general in its inputs"
    )


def _differ_by_rounding(a: Fraction | None, b: Fraction | None) -> bool:
    """Whether two numbers, not both whole, lie within a hundredth of each other."""
    if a is None or b is None or a.denominator == b.denominator == 1:
        return False
    return abs(a - b) <= Fraction(1, 100) * max(abs(a), abs(b))


def _graded(question: Question, compared: _Comparison, seed: int) -> Proof | Refuted:
    alone = compared.alone()
    moving = {name for name, stays in alone.items() if not all(stays)}
    still = {name for name, stays in alone.items() if len(stays) >= MIN_UNCHANGED and all(stays)}
    free = [one.name for one in question.inputs if redrawable(one)]
    enough = compared.all_at_once >= ENOUGH_ALL or compared.counted >= ENOUGH_ANY
    if free and not enough:
        only = f"the programs could be compared on {compared.counted} of {compared.tried} redrawn inputs only"
        if compared.out_of_time:
            return Refuted(f"{only}, since time ran out: solve must be quick, and is called some hundreds of times")
        return Refuted(f"{only}: solve must be general, and raise only where the story cannot be")
    if unchanged := compared.unchanged():
        return Refuted(
            f"no value of {unchanged[0]!r} but the stated one could be compared: solve must be general in each input, "
            "and raise only where the story cannot be"
        )
    return Proof(
        grade="perturbed" if free else "computed",
        redraws=REDRAWS,
        seed=seed,
        draws=compared.tried,
        counted=compared.counted,
        agreed=compared.agreed,
        share=round(compared.counted / compared.tried, 3) if compared.tried else 0.0,
        depends_on=[one.name for one in question.inputs if one.name in moving],
        distractors=[one.name for one in question.inputs if one.name in free and one.name in still],
    )


def agreement() -> Proof:
    """Return the proof of a question in which nothing is computed: two seats agree."""
    return Proof(
        grade="agreed", redraws=REDRAWS, seed=0, draws=0, counted=0, agreed=0, share=0.0, depends_on=[], distractors=[]
    )
