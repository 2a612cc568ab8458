"""Let each scripted liar run a campaign over HTTP, and say what became of its questions.

    python -m tests.bench.liars [NAME ...] [--candidates N]

A row that a liar gets into the dataset is wrong; of the honest seats' questions nearly all should be kept.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import NamedTuple

from evals.mock_server.liars import HONEST, LIARS, SCRIPTED
from evals.mock_server.lying import is_wrong
from evals.mock_server.server import Script, serve
from tests.service.campaigns import campaign

FLOOR = 0.95
"""Share of honest questions to keep."""


class Survived(NamedTuple):
    """What became of a liar's candidates."""

    candidates: int
    kept: int
    wrong: int
    outcomes: dict[str, int]
    reasons: list[str]


async def run_liar(name: str, candidates: int, folder: Path, *, seed: int = 1) -> Survived:
    """Run a campaign of so many candidates with this liar in the seats."""
    attempts = 2 if SCRIPTED[name].repeats else 1
    async with serve(Script(liar=name, seed=seed)) as server:
        going, events = await campaign(
            server, folder, target=candidates, max_candidates=candidates, max_attempts=attempts, slots=8,
            give_up_after=candidates + 1, judge_turns=2, seed=seed, defender_samples=1,
        )  # fmt: skip
    refused = {outcome: count for outcome, count in going.funnel.outcomes.items() if count and outcome != "kept"}
    wrong = sum(is_wrong(name, row) for row in going.rows)
    reasons = [str(event["reason"]) for event in events if event["type"] == "attempt" and event["reason"]]
    return Survived(going.funnel.ended, going.funnel.kept, wrong, refused, reasons)


async def main() -> int:
    """Print a line a liar; 1 if a wrong row was kept or too few honest ones."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.liars", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help=f"of {', '.join(SCRIPTED)}; all if none is given")
    parser.add_argument("--candidates", type=int, default=50, help="of each (default 50)")
    asked = parser.parse_args()
    bad, began = 0, time.monotonic()
    print(f"{'liar':26}{'candidates':>11}{'kept':>6}{'wrong':>7}  refused as")
    for name in asked.names or SCRIPTED:
        with tempfile.TemporaryDirectory() as folder:
            came = await run_liar(name, asked.candidates, Path(folder))
        refused = ", ".join(f"{outcome} {count}" for outcome, count in came.outcomes.items())
        reason, _ = Counter(came.reasons).most_common(1)[0] if came.reasons else ("", 0)
        print(f"{name:26}{came.candidates:>11}{came.kept:>6}{came.wrong:>7}  {refused}: {reason[:110]}", flush=True)
        bad += came.wrong > 0 or (name in HONEST and came.kept < FLOOR * came.candidates)
    print(f"{len(LIARS)} liars and {len(HONEST)} honest worlds, {bad} not as they should be, in "
          f"{time.monotonic() - began:.0f} s")  # fmt: skip
    return bad > 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
