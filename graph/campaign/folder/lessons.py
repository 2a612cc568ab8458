"""What a run learned of its models' servers, kept in its folder: the next sitting pays for no refusal again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from agents.models.forms.dialect import Dialect
from tools.files.small_json import read_small_json
from tools.files.whole import write_whole

FILE = "learned.json"
"""One object: what each server takes, by model and address."""


def read_lessons(folder: Path, dialects: Mapping[str, Dialect]) -> None:
    """Take up what earlier sittings learned; a file that cannot be read is as good as none."""
    try:
        kept = read_small_json(folder / FILE)
    except (OSError, ValueError):
        return
    for server, dialect in dialects.items():
        if isinstance(kept, dict) and isinstance(kept.get(server), dict):
            dialect.restore(kept[server])


def write_lessons(folder: Path, dialects: Mapping[str, Dialect]) -> None:
    """Keep what was learned, where anything was since the file was written."""
    if not any(dialect.lessons for dialect in dialects.values()):
        return
    learned = {server: dialect.as_json() for server, dialect in sorted(dialects.items())}
    text = json.dumps(learned, indent=1) + "\n"
    file = folder / FILE
    if not file.exists() or file.read_text(encoding="utf-8", errors="replace") != text:
        write_whole(file, text)
