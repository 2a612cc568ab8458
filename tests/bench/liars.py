"""Let scripted liars run a campaign over HTTP by turns, and say what became of the questions of each.

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
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from evals.mock_server.liars.replies import is_wrong
from evals.mock_server.liars.table import HONEST, LIARS, SCRIPTED
from evals.mock_server.server import Script, serve
from tests.service.campaign.campaigns import campaign

FLOOR = 0.95
"""Share of honest questions to keep."""


@dataclass
class Survived:
    """What became of a liar's candidates."""

    candidates: int = 0
    kept: int = 0
    wrong: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    reasons: Counter[str] = field(default_factory=Counter)

    @property
    def nearly_all(self) -> bool:
        """Whether at least `FLOOR` of those that were no near-duplicates were kept."""
        return self.kept >= FLOOR * (self.candidates - self.refused["duplicate"])


async def run_liars(names: Sequence[str], each: int, folder: Path, *, seed: int = 1) -> dict[str, Survived]:
    """Run a campaign of so many candidates of each liar; those that repeat a text get a second attempt."""
    script, most = Script(liar=",".join(names), seed=seed), each * len(names)
    attempts = 2 if any(SCRIPTED[name].repeats for name in names) else 1
    async with serve(script) as server:
        going, events = await campaign(
            server, folder, target=most, max_candidates=most, max_attempts=attempts, slots=8, seed=seed,
            give_up_after=most + 1, judge_turns=2, defender_samples=1,
        )  # fmt: skip
    came = {name: Survived() for name in names}

    def whose(index: int) -> str:
        return script.liar_of(seed * 1_000_000 + index)

    for event in events:
        if event["type"] == "end":
            mine = came[whose(event["index"])]
            mine.candidates += 1
            if event["outcome"] == "kept":
                mine.kept += 1
            else:
                mine.refused[event["outcome"]] += 1
                mine.reasons[event["reason"]] += 1
    for row in going.rows:
        came[whose(row.index)].wrong += is_wrong(whose(row.index), row)
    return came


async def main() -> int:
    """Print a line a liar; 1 if a wrong row was kept or too few honest ones."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.liars", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("names", nargs="*", help="rows of evals.mock_server.liars.table; all if none is given")
    parser.add_argument("--candidates", type=int, default=50, help="of each (default 50)")
    asked = parser.parse_args()
    names, began = asked.names or list(SCRIPTED), time.monotonic()
    came: dict[str, Survived] = {}
    for again in (False, True):
        part = [name for name in names if SCRIPTED[name].repeats is again]
        with tempfile.TemporaryDirectory() as folder:
            came |= await run_liars(part, asked.candidates, Path(folder)) if part else {}
    print(f"{'liar':26}{'candidates':>11}{'kept':>6}{'wrong':>7}  refused as")
    bad = 0
    for name, found in came.items():
        refused = ", ".join(f"{outcome} {count}" for outcome, count in found.refused.items())
        reason = found.reasons.most_common(1)[0][0] if found.reasons else ""
        print(f"{name:26}{found.candidates:>11}{found.kept:>6}{found.wrong:>7}  {refused}: {reason[:110]}")
        bad += found.wrong > 0 or (name in HONEST and not found.nearly_all)
    took = time.monotonic() - began
    print(f"{len(LIARS)} liars, {len(HONEST)} honest worlds, {bad} not as they should be, in {took:.0f} s")
    return bad > 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
