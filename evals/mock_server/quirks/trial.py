"""Run the tool against servers that differ from the API, and print how each run ended.

    python -m evals.mock_server.quirks            all of them
    python -m evals.mock_server.quirks fenced ... those named

Each run wants 2 rows, over real HTTP. Printed are the quirk, rows, calls by seat, and the ending; the exit code is 1
where a run ended otherwise than it should.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Column, Table

from agents.errors import SetupError
from agents.records import SEATS
from evals.mock_server.quirks.server import QuirkServer, serve_quirks
from evals.mock_server.quirks.table import QUIRKS, Quirk
from graph.campaign.campaign import TARGET_REACHED, Campaign
from graph.cli.flags import read_settings
from graph.question.resources import Resources

ROWS = 2
"""Rows that a run wants."""


@dataclass(frozen=True)
class Trial:
    """How a run against a quirk ended."""

    quirk: Quirk
    rows: int
    calls: dict[str, int]
    ending: str
    tokens: int
    """Tokens on the books, calls that ended unseen included."""
    reasons: tuple[str, ...]
    """Why candidates were refused."""

    @property
    def fault(self) -> str:
        """Say how it ended otherwise than it should; empty where it did not."""
        total = sum(self.calls.values())
        if total > self.quirk.most_calls:
            return f"{total} calls, at most {self.quirk.most_calls} are needed"
        if not self.quirk.stops and (self.ending != TARGET_REACHED or self.rows != ROWS):
            return f"{self.rows} of {ROWS} rows: {self.ending}; {'; '.join(self.reasons[:2])}"
        if self.quirk.stops and not re.search(self.quirk.stops, self.ending, re.DOTALL):
            return f"the ending does not say {self.quirk.stops!r}: {self.ending}"
        return ""


async def try_quirk(server: QuirkServer, name: str, runs: Path, *, target: int | None = None) -> Trial:
    """Run a campaign against a quirk, and say how it ended."""
    quirk = QUIRKS[name]
    seats: dict[str, Any] = {seat: f"openai:quirky-{seat}" for seat in SEATS}
    urls = {f"{seat}_base_url": server.url(name if seat in quirk.seats else "none") for seat in SEATS}
    settings = {
        "target": ROWS, "slots": 2, "max_candidates": 6, "outage_minutes": 0.05, "call_timeout_s": 10.0,
        "sandbox": "process", "runs_dir": runs, "name": name, **quirk.settings,
    }  # fmt: skip
    if target is not None:
        settings["target"] = target
    if settings.get("prices"):
        settings["prices"] = ",".join(f"{model}=1/4" for model in seats.values())
    reasons: list[str] = []
    async with Resources() as resources:

        async def source() -> Resources:
            return resources

        campaign = Campaign(read_settings({**seats, **urls, **settings}), source)
        ending = await _ended(campaign, reasons)
    calls: dict[str, int] = {seat: server.calls[name, seat] for seat in SEATS}
    tokens = campaign.funnel.tokens + campaign.funnel.lost.tokens
    return Trial(quirk, len(campaign.rows), calls, ending, tokens, tuple(reasons))


async def _ended(campaign: Campaign, reasons: list[str]) -> str:
    """Run a campaign to its end, collect why candidates were refused, and return how it ended."""
    try:
        async for event in campaign.events():
            if event["type"] == "end" and event["reason"]:
                reasons.append(event["reason"])
    except SetupError as error:
        return str(error)
    return campaign.ending


async def try_all(names: Sequence[str]) -> list[Trial]:
    """Try one quirk after another, and print a row for each."""
    table = Table(Column("quirk", no_wrap=True), "what it does", "rows", "calls", "ending", "as it should")
    trials = []
    with tempfile.TemporaryDirectory() as runs:
        async with serve_quirks() as server:
            for name in names:
                trial = await try_quirk(server, name, Path(runs))
                calls = "/".join(str(count) for count in trial.calls.values())
                table.add_row(name, trial.quirk.what, str(trial.rows), calls, trial.ending, trial.fault or "yes")
                trials.append(trial)
                print(f"{name}: {trial.rows} rows, {calls} calls, {trial.fault or 'as it should'}", file=sys.stderr)
    Console(width=160).print(table, markup=False)
    return trials


def main() -> None:
    """Try the quirks that are named, or all."""
    parser = argparse.ArgumentParser(prog="python -m evals.mock_server.quirks", description=__doc__)
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.add_argument("quirk", nargs="*", help="quirks to try; all if none is named")
    os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")
    names = parser.parse_args().quirk or list(QUIRKS)
    if unknown := next((name for name in names if name not in QUIRKS), None):
        near = get_close_matches(unknown, QUIRKS, 3, 0.4) or list(QUIRKS)[:3]
        parser.exit(2, f"evals.mock_server.quirks: there is no quirk {unknown!r}; nearest: {', '.join(near)}\n")
    trials = asyncio.run(try_all(names))
    sys.exit(1 if any(trial.fault for trial in trials) else 0)
