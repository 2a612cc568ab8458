"""Rows of pools and tests: what a training row has, and by what arms are drawn and scores are split."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from agents.records import Level
from agents.row_versions import read_dataset
from agents.rows import Survivor
from evals.training.rows import TrainRow, from_object, from_survivor
from tools.answers import final_answer, reads_as, same_answer
from tools.files.questions import read_objects
from tools.files.whole import write_whole


class PoolRow(TrainRow):
    """A row with what is known of it; `pass_rate` and `surprisal` are those of the model that is to be tuned.

    Only rows of a run fill the last four: the size of the numbers, the grade of the proof, the likeness to the nearest
    row that was kept before, and whether the Judge used its tool before it submitted.
    """

    skill: str = ""
    hops: int = 1
    level: Level | None = None
    pass_rate: float | None = None
    surprisal: float | None = None
    size: str = ""
    proof: str = ""
    nearness: float | None = None
    judge_tool: bool | None = None

    @property
    def mix(self) -> tuple[str, int]:
        """The cell that arms of the same mix share."""
        return self.skill, self.hops

    def judged(self, text: str) -> bool | None:
        """Say whether a reply is right; None where no answer can be read from it."""
        given = final_answer(text)
        if given is None or not reads_as(given, self.answer_kind, self.choices):
            return None
        return same_answer(given, self.answer, self.answer_kind, self.choices)


def read_pool(file: Path) -> list[PoolRow]:
    """Read a pool or a test: a run, a file of this project's rows, or any file of questions and answers.

    Raises:
        RowFileError: The file cannot be read.
        SetupError: It has not the columns.
    """
    objects = list(read_objects(file))
    if {"schema_version", "sha256"} <= objects[0][1].keys():
        return [pool_row(row) for row in read_dataset(file)]
    if objects[0][1].keys() >= {"prompt", "completion", "answer", "skill", "hops"}:
        return [PoolRow.model_validate(fields) for _, fields in objects]
    return [_read(fields, where) for where, fields in objects]


def pool_row(row: Survivor) -> PoolRow:
    """Read a survivor; its pass rate is the Defender's."""
    defender = row.defender
    return PoolRow(
        **from_survivor(row).model_dump(),
        skill=row.topic,
        hops=row.hops,
        level=row.level,
        pass_rate=defender.passed / defender.samples if defender.samples else None,
        size=row.asked.size,
        proof=row.proof.grade if row.proof else "",
        nearness=row.novelty.score if row.novelty.nearest else None,
        judge_tool=any(run.by == "judge" for run in row.evidence),
    )


def _read(fields: dict[str, Any], where: str) -> PoolRow:
    row = from_object(fields, where, "sft")
    answer = final_answer(row.completion) or row.answer if "####" in row.answer else row.answer
    lines = [line for line in row.completion.splitlines() if line.strip()]
    return PoolRow(
        **{**row.model_dump(), "answer": answer},
        skill=str(fields.get("topic") or fields.get("subject_name") or fields.get("subject") or ""),
        hops=int(fields.get("hops") or max(1, min(8, len(lines) - 1))),
    )


def write_pool(file: Path, rows: Iterable[PoolRow]) -> None:
    """Write rows so that `read_pool` gives them back."""
    write_whole(file, "".join(row.model_dump_json() + "\n" for row in rows))


def as_training(rows: Sequence[PoolRow]) -> list[TrainRow]:
    """Return what a training sees of rows."""
    names = TrainRow.model_fields
    return [TrainRow.model_validate({name: getattr(row, name) for name in names}) for row in rows]
