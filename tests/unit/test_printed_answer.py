"""When a program's output is the Judge's answer: only as it was told to print it, and only what can be an answer."""

from __future__ import annotations

import pytest

from agents.judge import printed_answer
from agents.records import ProgramRun, Question


def asked(kind: str) -> Question:
    choices = ["red", "green"] if kind == "choice" else []
    answer = {"choice": "red", "text": "a lake"}.get(kind, "4")
    return Question.model_validate(
        {
            "question": "Which?", "steps": ["look"], "answer": answer, "answer_kind": kind, "choices": choices,
            "program": "print(4)", "topic": "t", "skills": ["s"],
        }
    )  # fmt: skip


def ran(stdout: str, *, ok: bool = True) -> ProgramRun:
    return ProgramRun(by="judge", code="", stdout=stdout, ok=ok, sandbox="process", code_sha256="")


@pytest.mark.parametrize(
    ("kind", "stdout", "said"),
    [
        ("number", "total 7\nANSWER: 12\n", "12"),
        ("number", "ANSWER: 5", "5"),  # wrong, and an answer all the same
        ("number", "ANSWER: None", None),
        ("number", "ANSWER: nan", None),
        ("number", "ANSWER:", None),
        ("number", "Answer: 12", None),  # a program's own wording is shown to the Judge first
        ("number", "ANSWER: 12\nchecked", None),
        ("number", "", None),
        ("choice", "ANSWER: green", "green"),
        ("choice", "ANSWER: blue", None),
        ("text", "ANSWER: a pond", "a pond"),
        ("expression", "ANSWER: 3/7", "3/7"),
    ],
)
def test_the_last_line_is_the_answer_where_it_can_be_one(kind: str, stdout: str, said: str | None) -> None:
    assert printed_answer(ran(stdout), asked(kind)) == said


def test_a_program_that_failed_has_answered_nothing() -> None:
    assert printed_answer(ran("ANSWER: 4", ok=False), asked("number")) is None
