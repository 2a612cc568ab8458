"""Which questions a person is asked about, and which edits are none."""

from __future__ import annotations

from typing import Any

import pytest

from agents.records import Proof, Question, Rubric, Verdict
from agents.rows import Survivor
from graph.question.nodes.doubts import doubts_about
from graph.question.nodes.reviewing import RefusedDecision, apply_decision, read_decision
from tests.docs import SAMPLE
from tools.novelty.port import Decision

ROW = Survivor.model_validate_json(SAMPLE.read_text())
QUESTION = Question.model_validate(ROW.model_dump(include=set(Question.model_fields)))
NOVEL = Decision(verdict="novel", score=0.5)
FREE_TEXT = {"answer_kind": "text", "answer": "Ann", "program": "", "inputs": []}


def doubts(*, question: dict[str, Any] | None = None, scores: dict[str, int] | None = None, **more: Any) -> list[str]:
    rubric = Rubric.model_validate(dict.fromkeys(Rubric.model_fields, 5) | (scores or {}))
    verdict = Verdict(
        independent_answer="", flaws=[], explanation="", well_posed=True, reference_rubric=rubric,
        defender_rubric=rubric,
    )  # fmt: skip
    asked = Question.model_validate(QUESTION.model_dump() | (question or {}))
    return doubts_about(asked, more.get("proof") or proof("perturbed"), verdict, more.get("nearest", NOVEL))


def proof(grade: str) -> Proof:
    assert ROW.proof is not None
    return Proof.model_validate(ROW.proof.model_dump() | {"grade": grade})


def edited(question: Question, edit: dict[str, Any]) -> Question:
    return apply_decision(question, read_decision({"decision": "edit", "by": "ann", "edit": edit}))


def test_a_proved_clear_and_new_question_is_in_no_doubt() -> None:
    assert doubts() == []
    assert doubts(scores={"clarity": 4, "rigor": 4}) == []


def test_each_doubt_is_named() -> None:
    assert doubts(scores={"clarity": 3}) == ["the rubric is split: correctness 5, clarity 3"]
    assert doubts(proof=proof("agreed")) == ["the proof is 'agreed': two seats agree, and nothing is computed"]
    assert doubts(question=FREE_TEXT) == ["the answer is free text"]
    near = NOVEL.model_copy(update={"borderline": True, "score": 0.94})
    assert doubts(nearest=near) == ["it is near another question (0.94), by no clear rule"]


@pytest.mark.parametrize(
    ("edit", "fault"),
    [
        ({"topic": "trade"}, "'topic' cannot be edited; these can: question, steps, answer"),
        ({"steps": []}, "steps: List should have at least 1 item"),
        ({"answer": "many"}, "is not a number"),
        ({"answer": QUESTION.answer}, "the edit changes nothing"),
    ],
)
def test_what_is_no_edit_is_refused(edit: dict[str, Any], fault: str) -> None:
    with pytest.raises(RefusedDecision, match=fault):
        edited(QUESTION, edit)


def test_edited_steps_have_no_blemish_that_was_put_in() -> None:
    blemished = QUESTION.model_copy(update={"blemishes": ["clumsy order"]})
    assert edited(blemished, {"steps": ["It is so."]}).blemishes == []
    assert edited(blemished, {"steps": blemished.steps, "answer": "13925"}).blemishes == ["clumsy order"]


@pytest.mark.parametrize("given", ["yes", None, {"decision": "maybe", "by": "ann"}, {"decision": "approve"}])
def test_what_is_no_decision_is_refused(given: object) -> None:
    with pytest.raises(RefusedDecision, match="a decision has `decision`"):
        read_decision(given)
