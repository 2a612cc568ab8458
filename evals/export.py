"""Convert a run's survivors to the format that a trainer reads, or to a package that another tool runs.

    export runs/offline --format chat --out train.jsonl          one conversation a line, for supervised fine-tuning
    export runs/offline --format preference --validation 0.1 --out pairs     train.jsonl and validation.jsonl in pairs
    export runs/offline --format verifiers --out my_tasks        an installable taskset of verifiers v1
    export runs/offline --variants 10 --out variants.jsonl       fresh instances of each row

`--validation` splits by template: rows whose programs or texts are alike stay on one side.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from agents.errors import SetupError
from agents.row_versions import read_dataset
from agents.rows import Survivor
from evals.benchmarks.published import Item
from evals.exports.formats import EXPORTS
from evals.exports.packages import PACKAGES
from evals.exports.parquet import require_pyarrow, write_parquet
from evals.exports.split import split_by_template
from evals.exports.variants import MOST, variants
from graph.cli.flags import at_least, path, rows_path
from graph.cli.output import print_data, report
from graph.cli.running import Command, run_command
from tools.files.entries import entry_lines, json_lines
from tools.files.lines import dataset_file
from tools.sandbox.port import Limits
from tools.sandbox.registry import open_sandbox

Row = dict[str, Any]
Written = dict[str, int]
"""Rows by the file they were written to."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the run, the format, and where to write."""
    parser.add_argument("run", type=rows_path, help="a run: its name or folder; or a dataset file")
    parser.add_argument(
        "--format",
        choices=[*EXPORTS, "parquet", *PACKAGES],
        default="chat",
        help="format of the rows; parquet is the rows whole, verifiers and inspect are folders (default: chat)",
    )
    parser.add_argument(
        "--variants",
        type=at_least(1, MOST),
        metavar="N",
        help=f"write N fresh instances of each proved row, {MOST} at most, not the rows",
    )
    parser.add_argument("--seed", type=at_least(0), default=0, help="of the variants' redrawn inputs (default: 0)")
    parser.add_argument(
        "--validation",
        type=_share,
        metavar="SHARE",
        help="hold out this share of the rows, by template; --out is then a folder, with train and validation in it",
    )
    parser.add_argument(
        "--out", type=path, help="file to write, .jsonl or .parquet, or folder; standard output if not given"
    )


async def run(args: argparse.Namespace) -> int:
    """Read, convert, write; return the exit code."""
    _check(args)
    rows = await asyncio.to_thread(read_dataset, args.run)
    if args.variants:
        made = await make_variants(rows, args.variants, args.seed)
        written = await asyncio.to_thread(_write, list(map(_question, made)), args.out, declared=True)
    elif args.validation is not None:
        written = await asyncio.to_thread(_write_split, rows, args)
    elif args.format in PACKAGES:
        await asyncio.to_thread(PACKAGES[args.format], rows, args.out)
        written = {str(args.out): len(rows)}
    else:
        written = await asyncio.to_thread(_write_rows, rows, args.format, args.out)
    if args.out is not None:
        report(args, {"written": written}, [f"{many} rows written to {file}" for file, many in written.items()])
    return 0


async def make_variants(rows: Sequence[Survivor], each: int, seed: int) -> list[Item]:
    """Make fresh instances of each row, in the sandbox that a run would take.

    Raises:
        SetupError: No row has any.
    """
    limits, cores = Limits(), os.cpu_count() or 1
    async with open_sandbox("auto", limits=limits, concurrency=cores) as sandbox:
        made = await variants(rows, sandbox, limits, each=each, seed=seed)
    if not made:
        raise SetupError("none of the rows has variants: only rows whose proof is perturbed have")
    return made


def _question(item: Item) -> Row:
    """Write a variant in types that are the same in every file, as rows are."""
    return item.model_dump(exclude={"group"}) | {"choices": entry_lines(item.choices)}


def _check(args: argparse.Namespace) -> None:
    """Refuse, before any work, what could not be written.

    Raises:
        SetupError: The arguments do not go together, or something is in the way.
    """
    out: Path | None = args.out
    whole = args.format in PACKAGES or args.validation is not None
    if args.variants and whole:
        raise SetupError("--variants writes one file of questions; leave --validation and the format out")
    if args.format in PACKAGES and args.validation is not None:
        raise SetupError(f"--validation: {args.format} is one folder; split with --format rows, then export each part")
    if whole or args.format == "parquet":
        what = "a folder" if whole else "a file called .parquet"
        if out is None:
            raise SetupError(f"--format {args.format}: name {what} to write with --out")
    if out is None:
        return
    if whole and out.exists():
        raise SetupError(f"--out: {str(out)!r} is there already; name a folder that is not")
    if not whole and out.is_dir():
        raise SetupError(f"--out: {str(out)!r} is a folder; name a file in it")
    if not out.parent.is_dir():
        raise SetupError(f"--out: {str(out)!r}: there is no folder {str(out.parent)!r}; make it first")
    if out.suffix == ".parquet" or args.format == "parquet":
        require_pyarrow()
    _spare_data(args.run, out)


def _spare_data(run_or_file: Path, out: Path) -> None:
    """Refuse to write over the rows that are read, and over any file of a run.

    Raises:
        SetupError: What is there would be lost.
    """
    if not out.exists():
        return
    rows = dataset_file(run_or_file)
    if (rows.exists() and out.samefile(rows)) or (out.resolve().parent / "settings.json").exists():
        raise SetupError(f"--out: {str(out)!r} holds what a run has kept, and it would be lost; name another file")


def _write_split(rows: Sequence[Survivor], args: argparse.Namespace) -> Written:
    parts = split_by_template(rows, args.validation)
    args.out.mkdir()
    suffix = ".parquet" if args.format == "parquet" else ".jsonl"
    written: Written = {}
    for name, part in zip(("train", "validation"), parts, strict=True):
        written |= _write_rows(part, args.format, (args.out / name).with_suffix(suffix))
    return written


def _write_rows(rows: Sequence[Survivor], form: str, out: Path | None) -> Written:
    """Write the rows in a format.

    Raises:
        SetupError: The format makes nothing of them.
    """
    convert = EXPORTS["rows" if form == "parquet" else form]
    made = [converted for row in rows for converted in convert(row)]
    if not made:
        raise SetupError(f"--format {form}: none of the {len(rows)} rows has a wrong answer that can be read")
    return _write(made, out, declared=form in ("rows", "parquet", "chat"), as_parquet=form == "parquet")


def _write(rows: Sequence[Row], out: Path | None, *, declared: bool, as_parquet: bool = False) -> Written:
    """Write to a file, or to standard output; return how many rows went where."""
    if out is None:
        print_data(json_lines(rows))
    elif as_parquet or out.suffix == ".parquet":
        write_parquet(rows, out, declared=declared)
    else:
        out.write_text(json_lines(rows), encoding="utf-8")
    return {str(out): len(rows)}


def _share(text: str) -> float:
    if not 0 < (share := float(text)) < 1:
        raise argparse.ArgumentTypeError(f"{text!r}: give a share between 0 and 1, such as 0.1")
    return share


_share.__name__ = "number"  # argparse puts it into "invalid ... value"


def main(argv: Sequence[str] | None = None) -> int:
    """Parse and carry out, as a command of its own."""
    return run_command(Command("evals.export", __doc__, add_arguments, run), argv)


if __name__ == "__main__":
    sys.exit(main())
