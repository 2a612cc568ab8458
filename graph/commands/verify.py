"""Check a dataset from its file alone: every field, every program, every answer; offline and without a key.

A row must be JSON with exactly the fields of a row, and carry their hash; values that follow from other fields are
computed again; the equations of its steps must hold; its answer is proved again, by the row's program and the Judge's
on the recorded redrawn inputs and on fresh ones; the Defender's recorded answer must be wrong; and no row may be a
near-duplicate of another. Exit code 0 if all rows are good, 1 if one is not, 2 if there is nothing to check.

What a proof does not show: two authors can misread the same English in the same way, or be the same model.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import secrets
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from rich.console import RenderableType
from rich.table import Column, Table
from rich.text import Text

from agents.row_versions import later_version
from agents.rows import Survivor
from graph.cli.flags import at_least, rows_path, stated
from graph.cli.output import report
from graph.question.pass_rate import all_finished
from graph.question.row_checks import Fault, field_faults, program_faults, read_row
from graph.question.survivor import novelty_item
from graph.reports.progress import one_line
from tools.files.lines import RowFileError, dataset_file, named, read_lines
from tools.novelty.audit import audit
from tools.novelty.port import Novelty
from tools.novelty.registry import open_novelty
from tools.sandbox.port import Limits, Sandbox
from tools.sandbox.registry import SANDBOXES, open_sandbox


class Failure(NamedTuple):
    """A fault with its place in the file."""

    line: int
    id: str
    fault: Fault


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the file, and options for running its programs."""
    settings = stated({})
    parser.add_argument("dataset", type=rows_path, help="a dataset.jsonl, or a run: its name or folder")
    parser.add_argument(
        "--sandbox",
        choices=SANDBOXES,
        default=settings.sandbox,
        help=f"where programs run (default: {settings.sandbox})",
    )
    parser.add_argument(
        "--concurrency",
        type=at_least(1),
        default=os.cpu_count() or 1,
        metavar="N",
        help="programs at once (default: all cores)",
    )
    parser.add_argument(
        "--seed", type=at_least(0), metavar="N", help="of the fresh redrawn inputs (default: another one each time)"
    )
    parser.epilog = (
        "Variables set the limits of programs and the embedder, as for a run: NANOFLUX_SANDBOX_WALL_S, "
        "NANOFLUX_SANDBOX_MEMORY_MB, NANOFLUX_EMBEDDER."
    )


async def run(args: argparse.Namespace) -> int:
    """Check all rows, print what is wrong with them, and a summary of one line."""
    began = time.monotonic()
    lines, settings = await asyncio.to_thread(read_rows, args.dataset), stated({})
    async with (
        open_sandbox(args.sandbox, limits=settings.limits, concurrency=args.concurrency) as sandbox,
        open_novelty("edge", embedder=settings.embedder) as gate,
    ):
        seed = secrets.randbelow(2**31) if args.seed is None else args.seed
        checks = Checks(sandbox, settings.limits, seed, gate)
        failures, unproved = await verify(lines, checks)
    bad = len({failure.line for failure in failures})
    summary = f"{len(lines)} rows, " + (f"{bad} of them with {len(failures)} failures" if failures else "all good")
    took = f"redrawn with --seed {seed}; {time.monotonic() - began:.1f} s"
    shown: list[RenderableType] = [failures_table(failures)] if failures else []
    if unproved:
        known = "their programs ran, and that is all that is known"
        shown.append(f"{unproved} rows are of a schema without proofs: {known}")
    found = [{"line": one.line, "id": one.id, "check": one.fault.check, "what": one.fault.what} for one in failures]
    result = {"rows": len(lines), "bad_rows": bad, "failures": found, "rows_without_proof": unproved, "seed": seed}
    report(args, result, [*shown, f"{one_line(str(args.dataset))}: {summary}; {took}"])
    return 1 if failures else 0


def read_rows(dataset: Path) -> list[bytes]:
    """Return the rows of a dataset as they are written.

    Raises:
        RowFileError: The file cannot be read as rows, or a later version of this program wrote it.
    """
    lines = list(read_lines(dataset))
    if later := later_version(lines[0].text):
        raise RowFileError(f"{named(dataset_file(dataset))}, {lines[0].where}, {later}")
    return [line.text for line in lines]


class Checks(NamedTuple):
    """What rows are checked with: an empty, temporary gate, and where programs run."""

    sandbox: Sandbox
    limits: Limits
    seed: int
    gate: Novelty


async def verify(lines: Sequence[bytes], checks: Checks) -> tuple[list[Failure], int]:
    """Return all that is wrong, in the order of the file, and the number of rows whose schema knew no proofs."""
    failures: list[Failure] = []
    rows: dict[int, Survivor] = {}
    first: dict[str, int] = {}
    unproved = 0
    for number, line in enumerate(lines, start=1):
        read = read_row(line)
        faults = list(read.faults)
        if read.row is not None:
            rows[number] = read.row
            faults += field_faults(read.row, proved=read.proved)
            unproved += not read.proved
            if first.setdefault(read.id, number) != number:
                faults.append(Fault("id", f"is that of line {first[read.id]} too"))
        failures += [Failure(number, read.id, fault) for fault in faults]
    for found in await all_finished([_run_all(rows, checks), _near_duplicates(rows, checks.gate)]):
        failures += found
    return sorted(failures, key=lambda failure: failure.line), unproved


async def _run_all(rows: Mapping[int, Survivor], checks: Checks) -> list[Failure]:
    """Run all programs; the sandbox lets in as many at once as it may."""
    found = await all_finished(program_faults(row, *checks[:3]) for row in rows.values())
    return [
        Failure(number, row.id, fault)
        for (number, row), faults in zip(rows.items(), found, strict=True)
        for fault in faults
    ]


async def _near_duplicates(rows: Mapping[int, Survivor], gate: Novelty) -> list[Failure]:
    """Find the rows that the novelty gate would not let in after those before them."""
    items = [novelty_item(row, str(number)) for number, row in rows.items()]
    failures = []
    for finding in (await audit("", items, {}, gate)).findings:
        number, rule = int(finding.row), finding.rule.replace("_", " ")
        near = f"line {finding.nearest} ({rule}, {finding.score:.2f})" if finding.nearest else rule
        failures.append(
            Failure(
                number, rows[number].id, Fault("near_duplicate", f"{finding.verdict} of {near}: {finding.nearest_text}")
            )
        )
    return failures


def failures_table(failures: Sequence[Failure]) -> Table:
    """Return the failures as a table; rows are hostile text."""
    table = Table("line", "id", "check", Column("what", overflow="fold"))
    for failure in failures:
        cells = (str(failure.line), failure.id, failure.fault.check, failure.fault.what)
        table.add_row(*(Text(one_line(cell)) for cell in cells))
    return table
