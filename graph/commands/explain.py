"""Show what happened to one candidate: its brief, each attempt and why it was refused, the outcome, and the cost.

It reads the run's store and changes nothing, so it works while the run is going on. Exit code 2 if there is no such run
or candidate.
"""

from __future__ import annotations

import argparse
import asyncio
from typing import TYPE_CHECKING, Any

from graph.cli.flags import path, run_folder, stated
from graph.cli.output import report

if TYPE_CHECKING:
    from graph.reports.candidate_trace import CandidateTrace


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the run and the candidate."""
    runs = stated({}).runs_dir
    parser.add_argument("run", help="name of the run, or its folder")
    parser.add_argument("id", help="a candidate's number or id, or a survivor's id")
    parser.add_argument(
        "--runs-dir", type=path, default=runs, metavar="FOLDER", help=f"folder that holds the runs (default: {runs})"
    )
    parser.add_argument("--replies", action="store_true", help="print every reply of the models in full")


async def run(args: argparse.Namespace) -> int:
    """Find the candidate and print its trace."""
    from graph.reports.candidate_trace import find, open_recorded, tell  # noqa: PLC0415  # LangGraph loads after --help
    from graph.storage.recorded_settings import READ_IT, read_recorded  # noqa: PLC0415  # as above

    folder = run_folder(args.runs_dir, args.run)
    await asyncio.to_thread(read_recorded, folder, remedy=READ_IT)
    async with open_recorded(folder) as store:
        trace = await find(store, folder.name, args.id)
    lines = list(tell(trace, replies=args.replies))
    report(args, {"run": trace.run, "candidate": trace.candidate, "index": trace.index, **_ending(trace)}, lines)
    return 0


def _ending(trace: CandidateTrace) -> dict[str, Any]:
    """Return what the trace holds, as JSON takes it."""
    return {
        "ended": None if trace.ended is None else trace.ended.model_dump(mode="json"),
        "outcome": None if trace.ended is None else trace.ended.outcome,
        "asked": None if trace.asked is None else trace.asked.model_dump(mode="json"),
        "attempts": [attempt.model_dump(mode="json") for attempt in trace.attempts],
        "calls": len(trace.calls),
    }
