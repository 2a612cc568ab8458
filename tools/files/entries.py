"""Lists and dates written as texts: a reader that infers the types of columns takes them for texts, also where empty.

A list is one entry a line, each with a line break behind it, so that `text.splitlines()` gives the entries back. An
entry that holds a line break itself, or begins with a quotation mark, is written as a JSON string.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[ T][0-9:.,Z+-]*)?")
"""What readers take for a date or a time."""


def entry_lines(entries: Iterable[str]) -> str:
    """Write a list of texts as one text; of no entries it is empty."""
    return "".join(f"{_entry(entry)}\n" for entry in entries)


def entries_of(text: str) -> list[str]:
    """Read back what `entry_lines` wrote.

    Raises:
        ValueError: It would have written another text.
    """
    entries = [json.loads(line) if line.startswith('"') else line for line in text.splitlines()]
    if entry_lines(entries) != text:
        raise ValueError(f"{text[:80]!r} is not an entry a line, each with a line break behind it")
    return entries


def choices_of(value: Any) -> tuple[str, ...]:
    """Read a question's options as any file may have them: a list, a JSON list as in CSV, or an entry a line."""
    if isinstance(value, str):
        value = entries_of(value) if value.endswith("\n") else json.loads(value or "[]")
    return tuple(map(str, value or ()))


def guarded(text: str) -> str:
    """Put a line break behind a date or a time, since a column of nothing else would be read as times."""
    return f"{text}\n" if _DATE.fullmatch(text) else text


def unguarded(text: str) -> str:
    """Read back what `guarded` wrote."""
    return text[:-1] if text.endswith("\n") and _DATE.fullmatch(text[:-1]) else text


def json_lines(rows: Iterable[Mapping[str, Any]]) -> str:
    """Write rows as JSON Lines, whose readers infer types: every text is guarded."""
    return "".join(json.dumps(_all_guarded(row), ensure_ascii=False) + "\n" for row in rows)


def _all_guarded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {name: _all_guarded(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_all_guarded(part) for part in value]
    return guarded(value) if isinstance(value, str) else value


def _entry(entry: str) -> str:
    return json.dumps(entry) if entry.startswith('"') or entry.splitlines() not in ([entry], []) else entry
