"""The rows of a run's files: what was kept, what was refused, and how rows are named."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from typing import Any, ClassVar, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from agents.records import (
    Cell,
    Defence,
    Level,
    NoveltyMark,
    Outcome,
    ProgramRun,
    Proof,
    Question,
    Record,
    Rubric,
    SeatName,
    SeatUsage,
)
from agents.reviews import Review
from agents.row_form import form_of
from tools.answers import AnswerKind, normalise_question
from tools.inputs.kinds import Input
from tools.sandbox.port import Guarantees


class Message(Record):
    """One turn in chat form."""

    role: Literal["system", "user", "assistant"]
    content: str


SCHEMA_VERSION: Literal[5] = 5
"""Version of the records in files; rows of earlier ones are read through `agents.row_versions`."""


class Survivor(Record):
    """A kept question: one row of dataset.jsonl.

    Dumped as JSON it has the form of `agents.row_form`; it is read in that form, and in plain Python values.
    """

    schema_version: Literal[5] = SCHEMA_VERSION
    id: str
    index: int = Field(description="the candidate's number within its run")
    domain: str
    asked: Cell = Field(description="what the Attacker was asked for")
    question: str
    steps: list[str] = Field(min_length=1)
    answer: str
    answer_kind: AnswerKind
    choices: list[str]
    inputs: list[Input]
    program: str
    judge_program: str = Field(description="the Judge's own solve, written blind; empty where nothing is computed")
    judge_answer: str = Field(description="what it returns for the stated inputs, or what the Judge stated")
    proof: Proof | None = Field(description="None in rows of a schema that knew no proofs")
    topic: str
    skills: list[str]
    blemishes: list[str] = Field(description="put into the steps on purpose, by name; by the offline Attacker only")
    explanation: str
    level: Level
    quality: float
    graded_by: Literal["model", "program"]
    reference_rubric: Rubric | None
    defender_rubric: Rubric | None
    hops: int
    easy: bool = Field(description="right more often than --pass-rate allows: kept so that the easy is not forgotten")
    defender: Defence
    evidence: list[ProgramRun]
    sandbox: Guarantees
    novelty: NoveltyMark
    models: dict[SeatName, str]
    prompts_fingerprint: str
    seed: int
    usage: dict[SeatName, SeatUsage]
    review: Review | None = Field(description="what a person decided; None where nobody was asked")
    messages: list[Message] = Field(min_length=1)
    sha256: str = Field(default="", description="hash of all other fields; `verify` finds a row that was changed")

    outcome: ClassVar[Outcome] = "kept"
    reason: ClassVar[str] = ""

    @model_validator(mode="before")
    @classmethod
    def _read(cls, fields: Any) -> Any:
        return form_of(cls).read(fields)

    @model_serializer(mode="wrap", when_used="json")
    def _write(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        written: dict[str, Any] = form_of(type(self)).write(plain(self))
        return written


class NearDuplicate(Record):
    """What a refused question was too near: "benchmark:item" or a candidate, by which rule, and how near."""

    name: str
    rule: str
    score: float
    question: str


class Refusal(Record):
    """A candidate that was not kept: one row of refused.jsonl."""

    id: str
    index: int
    outcome: Outcome
    reason: str
    attempts: int
    asked: Cell | None
    question: Question | None
    defender: Defence | None
    evidence: list[ProgramRun]
    usage: dict[SeatName, SeatUsage]
    near: NearDuplicate | None = None
    review: Review | None = None


def level_of(mean: float) -> Level:
    """Map a mean rubric score to its level: below 1.5 is L1, ..., 3.5 to 4.49 is L4, else L5."""
    for level, bound in (("L1", 1.5), ("L2", 2.5), ("L3", 3.5), ("L4", 4.5)):
        if mean < bound:
            return level  # type: ignore[return-value]  # the tuple above holds Level literals
    return "L5"


def survivor_id(domain: str, question: str, choices: Iterable[str] = ()) -> str:
    """Name a question by what it asks, choices included, so that the same question has the same id in every run."""
    text = "\n".join([domain, normalise_question(question), *sorted(map(normalise_question, choices))])
    return hashlib.sha256(text.encode()).hexdigest()[:16]
