"""Read benchmark questions with known answers from a file of any form; one reader for each format of row.

Published formats are read in `evals.benchmarks.published`; `plain` is this project's own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from agents.records import describe
from evals.benchmarks.published import PUBLISHED, Item
from tools.files.entries import choices_of, unguarded
from tools.files.lines import RowFileError
from tools.files.questions import read_objects

__all__ = ["READERS", "Item", "ItemError", "load_items", "read_items", "read_plain"]


class ItemError(RowFileError):
    """A row cannot be read as a question; the message names the line."""


def read_plain(row: dict[str, Any]) -> Item:
    """Read `question`, `answer` and, where given, `answer_kind` and `choices`: this project's own format."""
    choices = choices_of(row.get("choices"))
    kind = row.get("answer_kind") or ("choice" if choices else "number")
    return Item(question=row["question"], answer=unguarded(str(row["answer"])), answer_kind=kind, choices=choices)


READERS: dict[str, Callable[[dict[str, Any]], Item]] = {
    "plain": read_plain,
    **PUBLISHED,
}


def _missing(error: Exception) -> str:
    return f"it has no {error}" if isinstance(error, KeyError) else str(error)


def load_items(path: Path, form: str) -> list[Item]:
    """Read all items of a file, or of a run's dataset.

    Raises:
        RowFileError: The file cannot be read, or holds nothing.
        ItemError: A row is not in the format.
    """
    return read_items(form, read_objects(path))


def read_items(form: str, objects: Iterable[tuple[str, dict[str, Any]]]) -> list[Item]:
    """Read objects, each with words that say where it stands.

    Raises:
        ItemError: One is not in the format.
    """
    reader = READERS[form]
    items: list[Item] = []
    for where, row in objects:
        try:
            items.append(reader(row))
        except ValidationError as error:
            raise ItemError(f"{where} is not a row of format {form!r} ({describe(error)})") from error
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            raise ItemError(f"{where} is not a row of format {form!r} ({_missing(error)})") from error
    return items
