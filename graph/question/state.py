"""The state of one candidate: plain JSON and the Judge's messages in the checkpoints, records to the nodes.

Nodes read a record with `X.model_validate(state["x"])` and return partial updates made with `model_dump`.
"""

from __future__ import annotations

from typing import Annotated, Any

from langchain_core.messages import AnyMessage, RemoveMessage
from langgraph.graph.message import REMOVE_ALL_MESSAGES, add_messages
from typing_extensions import TypedDict  # pydantic reads it on Python 3.11 too

from agents.records import Outcome
from tools.novelty.port import Decision


class Rejection(TypedDict):
    """Why an attempt was refused: the outcome it would end in, what the Attacker is told, and what it was too near."""

    outcome: Outcome
    reason: str
    near: dict[str, Any] | None
    final: bool
    """Whether the candidate ends here, whatever attempts are left."""


def rejection(
    outcome: Outcome, reason: str, near: dict[str, Any] | None = None, *, final: bool = False
) -> dict[str, Any]:
    """Refuse the attempt: the outcome it would end in, and the reason, which the Attacker gets as feedback."""
    return {"rejection": Rejection(outcome=outcome, reason=reason, near=near, final=final)}


def too_near(found: Decision, *, final: bool = False) -> dict[str, Any]:
    """Refuse a near-duplicate, and say of what."""
    near = {"name": found.nearest, "rule": found.rule, "score": found.score or 0.0, "question": found.nearest_text}
    outcome: Outcome = "contaminated" if found.verdict == "contaminated" else "duplicate"
    return rejection(outcome, found.feedback, near, final=final)


class CandidateState(TypedDict):
    """All channels of the question graph; `None` and empty lists where an attempt has not come that far."""

    index: int
    candidate: str
    brief: dict[str, Any]
    easy_welcome: bool
    hard_welcome: bool
    samples_first: int | None
    attempts_left: int
    rejection: Rejection | None
    refused: list[dict[str, Any]]
    """Questions of this candidate that were refused; none may be offered again."""
    question: dict[str, Any] | None
    evidence: list[dict[str, Any]]
    answers: list[dict[str, Any]]
    sampled: int
    passed: int
    undecided: bool
    easy: bool
    messages: Annotated[list[AnyMessage], add_messages]
    """The Judge's conversation, blind solution and grade alike."""
    judge_turns_left: int
    judge_program: str
    blind_answer: str | None
    proof: dict[str, Any] | None
    verdict: dict[str, Any] | None
    doubts: list[str]
    """Why a person is to look at the question; where there are any, the candidate waits for that."""
    review: dict[str, Any] | None
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
    proof: dict[str, Any] | None
    verdict: dict[str, Any] | None


def fresh_attempt(judge_turns: int) -> dict[str, Any]:
    """Return the update that clears what an earlier attempt left behind."""
    return {
        "rejection": None,
        "question": None,
        "evidence": [],
        "answers": [],
        "sampled": 0,
        "passed": 0,
        "undecided": False,
        "easy": False,
        "messages": [RemoveMessage(id=REMOVE_ALL_MESSAGES)],
        "judge_turns_left": judge_turns,
        "judge_program": "",
        "blind_answer": None,
        "proof": None,
        "verdict": None,
        "doubts": [],
        "review": None,
        "novelty": None,
    }
