"""The state of one candidate: plain JSON in the checkpoints, records to the nodes.

Nodes read a record with `X.model_validate(state["x"])` and return partial updates made with `model_dump`.
"""

from __future__ import annotations

from typing import Any

from pydantic import BaseModel, Field
from typing_extensions import TypedDict  # pydantic reads it on Python 3.11 too

from agents.schema import Cell, Outcome


class CandidateInput(BaseModel):
    """What starts a candidate: its number decides its brief; the rest overrides parts of that brief."""

    index: int = Field(0, ge=0, description="the candidate's number within its run")
    topic: str | None = Field(None, description="topic of the domain pack; chosen by the seed if not given")
    skill: str | None = Field(None, description="skill to exercise; chosen by the seed if not given")
    steps: int | None = Field(None, ge=2, le=8, description="reasoning steps; chosen by the seed if not given")
    anchor: bool = Field(False, description="also keep a question that the defender gets right too often")
    hard: bool = Field(True, description="keep a question that is as hard as --pass-rate says")
    samples_first: int | None = Field(
        None, ge=1, description="defender samples before the judge solves; all of them if not given"
    )

    @property
    def cell(self) -> Cell:
        """The cell that is asked for; ValueError where a part of it is left to the seed."""
        return Cell.model_validate(self.model_dump(include=set(Cell.model_fields)))


class Setback(TypedDict):
    """Why an attempt was refused: the outcome it would end in, what the Attacker is told, and what it was too near."""

    outcome: Outcome
    reason: str
    near: dict[str, Any] | None


def setback(outcome: Outcome, reason: str, near: dict[str, Any] | None = None) -> dict[str, Any]:
    """Refuse the attempt: the outcome it would end in, and the reason, which the Attacker gets as feedback."""
    return {"setback": Setback(outcome=outcome, reason=reason, near=near)}


class CandidateState(TypedDict):
    """All channels of the question graph; `None` and empty lists where an attempt has not come that far."""

    index: int
    candidate: str
    brief: dict[str, Any]
    anchor_welcome: bool
    hard_welcome: bool
    samples_first: int | None
    attempts_left: int
    setback: Setback | None
    question: dict[str, Any] | None
    evidence: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    sampled: int
    passed: int
    undecided: bool
    anchor: bool
    conversation: list[dict[str, Any]]
    judge_turns_left: int
    blind_answer: str | None
    verdict: dict[str, Any] | None
    novelty: dict[str, Any] | None
    outcome: Outcome | None
    reason: str
    survivor_id: str | None


class CandidateOutput(TypedDict):
    """What a candidate came to."""

    candidate: str
    outcome: Outcome
    reason: str
    survivor_id: str | None
    question: dict[str, Any] | None
    verdict: dict[str, Any] | None


def fresh_attempt(judge_turns: int) -> dict[str, Any]:
    """Return the update that clears what an earlier attempt left behind."""
    return {
        "setback": None,
        "question": None,
        "evidence": [],
        "answers": [],
        "sampled": 0,
        "passed": 0,
        "undecided": False,
        "anchor": False,
        "conversation": [],
        "judge_turns_left": judge_turns,
        "blind_answer": None,
        "verdict": None,
        "novelty": None,
    }
