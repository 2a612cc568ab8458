"""One function a package: a folder that another tool runs as it is, with the rows, the code and the verifier in it."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from agents.rows import Survivor
from evals.exports import verifier

TEMPLATES = Path(__file__).parent / "templates"
PYPROJECT = """\
[project]
name = "{name}"
version = "0.1.0"
description = "{rows} verified questions as a taskset of verifiers v1"
requires-python = ">=3.11"
dependencies = ["verifiers>=0.4"]

[build-system]
requires = ["hatchling"]
build-backend = "hatchling.build"

[tool.hatch.build.targets.wheel]
packages = ["{package}"]
"""


def write_verifiers(rows: Sequence[Survivor], folder: Path) -> None:
    """Write an installable package with a `Taskset` of verifiers v1; `validate` grades each reference solution."""
    package = re.sub(r"\W", "_", folder.resolve().name.lower()).lstrip("_0123456789") or "nanoflux_tasks"
    inside = folder / package
    inside.mkdir(parents=True)
    name = package.replace("_", "-").strip("-")
    (folder / "pyproject.toml").write_text(PYPROJECT.format(name=name, package=package, rows=len(rows)))
    (inside / "__init__.py").write_text(
        '"""Verified questions as a taskset of verifiers v1."""\n\n'
        'from .taskset import RowTaskset\n\n__all__ = ["RowTaskset"]\n'
    )
    shutil.copyfile(TEMPLATES / "taskset.py.txt", inside / "taskset.py")
    _write_rows(
        [
            {
                "id": row.id,
                "name": f"{row.topic}-{row.id}",
                "prompt": row.messages[1].content,
                "system_prompt": row.messages[0].content,
                "answer": row.answer,
                "answer_kind": row.answer_kind,
                "choices": row.choices,
                "reference": row.messages[2].content,
            }
            for row in rows
        ],
        inside,
    )


def write_inspect(rows: Sequence[Survivor], folder: Path) -> None:
    """Write a task of inspect_ai, for `inspect eval task.py`."""
    folder.mkdir(parents=True)
    shutil.copyfile(TEMPLATES / "inspect_task.py.txt", folder / "task.py")
    (folder / "system.txt").write_text(rows[0].messages[0].content, encoding="utf-8")
    _write_rows(
        [
            {
                "id": row.id,
                "input": row.messages[1].content,
                "target": row.answer,
                "answer_kind": row.answer_kind,
                "options": row.choices,
                "topic": row.topic,
                "hops": row.hops,
            }
            for row in rows
        ],
        folder,
    )


PACKAGES: dict[str, Callable[[Sequence[Survivor], Path], None]] = {
    "verifiers": write_verifiers,
    "inspect": write_inspect,
}
"""Package by name; each writes a folder that is not there yet."""


def _write_rows(rows: Sequence[dict[str, object]], folder: Path) -> None:
    """Write the rows, and beside them what checks a reply."""
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    (folder / "rows.jsonl").write_text(text, encoding="utf-8")
    shutil.copyfile(verifier.__file__, folder / "verifier.py")
