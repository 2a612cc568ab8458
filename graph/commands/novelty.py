"""Use the novelty gate by itself: measure its rules, audit a dataset, or list what is near a text.

    novelty calibrate PAIRS.jsonl                     precision, recall and F1 of each rule on labelled pairs
    novelty audit DATASET.jsonl --against BENCH.jsonl near-duplicates in any dataset, and benchmark items in it
    novelty near "a question" --run NAME              the nearest questions of a run, and the rule that matches

A pair is {"label": LABEL, "left": {"question": ..., "answer": ...}, "right": {...}}, its label one of exact,
number_changed, paraphrase, reskinned, same_topic, unrelated. Exit code 1 if an audit found something.
"""

from __future__ import annotations

import argparse
import asyncio
import os

from agents.errors import SetupError
from graph.cli.flags import at_least, path, rows_path, run_folder, stated
from graph.cli.output import add_output_flags, report
from graph.reports.progress import one_line, printable
from graph.storage.recorded_settings import READ_IT, read_recorded
from tools.files.lines import writable
from tools.novelty.audit import audit, benchmark_names, read_items
from tools.novelty.calibration import calibrate, read_pairs
from tools.novelty.embedder import Embedder
from tools.novelty.port import NoveltyItem
from tools.novelty.registry import open_novelty


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take one of three actions, each with its own arguments."""
    settings = stated({})
    shared = argparse.ArgumentParser(add_help=False)
    shared.add_argument("--embedder", default=settings.embedder, help="a fastembed model (default: %(default)s)")
    shared.add_argument(
        "--threads",
        type=at_least(1),
        default=os.cpu_count() or 1,
        help="threads of the embedder; all cores if not given",
    )
    add_output_flags(shared, inherited=True)
    actions = parser.add_subparsers(dest="action", required=True, metavar="calibrate | audit | near")
    one = actions.add_parser("calibrate", parents=[shared], help="measure each rule on labelled pairs")
    one.add_argument("pairs", type=path, help="JSONL of labelled pairs")
    one.add_argument("--half", default="", help="only pairs whose `half` is this, such as report")
    one.set_defaults(carry_out=_calibrate)
    one = actions.add_parser(
        "audit", parents=[shared], help="look for near-duplicates and benchmark items in any JSONL"
    )
    one.add_argument("dataset", type=rows_path, help="a run, or JSONL of questions, whatever their fields are called")
    one.add_argument("--against", type=path, nargs="+", default=[], metavar="FILE", help="benchmarks, as JSONL")
    one.add_argument(
        "--strict", action="store_true", help="also count the same program, constants aside, as a near-duplicate"
    )
    one.set_defaults(carry_out=_audit)
    one = actions.add_parser("near", parents=[shared], help="list what is nearest to a text")
    one.add_argument("text", help="a question")
    one.add_argument("--run", default="", metavar="NAME", help="the run whose store is searched, or its folder")
    one.add_argument(
        "--store", default=settings.novelty_store, metavar="URL", help="search a Qdrant server's store instead"
    )
    one.add_argument(
        "--runs-dir", type=path, default=settings.runs_dir, metavar="FOLDER", help="folder that holds the runs"
    )
    one.set_defaults(carry_out=_near)


async def run(args: argparse.Namespace) -> int:
    """Carry out the action, and return the exit code."""
    code: int = await args.carry_out(args)
    return code


async def _calibrate(args: argparse.Namespace) -> int:
    pairs = await asyncio.to_thread(read_pairs, args.pairs, args.half)
    measured = await asyncio.to_thread(calibrate, pairs, Embedder(args.embedder, threads=args.threads))
    report(args, measured.model_dump(mode="json"), measured.table().splitlines())
    return 0


async def _audit(args: argparse.Namespace) -> int:
    rows = await asyncio.to_thread(read_items, args.dataset)
    benchmarks = {
        name: await asyncio.to_thread(read_items, file) for file, name in benchmark_names(args.against).items()
    }
    async with open_novelty("edge", embedder=args.embedder, threads=args.threads, strict=args.strict) as gate:
        found = await audit(str(args.dataset), rows, benchmarks, gate)
    report(args, found.model_dump(mode="json"), [printable(line) for line in found.table().splitlines()])
    return 1 if found.findings else 0


async def _near(args: argparse.Namespace) -> int:
    folder = run_folder(args.runs_dir, args.run)
    store = folder / "novelty"
    if args.store != "edge":
        gate = open_novelty(args.store, embedder=args.embedder, api_key=os.environ.get("QDRANT_API_KEY"))
    elif args.run and await asyncio.to_thread(store.is_dir):
        await asyncio.to_thread(read_recorded, folder, remedy=READ_IT)
        gate = open_novelty("edge", path=store, embedder=args.embedder, threads=args.threads)
    else:
        known = await asyncio.to_thread(
            lambda: sorted(folder.parent.name for folder in args.runs_dir.glob("*/novelty"))
        )
        raise SetupError(f"--run {args.run!r}: name a run in {args.runs_dir}: {', '.join(known) or 'there is none'}")
    async with gate:
        found = await gate.near(NoveltyItem(question=writable(args.text), owner="you"))
    lines = [f"{one.cosine:.3f}  {one.rule or '-':<24}{one.name}  {one_line(one.question, 160)}" for one in found]
    report(args, {"near": [one.model_dump(mode="json") for one in found]}, lines)
    return 0
