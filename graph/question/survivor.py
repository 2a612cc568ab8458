"""Make records from a candidate's state: the gate's offer, the evidence of a run, and at last the dataset's row."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agents.records import (
    Answer,
    Brief,
    Cell,
    Defence,
    NoveltyMark,
    ProgramRun,
    Proof,
    Question,
    SeatName,
    SeatUsage,
    Verdict,
)
from agents.reviews import Review
from agents.rows import Message, Survivor, level_of, survivor_id
from prompts.domain import Domain
from prompts.render import posed_text, render
from tools.novelty.port import NoveltyItem
from tools.sandbox.port import Execution, Guarantees

if TYPE_CHECKING:
    from graph.question.state import CandidateState  # LangGraph loads after --help


def build_survivor(
    state: CandidateState,
    domain: Domain,
    models: Mapping[SeatName, str],
    usage: dict[SeatName, SeatUsage],
    guarantees: Guarantees,
) -> Survivor:
    """Put the row together; but for a review it holds no clock, so the same run gives the same row."""
    question = Question.model_validate(state["question"])
    verdict = Verdict.model_validate(state["verdict"])
    quality = verdict.reference_rubric.mean
    row = Survivor(
        index=state["index"],
        domain=domain.name,
        asked=asked(state),
        **question.model_dump(),
        **derived(domain, question, quality, models["judge"]),
        quality=round(quality, 2),
        reference_rubric=verdict.reference_rubric,
        defender_rubric=verdict.defender_rubric,
        judge_program=state["judge_program"],
        judge_answer=state["blind_answer"] or "",
        proof=Proof.model_validate(state["proof"]),
        easy=state["easy"],
        defender=defence(state, question, models["defender"]),
        evidence=[ProgramRun.model_validate(run) for run in state["evidence"]],
        sandbox=guarantees,
        novelty=NoveltyMark.model_validate(state["novelty"]),
        models=dict(models),
        prompts_fingerprint=domain.fingerprint,
        seed=Brief.model_validate(state["brief"]).seed,
        usage=usage,
        review=Review.model_validate(state["review"]) if state["review"] else None,
    )
    return row.model_copy(update={"sha256": row_sha256(row.model_dump(mode="json"))})


def derived(domain: Domain, question: Question, quality: float, judge: str) -> dict[str, Any]:
    """Return the fields of a row that its other fields decide."""
    explanation = "\n".join(f"{number}. {step}" for number, step in enumerate(question.steps, start=1))
    return {
        "id": survivor_id(domain.name, question.question, question.choices),
        "explanation": explanation,
        "level": level_of(quality),
        "graded_by": "program" if judge.startswith("offline:") else "model",
        "hops": len(question.steps),
        "messages": chat(domain, question, explanation),
    }


def row_sha256(fields: Mapping[str, Any]) -> str:
    """Hash all other fields of a row, as JSON with sorted keys and no spaces; whoever reads the file can repeat it."""
    others = {name: value for name, value in fields.items() if name != "sha256"}
    text = json.dumps(others, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def asked(state: CandidateState) -> Cell:
    """Return what the candidate was to be about."""
    brief = Brief.model_validate(state["brief"])
    return Cell.model_validate(brief.model_dump(include=set(Cell.model_fields)))


def defence(state: CandidateState, question: Question, model: str) -> Defence:
    """Tell how the Defender fared."""
    return Defence(
        model=model,
        samples=len(state["answers"]),
        passed=state["passed"],
        wrong_answer=wrong_answer(state, question),
    )


def wrong_answer(state: CandidateState, question: Question) -> Answer | None:
    """Return one answer that the Defender got wrong, None where all were right."""
    answers = (Answer.model_validate(answer) for answer in state["answers"])
    return next((answer for answer in answers if not question.accepts(answer.answer)), None)


def chat(domain: Domain, question: Question, explanation: str) -> list[Message]:
    """Write the row as a conversation to fine-tune on; it ends in the line that the benchmark reads."""
    return [
        Message(role="system", content=render("dataset_system", title=domain.title)),
        Message(role="user", content=posed_text(question.question, question.choices)),
        Message(role="assistant", content=f"{explanation}\n\nANSWER: {question.answer}"),
    ]


def program_run(code: str, run: Execution) -> ProgramRun:
    """Keep of a run of the Judge's what repeats; times do not."""
    return ProgramRun(
        by="judge",
        code=code,
        stdout=run.stdout,
        ok=run.status == "ok",
        sandbox=run.backend,
        code_sha256=run.code_sha256,
    )


def novelty_item(question: Question | Survivor, owner: str) -> NoveltyItem:
    """Show the gate a question whose program has already returned its answer."""
    return NoveltyItem(
        question=question.question,
        owner=owner,
        answer=question.answer,
        answer_kind=question.answer_kind,
        choices=tuple(question.choices),
        program=question.program,
    )
