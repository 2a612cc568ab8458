"""The runs that are on disk: which there are, and where each stands by its files alone.

A name becomes a path here and nowhere else in the service: it must be fit for a folder, and that folder must lie in the
folder of the runs, also where links lead elsewhere. All of this blocks on the file system.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from graph.service.answers import RunStatus, State
from graph.service.faults import Conflict, Missing
from graph.setting_values import folder_name
from graph.storage.run_lock import in_use
from tools.files.small_json import read_small_json

CUT_OFF = "its process ended before it could say why; it can be resumed"
FILES = {
    "dataset.jsonl": "application/jsonl",
    "refused.jsonl": "application/jsonl",
    "coverage.json": "application/json",
    "README.md": "text/markdown; charset=utf-8",
    "croissant.json": "application/ld+json",
    "report.md": "text/markdown; charset=utf-8",
    "report.html": "text/html; charset=utf-8",
}
"""Files of a run that can be downloaded, with their types; the others tell of the server, or are its own."""


class Folders:
    """The folder of the runs.

    Args:
        runs_dir: Where it is.
    """

    def __init__(self, runs_dir: Path) -> None:
        self.runs_dir = runs_dir.absolute()
        self._lines: dict[Path, tuple[tuple[int, int], int]] = {}
        """By dataset, its time and size, and how many lines it had then."""

    def names(self) -> list[str]:
        """Name the runs, the one that was changed last first."""
        if not self.runs_dir.is_dir():
            return []
        found = [path for path in self.runs_dir.iterdir() if self._is_run(path)]
        return [path.name for path in sorted(found, key=lambda path: path.stat().st_mtime, reverse=True)]

    def of(self, name: str) -> Path:
        """Return a run's folder.

        Raises:
            Missing: There is none of that name.
        """
        try:
            path = self.runs_dir / folder_name(name)
        except ValueError as error:
            raise Missing(f"there is no run {name[:80]!r}: {error}") from error
        if not name or not self._is_run(path):
            raise Missing(f"there is no run {name!r}; GET /api/runs lists those that there are")
        return path

    def file(self, name: str, file: str) -> Path:
        """Return one of a run's `FILES`.

        Raises:
            Missing: There is no such run, or it has no such file yet.
        """
        path = self.of(name) / file
        if file not in FILES or not path.is_file() or not path.resolve().is_relative_to(self.runs_dir.resolve()):
            raise Missing(f"run {name!r} has no file {file[:80]!r} yet; there can be {', '.join(FILES)}")
        return path

    def status(self, name: str) -> RunStatus:
        """Say where a run stands that this service does not carry out.

        Raises:
            Missing: There is none of that name.
        """
        path = self.of(name)
        funnel, settings = _read(path / "funnel.json"), _read(path / "settings.json")
        rows, target = (
            self._count_lines(path / "dataset.jsonl"),
            int(settings.get("target") or funnel.get("target") or 0),
        )
        usage = [seat for seat in funnel.get("usage", {}).values() if seat["calls"]]
        state: State = "stopped"
        if in_use(path):
            state = "elsewhere"
        elif target and rows >= target:
            state = "finished"
        outcomes = {outcome: count for outcome, count in funnel.get("outcomes", {}).items() if count}
        return RunStatus(
            name=name,
            state=state,
            ending="" if state == "elsewhere" else funnel.get("ending") or CUT_OFF,
            target=target,
            rows=rows,
            candidates=sum(count for outcome, count in outcomes.items() if outcome != "stopped"),
            outcomes=outcomes,
            calls=sum(seat["calls"] for seat in usage),
            tokens=sum(seat["input_tokens"] + seat["output_tokens"] for seat in usage),
            usd=None if any(seat["usd"] is None for seat in usage) else sum(seat["usd"] for seat in usage),
            seconds=None,
            note="",
            warnings=[],
        )

    def recorded(self, name: str) -> dict[str, Any]:
        """Return what a run's `settings.json` holds.

        Raises:
            Missing: There is no such run.
            Conflict: No call of it was ever paid for, so nothing is recorded yet.
        """
        recorded = _read(self.of(name) / "settings.json")
        if not recorded:
            raise Conflict(f"run {name!r} has no settings recorded yet; start it again with its settings")
        return recorded

    def _count_lines(self, file: Path) -> int:
        """Count the lines, anew only where the file has changed."""
        try:
            found = file.stat()
        except FileNotFoundError:
            return 0
        stamp = (found.st_mtime_ns, found.st_size)
        if self._lines.get(file, ((0, 0), 0))[0] != stamp:
            with file.open("rb") as lines:
                count = sum(chunk.count(b"\n") for chunk in iter(lambda: lines.read(1 << 20), b""))
            self._lines[file] = stamp, count
        return self._lines[file][1]

    def _is_run(self, path: Path) -> bool:
        return (path / "lock").is_file() and path.resolve().parent == self.runs_dir.resolve()


def _read(file: Path) -> dict[str, Any]:
    """Return the object in a file; empty where there is none."""
    try:
        found = read_small_json(file)
    except (FileNotFoundError, json.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}
