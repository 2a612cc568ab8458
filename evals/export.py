"""Convert a run's survivors to the format that a trainer reads.

python -m evals.export runs/offline --format chat --out train.jsonl
python -m evals.export runs/offline --format rows --out rows.parquet
python -m evals.export runs/offline --variants 10 --out variants.jsonl
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from agents.errors import SetupError
from agents.row_versions import read_dataset
from agents.rows import Survivor
from evals.benchmark_formats import Item
from evals.parquet import require_pyarrow, write_parquet
from evals.variants import variants
from graph.commands.flags import FlagParser, at_least, new_file, path
from graph.commands.output import escape_unprintable, print_data
from tools.files.lines import dataset_file
from tools.sandbox.port import Limits, SandboxError
from tools.sandbox.registry import open_sandbox


def as_chat(row: Survivor) -> dict[str, Any]:
    """Return a conversation for supervised fine-tuning."""
    return {"messages": [message.model_dump() for message in row.messages]}


def as_row(row: Survivor) -> dict[str, Any]:
    """Return the row whole, as the present version writes it."""
    return row.model_dump(mode="json")


EXPORTS: dict[str, Callable[[Survivor], dict[str, Any]]] = {"chat": as_chat, "rows": as_row}
"""Format by name; to add one, write one function and one row."""


async def make_variants(rows: Sequence[Survivor], each: int, seed: int) -> list[Item]:
    """Make fresh instances of each row, in the sandbox that a run would take.

    Raises:
        ValueError: No row has any.
    """
    limits, cores = Limits(), os.cpu_count() or 1
    async with open_sandbox("auto", limits=limits, concurrency=cores) as sandbox:
        made = await variants(rows, sandbox, limits, each=each, seed=seed)
    if not made:
        raise ValueError("none of the rows has variants: only rows whose proof is perturbed have")
    return made


def _write_lines(rows: Sequence[dict[str, Any]], out: Path | None) -> None:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    if out is None:
        print_data(text)
    else:
        out.write_text(text, encoding="utf-8")


def _spare_data(run: Path, out: Path | None) -> None:
    """Refuse to write over the rows that are read, and over any file of a run.

    Raises:
        SetupError: What is there would be lost.
    """
    if out is None or not out.exists():
        return
    rows = dataset_file(run)
    if (rows.exists() and out.samefile(rows)) or (out.resolve().parent / "settings.json").exists():
        raise SetupError(f"--out: {str(out)!r} holds what a run has kept, and it would be lost; name another file")


def main(argv: Sequence[str] | None = None) -> int:
    """Parse, convert, write."""
    escape_unprintable()
    parser = FlagParser(prog="python -m evals.export", description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("run", type=path, help="a run's folder, or a dataset file")
    parser.add_argument("--format", choices=sorted(EXPORTS), default="chat", help="format of the rows (default: chat)")
    parser.add_argument(
        "--variants",
        type=at_least(1),
        metavar="N",
        help="write N fresh instances of each proved row, not the rows",
    )
    parser.add_argument("--seed", type=at_least(0), default=0, help="of the variants' redrawn inputs (default: 0)")
    parser.add_argument("--out", type=new_file, help="file to write, .jsonl or .parquet; standard output if not given")
    try:
        options = parser.parse_args(argv)
        as_parquet = options.out is not None and options.out.suffix == ".parquet"
        if as_parquet:
            require_pyarrow()
        _spare_data(options.run, options.out)
        rows = read_dataset(options.run)
        made = asyncio.run(make_variants(rows, options.variants, options.seed)) if options.variants else None
        shown = [EXPORTS[options.format](row) for row in rows] if made is None else [one.model_dump() for one in made]
        if as_parquet:
            write_parquet(shown, options.out)
        else:
            _write_lines(shown, options.out)
        if options.out is not None:
            print(f"{len(shown)} rows written to {options.out}")
    except (SetupError, ValueError, OSError, SandboxError) as error:
        print(f"evals.export: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
