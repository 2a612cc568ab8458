"""Which rule decides: benchmarks before accepted questions, and answers compared exactly where it matters."""

from __future__ import annotations

import pytest

from tests.unit.novelty.conftest import OpenGate
from tools.answers import AnswerKind
from tools.novelty.port import DEFAULT_EMBEDDER, NoveltyItem
from tools.novelty.rules.decision import Neighbour, compare, decide, limits_for
from tools.novelty.rules.equal_answers import shares_answer

LIMITS = limits_for(DEFAULT_EMBEDDER)
PENS = NoveltyItem(
    question="Ann buys 9 pens and gives 4 away. How many pens are left?", owner="run/1", answer_kind="number"
)


def offered(owner: str, **numbers: str) -> NoveltyItem:
    question = PENS.question
    for old, new in numbers.items():
        question = question.replace(old.removeprefix("_"), new)
    return PENS.model_copy(update={"owner": owner, "question": question})


@pytest.mark.parametrize("benchmark_first", [True, False])
def test_a_question_near_both_is_contaminated_and_no_duplicate(benchmark_first: bool) -> None:
    accepted = Neighbour(item=PENS, cosine=1.0)
    benchmark = Neighbour(item=offered("17", _9="23"), cosine=0.97, benchmark="gsm")
    neighbours = [benchmark, accepted] if benchmark_first else [accepted, benchmark]
    alone = decide(offered("run/2"), [accepted], LIMITS)
    assert (alone.verdict, alone.rule) == ("duplicate", "same_text"), "without the benchmark it is one"
    found = decide(offered("run/2"), neighbours, LIMITS)
    assert (found.verdict, found.nearest) == ("contaminated", "gsm:17")


async def test_every_store_looks_at_benchmarks_first(open_gate: OpenGate) -> None:
    async with open_gate() as gate:
        await gate.admit(PENS)
        await gate.protect("gsm", [offered("17", _9="23")])
        for ask in (gate.look, gate.admit):
            found = await ask(offered("run/2"))
            assert (found.verdict, found.nearest) == ("contaminated", "gsm:17")


def answered(owner: str, answer: str, kind: AnswerKind) -> NoveltyItem:
    texts = {"a": "How much is it?", "b": "Work out what the man owes."}
    return NoveltyItem(question=texts[owner], owner=owner, answer=answer, answer_kind=kind)


LARGE = "1" + "0" * 400


@pytest.mark.parametrize(
    ("kind", "answer", "other", "same"),
    [
        ("number", "42", "42.0", True),
        ("number", "100", "101", False),  # near enough to be compared exactly
        ("number", "100", "1000", False),
        ("number", LARGE, LARGE, True),  # beyond what a float holds
        ("number", LARGE, LARGE + "0", False),
        ("expression", "2*10", "20", True),  # formulas that end in numbers far apart
        ("expression", "x + 5", "5 + x", True),
        ("expression", "(x + 100)*2", "2*x + 200", True),
        ("expression", "(x + 100)*2", "2*x + 100", False),
    ],
)
def test_answers_are_compared_by_value(kind: AnswerKind, answer: str, other: str, same: bool) -> None:
    mine, theirs = answered("a", answer, kind), answered("b", other, kind)
    assert shares_answer(mine, theirs) is shares_answer(theirs, mine) is same
    match = compare(mine, Neighbour(item=theirs, cosine=0.8), LIMITS)
    assert (match.rule if match else None) == ("same_answer" if same else None)
