"""The records of a review: a case that waits for a person, what the person decides, and what a row says of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, Literal

from pydantic import Field

from agents.records import Answer, Proof, Question, Record, Text, Verdict

EDITABLE = ("question", "steps", "answer", "choices", "inputs", "program")
"""Fields of a question that a reviewer may edit."""
PAST: dict[str, Literal["approved", "edited", "rejected"]] = {
    "approve": "approved",
    "edit": "edited",
    "reject": "rejected",
}
"""By decision, how a row says that it was carried out."""


class Review(Record):
    """What a row, or a refusal, says of its review."""

    decision: Literal["approved", "edited", "rejected"]
    by: str
    when: str = Field(description="ISO 8601, in UTC")
    note: str
    doubts: list[str] = Field(description="why the case was shown to a person")
    edited: list[str] = Field(description="fields of the question that the reviewer changed")


def now() -> str:
    """Return the time of a decision, to the second."""
    return datetime.now(UTC).isoformat(timespec="seconds")


class Decision(Record):
    """What a reviewer decides about a case; the value that the graph's interrupt is resumed with."""

    decision: Literal["approve", "edit", "reject"]
    by: Text = Field(description="who decides")
    note: str = Field(default="", description="why; the reason of a rejection")
    edit: dict[str, Any] = Field(default={}, description=f"the fields to change: any of {', '.join(EDITABLE)}")
    when: str = Field(default_factory=now, description="ISO 8601, in UTC; now if not given")


class ReviewCase(Record):
    """A question that waits for a reviewer, with all that is known of it; the value of the graph's interrupt."""

    candidate: str
    index: int = Field(description="the candidate's number within its run")
    doubts: list[str] = Field(description="why it is shown to a person")
    question: Question
    answers: list[Answer] = Field(description="the Defender's")
    passed: int = Field(description="how many of them are right")
    judge_program: str = Field(description="the Judge's own solve, written blind; empty where nothing is computed")
    judge_answer: str
    proof: Proof
    verdict: Verdict
    easy: bool = Field(description="right more often than --pass-rate allows")
    nearest: str = Field(description="the text of the nearest question that is kept; empty where there is none")
    fault: str = Field(default="", description="why the last decision was refused; empty where there was none")
