"""List the runs of a folder: how each stands, what it has kept and spent, and when it was last written to."""

from __future__ import annotations

import argparse
import asyncio
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

from rich.table import Table
from rich.text import Text

from agents.errors import SetupError
from graph.cli.flags import path, stated
from graph.cli.output import report
from graph.reports.progress import printable
from graph.storage.recorded_settings import READ_IT, read_recorded
from graph.storage.run_lock import in_use
from tools.files.small_json import read_small_json


class Run(NamedTuple):
    """How a run stands."""

    name: str
    state: str
    """`running`, `finished`, `stopped` (the same command resumes it), `empty`, or `unreadable`."""
    rows: int
    target: int | None
    domain: str
    usd: float | None
    changed: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the folder."""
    runs = stated({}).runs_dir
    parser.add_argument(
        "--runs-dir", type=path, default=runs, metavar="FOLDER", help=f"folder that holds the runs (default: {runs})"
    )


async def run(args: argparse.Namespace) -> int:
    """Read every run's files, and print a line for each."""
    runs = await asyncio.to_thread(lambda: sorted(_runs(args.runs_dir), key=lambda run: run.changed, reverse=True))
    table = Table("run", "state", "rows", "domain", "spent", "last written")
    for one in runs:
        wanted = "" if one.target is None else f"/{one.target}"
        money = "" if one.usd is None else f"${one.usd:.4f}"
        cells = (one.name, one.state, f"{one.rows}{wanted}", one.domain, money, one.changed)
        table.add_row(*(Text(printable(cell)) for cell in cells))
    lines = [table] if runs else [f"there is no run in {args.runs_dir}"]
    report(args, {"runs": [one._asdict() for one in runs]}, lines)
    return 0


def _runs(folder: Path) -> Iterator[Run]:
    """Read each folder that a run has begun."""
    for place in folder.glob("*/"):
        written = [file for name in ("dataset.jsonl", "settings.json") if (file := place / name).is_file()]
        if written:
            yield _run(place, max(file.stat().st_mtime for file in written))


def _run(folder: Path, changed: float) -> Run:
    dataset = folder / "dataset.jsonl"
    rows = dataset.read_bytes().count(b"\n") if dataset.is_file() else 0
    when = datetime.fromtimestamp(changed).astimezone().isoformat(sep=" ", timespec="minutes")[:16]
    try:
        recorded = read_recorded(folder, remedy=READ_IT)
    except SetupError:
        return Run(folder.name, "unreadable", rows, None, "", None, when)
    target = None if recorded is None else recorded.get("target")
    if in_use(folder):
        state = "running"
    elif recorded is None:
        state = "empty"
    else:
        state = "finished" if isinstance(target, int) and rows >= target else "stopped"
    return Run(folder.name, state, rows, target, str((recorded or {}).get("domain", "")), _spent(folder), when)


def _spent(folder: Path) -> float | None:
    """Return the dollars of the run's funnel; None where they are not known."""
    try:
        funnel: Any = read_small_json(folder / "funnel.json")
        return float(sum(usage["usd"] for usage in funnel["usage"].values()))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
