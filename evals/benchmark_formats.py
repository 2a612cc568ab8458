"""Read benchmark questions with known answers from a file of any form; one reader for each format of row.

Adding a benchmark's format means adding one function and one row to `READERS`.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agents.records import Record, describe
from tools.answers import AnswerKind
from tools.files.questions import read_objects


class ItemError(ValueError):
    """A row cannot be read as a question; the message names the line."""


class Item(Record):
    """One question of a benchmark."""

    question: str
    answer: str
    answer_kind: AnswerKind = "number"
    choices: tuple[str, ...] = ()


def read_plain(row: dict[str, Any]) -> Item:
    """Read `question`, `answer` and, where given, `answer_kind` and `choices`: this project's own format."""
    choices = row.get("choices") or ()
    choices = tuple(json.loads(choices) if isinstance(choices, str) else choices)  # in CSV, a list is JSON
    kind = row.get("answer_kind") or ("choice" if choices else "number")
    return Item(question=row["question"], answer=str(row["answer"]), answer_kind=kind, choices=choices)


def read_gsm8k(row: dict[str, Any]) -> Item:
    """Read GSM8K: the answer stands after `####`."""
    return Item(question=row["question"], answer=row["answer"].rpartition("####")[2].strip())


def read_gsm_hard(row: dict[str, Any]) -> Item:
    """Read GSM-Hard: `input` and a number as `target`."""
    target = row["target"]
    return Item(question=row["input"], answer=target if isinstance(target, str) else repr(target))


READERS: dict[str, Callable[[dict[str, Any]], Item]] = {
    "plain": read_plain,
    "gsm8k": read_gsm8k,
    "gsm_hard": read_gsm_hard,
}


def _missing(error: Exception) -> str:
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)


def load_items(path: Path, form: str) -> list[Item]:
    """Read all items of a file, or of a run's dataset.

    Raises:
        RowFileError: The file cannot be read, or holds nothing.
        ItemError: A row is not in the format.
    """
    reader = READERS[form]
    items: list[Item] = []
    for where, row in read_objects(path):
        try:
            items.append(reader(row))
        except ValidationError as error:
            raise ItemError(f"{where} is not a row of format {form!r} ({describe(error)})") from error
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise ItemError(f"{where} is not a row of format {form!r} ({_missing(error)})") from error
    return items
