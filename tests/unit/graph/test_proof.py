"""The proof: what two programs must show, each way to get round it, and what the Attacker is told."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any

import pytest

from agents.records import PROOF_GRADES, Proof, Question
from graph.question.proof import Refuted, agreement, prove, reaches
from tests.unit.tools.test_inputs import stated
from tools.programs.solve import call_solve, static_fault
from tools.programs.values import Value, read_value, same_value
from tools.sandbox.port import Limits, Sandbox
from tools.sandbox.registry import open_sandbox

TEXT = "Mia buys 4 boxes of 6 pens and gives 5 pens away. How many pens are left?"
INPUTS = [
    stated("integer", "4", "boxes", "4 boxes"),
    stated("integer", "6", "pens", "6 pens"),
    stated("integer", "5", "given", "5 pens"),
]
GOOD = "def solve(boxes, pens, given):\n    left = boxes * pens - given\n    assert left >= 0\n    return left\n"
OTHER = "def solve(given, boxes, pens):\n    return sum([pens] * boxes) - given\n"


def question(**changes: Any) -> Question:
    parts = {
        "question": TEXT, "steps": ["4 * 6 = 24", "24 - 5 = 19"], "answer": "19", "answer_kind": "number",
        "choices": [], "inputs": INPUTS, "program": GOOD, "topic": "sums", "skills": ["adding"],
    }  # fmt: skip
    return Question.model_validate(parts | changes)


@pytest.fixture
async def sandbox() -> AsyncIterator[Sandbox]:
    async with open_sandbox("process", limits=Limits(), concurrency=1) as opened:
        yield opened


async def proved(sandbox: Sandbox, theirs: str, **changes: Any) -> Proof | Refuted:
    return await prove(question(**changes), theirs, sandbox, Limits(), wanted=16, seed=1)


def solve(*lines: str) -> str:
    return "def solve(boxes, pens, given):\n" + "".join(f"    {line}\n" for line in lines)


async def test_two_programs_that_agree_on_redrawn_inputs_prove_the_answer(sandbox: Sandbox) -> None:
    proof = await proved(sandbox, OTHER)
    assert isinstance(proof, Proof)
    assert proof.grade == "perturbed"
    assert proof.agreed == proof.counted >= 16
    assert (proof.depends_on, proof.distractors) == (["boxes", "pens", "given"], [])
    assert await proved(sandbox, OTHER) == proof, "the same seed proves the same"


LIARS = {
    "a constant": ({"program": solve("return 19")}, OTHER, "no input moves its answer"),
    "both constant": ({"program": solve("return 19")}, solve("return 19"), "no input moves its answer"),
    "a bluffing judge": ({}, solve("return 19"), "returns something else"),
    "an answer by heart": (
        {"program": solve("return 19 if (boxes, pens, given) == (4, 6, 5) else boxes * pens")}, OTHER,
        "returns something else",
    ),
    "right elsewhere, wrong as stated": (
        {"answer": "18", "program": solve("return 18 if boxes == 4 and pens == 6 else boxes * pens - given")}, OTHER,
        "reached another answer",
    ),
    "defined as stated only": (
        {"program": solve("if (boxes, pens, given) != (4, 6, 5):", "    raise ValueError", "return 19")}, OTHER,
        "for the stated inputs only",
    ),
    "a judge defined as stated only": (
        {}, solve("if (boxes, pens, given) != (4, 6, 5):", "    raise ValueError", "return 19"), "only: solve must",
    ),
    "one number written in": ({"program": solve("return 4 * pens - given")}, OTHER, "returns something else"),
    "another operator": ({"program": solve("return boxes * pens - given + (boxes - 4)")}, OTHER, "returns something"),
    "an input as it is": ({"answer": "6", "program": solve("return pens")}, solve("return pens"), "the input 'pens'"),
    "another stated answer": ({"answer": "20"}, OTHER, "solve returned '19'"),
    "no number": ({"program": solve("return [boxes]")}, OTHER, "stated answer is '19'"),
    "not a number": ({"program": solve("return float('nan')")}, OTHER, "no answer for the stated inputs"),
    "an error": ({"program": solve("return 1 // 0")}, OTHER, "no answer for the stated inputs: ZeroDivisionError"),
    "no solve": ({"program": "print(19)"}, OTHER, "it defines no function solve"),
    "other parameters": ({"program": "def solve(boxes):\n    return 19\n"}, OTHER, "must take exactly the inputs"),
    "a judge without solve": ({}, "print(19)", "an independent program gives no answer"),
    "chance": ({"program": "import random\n" + solve("return boxes * pens - given + random.randint(0, 9)")}, OTHER, ""),
}  # fmt: skip


@pytest.mark.parametrize("liar", LIARS)
async def test_a_program_that_does_not_compute_the_answer_proves_nothing(sandbox: Sandbox, liar: str) -> None:
    changes, theirs, why = LIARS[liar]
    found = await proved(sandbox, theirs, **changes)
    assert isinstance(found, Refuted)
    assert why in found.reason


async def test_the_attacker_is_never_told_what_the_judges_program_returns(sandbox: Sandbox) -> None:
    for theirs in (solve("return 77777"), solve("return boxes * pens - given + 33333 * (boxes != 4)")):
        found = await proved(sandbox, theirs)
        assert isinstance(found, Refuted)
        assert "77777" not in found.reason
        assert "333" not in found.reason


async def test_a_difference_of_rounding_is_told_as_one(sandbox: Sandbox) -> None:
    changes = {
        "question": TEXT.replace("How many pens are left?", "How long is the mean pen?"), "answer": "4.75",
        "program": solve("from fractions import Fraction", "return Fraction(boxes * pens - given, boxes)"),
    }  # fmt: skip
    found = await proved(sandbox, solve("return round((boxes * pens - given) / boxes, 2)"), **changes)
    assert isinstance(found, Refuted)
    assert "say in the question how to round" in found.reason


async def test_an_input_that_moves_nothing_is_a_distractor(sandbox: Sandbox) -> None:
    extra = [*INPUTS, stated("integer", "9", "age", "Mia, 9,")]
    ours, theirs = (text.replace("given)", "given, age)").replace("pens):", "pens, age):") for text in (GOOD, OTHER))
    proof = await proved(sandbox, theirs, question=TEXT.replace("Mia", "Mia, 9,"), inputs=extra, program=ours)
    assert isinstance(proof, Proof)
    assert proof.distractors == ["age"]


async def test_what_cannot_be_redrawn_is_computed_and_must_still_depend_on_something(sandbox: Sandbox) -> None:
    fixed = [one.model_copy(update={"kind": "constant"}) for one in INPUTS]
    proof = await proved(sandbox, OTHER, inputs=fixed)
    assert isinstance(proof, Proof)
    assert proof.grade == "computed"
    found = await proved(sandbox, solve("return 19"), inputs=fixed, program=solve("return 19"))
    assert isinstance(found, Refuted)
    assert "no input moves" in found.reason


async def test_programs_too_slow_to_be_compared_are_said_to_be(sandbox: Sandbox) -> None:
    slow = solve("CALLS.append(1)", "while len(CALLS) > 3:", "    pass", "return boxes * pens - given") + "CALLS = []\n"
    limits = Limits(wall_s=60, cpu_s=1)
    found = await prove(question(program=slow), OTHER, sandbox, limits, wanted=16, seed=1)
    assert isinstance(found, Refuted)
    assert "time ran out" in found.reason


async def test_a_formula_is_compared_at_redrawn_inputs_by_its_values(sandbox: Sandbox) -> None:
    changes: dict[str, Any] = {
        "answer": "24*n - 5", "answer_kind": "expression",
        "program": "from sympy import symbols\n" + solve("return boxes * pens * symbols('n') - given"),
    }  # fmt: skip
    same = solve("return f'{pens} * n * {boxes} - {given}'")
    assert isinstance(await proved(sandbox, same, **changes), Proof)
    assert isinstance(await proved(sandbox, same.replace("* n", "* n**2"), **changes), Refuted)
    assert isinstance(await proved(sandbox, same.replace("* n", "* m"), **changes), Refuted)


async def test_texts_are_compared_to_the_letter(sandbox: Sandbox) -> None:
    changes = {"answer": "Aa", "answer_kind": "choice", "choices": ["Aa", "aa"],
               "program": solve("return 'Aa' if boxes * pens > given else 'aa'")}  # fmt: skip
    assert isinstance(await proved(sandbox, solve("return 'aa' if given >= boxes * pens else 'Aa'"), **changes), Proof)
    assert isinstance(await proved(sandbox, solve("return 'aa' if boxes * pens > given else 'Aa'"), **changes), Refuted)


def test_grades_have_an_order() -> None:
    assert [reaches(grade, "computed") for grade in PROOF_GRADES] == [False, False, True, True]
    assert agreement().grade == "agreed"


async def test_a_program_that_prints_or_ends_early_forges_nothing(sandbox: Sandbox) -> None:
    program = "import os\n" + solve("print('19', flush=True)", "os._exit(0)")
    solved = await call_solve(sandbox, program, [{"boxes": ("int", "1"), "pens": ("int", "2"), "given": ("int", "1")}],
                              formula=False, limits=Limits())  # fmt: skip
    assert isinstance(solved.first, str)


async def test_a_slow_program_is_called_as_often_as_its_time_allows(sandbox: Sandbox) -> None:
    program = "def solve(x):\n    return sum(range(3_000_000)) + x\n"
    limits = Limits(wall_s=60, cpu_s=2)
    calls = [{"x": ("int", str(number))} for number in range(200)]
    solved = await call_solve(sandbox, program, calls, formula=False, limits=limits)
    answered = [one for one in solved.results if one is not None]
    assert 0 < len(answered) < 200
    assert len(solved.results) == 200


@pytest.mark.parametrize(
    ("program", "fault"),
    [
        ("def solve(a, b):\n    return a", ""),
        ("def solve(b, a=3):\n    return a", ""),
        ("def solve(a):\n    return a", "must take exactly"),
        ("def solve(*numbers):\n    return 1", "must take exactly"),
        ("def solve(a, b, /):\n    return 1", "must take exactly"),
        ("solve = 3", "defines no function solve"),
        ("def solve(a, b:", "cannot be read on line 1"),
        ("x" * 50_000 + "(" * 5_000, "cannot be read"),
    ],
)
def test_a_program_is_looked_at_before_it_runs(program: str, fault: str) -> None:
    found = static_fault(program, ["a", "b"])
    assert fault in found
    assert bool(found) == bool(fault)


@pytest.mark.parametrize(
    ("left", "right", "same"),
    [
        (["number", "42"], ["float", "42.0"], True),
        (["number", "1/3"], ["float", "0.3333333333333333"], True),
        (["number", "1/3"], ["float", "0.333333"], False),
        (["number", "100000000000000000001"], ["number", "100000000000000000000"], False),
        (["number", "42"], ["text", "42"], True),
        (["text", "042 "], ["number", "42"], True),
        (["text", "0x2a"], ["number", "42"], False),
        (["text", "Aa"], ["text", "aa"], False),
        (["list", [["number", "1"], ["number", "2"]]], ["list", [["number", "1"], ["float", "2.0"]]], True),
        (["list", [["number", "1"]]], ["number", "1"], False),
        (["formula", "x", ["x"], ["3/7", "5/3"]], ["formula", "x", ["x"], ["3/7", "5/4"]], False),
    ],
)
def test_values_are_the_same_only_where_they_are(left: Any, right: Any, same: bool) -> None:
    a, b = read_value(left), read_value(right)
    assert isinstance(a, Value)
    assert same_value(a, b) == same_value(b, a) == same


def test_whole_numbers_of_any_length_are_values() -> None:
    long = "9" * 5000
    assert same_value(read_value(["number", f"-{long}"]), read_value(["number", f"-{long}"]))
    assert not same_value(read_value(["number", long]), read_value(["number", f"{long[:-1]}8"]))
