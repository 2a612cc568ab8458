"""Read benchmark questions with known answers from JSONL; one reader for each format of row.

Adding a benchmark's format means adding one function and one row to `READERS`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.records import Record
from tools.answers import AnswerKind


class ItemError(ValueError):
    """A file or a row cannot be read as questions; the message names the line."""


class Item(Record):
    """One question of a benchmark."""

    question: str
    answer: str
    answer_kind: AnswerKind = "number"
    choices: tuple[str, ...] = ()


def read_plain(row: dict[str, Any]) -> Item:
    """Read `question`, `answer` and, where given, `answer_kind` and `choices`: this project's own format."""
    choices = tuple(row.get("choices") or ())
    kind = row.get("answer_kind") or ("choice" if choices else "number")
    return Item(question=row["question"], answer=str(row["answer"]), answer_kind=kind, choices=choices)


def read_gsm8k(row: dict[str, Any]) -> Item:
    """Read GSM8K: the answer stands after `####`."""
    return Item(question=row["question"], answer=row["answer"].rpartition("####")[2].strip())


def read_gsm_hard(row: dict[str, Any]) -> Item:
    """Read GSM-Hard: `input` and a number as `target`."""
    return Item(question=row["input"], answer=repr(row["target"]))


READERS: dict[str, Callable[[dict[str, Any]], Item]] = {
    "plain": read_plain,
    "gsm8k": read_gsm8k,
    "gsm_hard": read_gsm_hard,
}


def _missing(error: Exception) -> str:
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)


def load_items(path: Path, form: str) -> list[Item]:
    """Read all items of a file.

    Raises:
        ItemError: The file is absent or empty, or a line is not in the format.
    """
    reader = READERS[form]
    path = path / "dataset.jsonl" if path.is_dir() else path
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except OSError as error:
        raise ItemError(f"cannot read {path}: {error.strerror}") from error
    items: list[Item] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            items.append(reader(json.loads(line)))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ItemError(f"{path}, line {number}, is not a row of format {form!r} ({_missing(error)})") from error
    if not items:
        raise ItemError(f"{path} holds no questions")
    return items
