"""Training rows: what a prompt is, what should follow it, and what should not.

They are read from a run's dataset, or from any JSON Lines, JSON, CSV or Parquet with columns that trainers know.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError

from agents.errors import SetupError
from agents.records import Record, describe
from agents.row_versions import read_dataset
from agents.rows import Survivor
from prompts.render import posed_text
from tools.answers import AnswerKind
from tools.files.entries import choices_of, unguarded
from tools.files.questions import read_objects
from tools.inputs.kinds import Input

Method = Literal["sft", "dpo", "grpo"]

COLUMNS: dict[Method, str] = {
    "sft": "messages, prompt and completion, or question and answer",
    "dpo": "prompt, chosen and rejected",
    "grpo": "prompt (or question) and answer",
}
"""What a file must have for each method."""


class TrainRow(Record):
    """One row; which fields must be filled depends on the method."""

    prompt: str
    completion: str = ""
    rejected: str = ""
    answer: str = ""
    answer_kind: AnswerKind = "text"
    choices: tuple[str, ...] = ()
    program: str = ""
    inputs: tuple[Input, ...] = ()


def read_rows(file: Path, method: Method) -> list[TrainRow]:
    """Read the rows of a run or of any file; those without what the method needs are left out.

    Raises:
        RowFileError: The file cannot be read.
        SetupError: Its columns are wrong, or no row is left.
    """
    objects = list(read_objects(file))
    if {"schema_version", "sha256"} <= objects[0][1].keys():
        rows = [from_survivor(row) for row in read_dataset(file)]
        why = "no survivor has what it takes"
    else:
        rows = [from_object(fields, where, method) for where, fields in objects]
        why = "no row has what it takes"
    fit = [row for row in rows if fits(row, method)]
    if not fit:
        raise SetupError(f"{str(file)!r}: {why} for {method}, which is {COLUMNS[method]}")
    return fit


def fits(row: TrainRow, method: Method) -> bool:
    """Say whether a row has what the method trains on."""
    if method == "sft":
        return bool(row.completion)
    return bool(row.completion and row.rejected) if method == "dpo" else bool(row.answer)


def from_survivor(row: Survivor) -> TrainRow:
    """Read a survivor: its explanation is what should follow, the Defender's wrong answer is what should not."""
    wrong = row.defender.wrong_answer
    return TrainRow(
        prompt=posed_text(row.question, row.choices),
        completion=worked(row.steps, row.answer),
        rejected=worked(wrong.steps, wrong.answer) if wrong else "",
        answer=row.answer,
        answer_kind=row.answer_kind,
        choices=tuple(row.choices),
        program=row.program,
        inputs=tuple(row.inputs),
    )


def worked(steps: Sequence[str], answer: str) -> str:
    """Write a worked answer as the dataset's own messages do; it ends in the line that is read back."""
    numbered = "\n".join(f"{number}. {step}" for number, step in enumerate(steps, start=1))
    return f"{numbered}\n\nANSWER: {answer}".strip()


def from_object(fields: dict[str, Any], where: str, method: Method) -> TrainRow:
    """Read a row of any file.

    Raises:
        SetupError: Its columns are wrong.
    """
    messages = fields.get("messages")
    turns = {turn.get("role"): turn.get("content") for turn in messages} if isinstance(messages, list) else {}
    prompt = _text(fields, "prompt", "question", "input", "problem") or str(turns.get("user") or "")
    answer = unguarded(_text(fields, "answer", "target", "label"))
    explanation = _text(fields, "explanation", "solution")
    taught = f"{explanation}\n\nANSWER: {answer}".strip() if answer else ""
    completion = _text(fields, "chosen", "completion") or str(turns.get("assistant") or "") or taught
    if not prompt or not (completion or answer):
        have = ", ".join(sorted(fields)) or "no columns"
        raise SetupError(f"{where.rstrip(',')} has {have}; {method} needs {COLUMNS[method]}")
    try:
        choices = choices_of(fields.get("choices"))
        return TrainRow(
            prompt=posed_text(prompt, choices),
            completion=completion,
            rejected=_text(fields, "rejected"),
            answer=answer,
            answer_kind=fields.get("answer_kind") or ("choice" if choices else "number" if answer else "text"),
            choices=choices,
            program=_text(fields, "program"),
            inputs=fields.get("inputs") or (),
        )
    except ValidationError as error:
        raise SetupError(f"{where.rstrip(',')}: {describe(error)}") from error
    except (ValueError, TypeError) as error:
        raise SetupError(f"{where.rstrip(',')}: choices is no list of texts: {error}") from error


def _text(fields: dict[str, Any], *names: str) -> str:
    for name in names:
        value = fields.get(name)
        if isinstance(value, list) and value and isinstance(value[-1], dict):  # a conversation as TRL has it
            value = value[-1].get("content")
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value)
    return ""


def drawn(rows: Sequence[TrainRow], most: int | None, seed: int) -> list[TrainRow]:
    """Return at most so many rows, drawn by the seed, in a random order."""
    shuffled = random.Random(f"rows/{seed}").sample(list(rows), len(rows))  # noqa: S311  # repeatable, not secret
    return shuffled if most is None else shuffled[:most]
