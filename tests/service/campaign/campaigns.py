"""Run campaigns inside the test's process, which is what a service does, and much faster than a command each."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from agents.records import SEATS
from evals.mock_server.server import ScriptedServer
from graph.campaign.campaign import INTERRUPTED, Campaign
from graph.campaign.worker import Event
from graph.cli.flags import read_settings
from graph.question.resources import Resources


async def campaign(
    server: ScriptedServer, runs: Path, *, interrupt_at: Callable[[list[Event]], bool] | None = None, **settings: Any
) -> tuple[Campaign, list[Event]]:
    """Run a campaign of scripted models to its end, or until what it told says so; return it with that."""
    seats: dict[str, Any] = {seat: f"openai:scripted-{seat}" for seat in SEATS}
    urls: dict[str, Any] = {f"{seat}_base_url": server.base_url for seat in SEATS}
    async with Resources() as resources:

        async def source() -> Resources:
            return resources

        going = Campaign(
            read_settings({**seats, **urls, "runs_dir": runs, "name": "r", "sandbox": "process", **settings}), source
        )
        events: list[Event] = []
        async for event in going.events():
            events.append(event)
            if interrupt_at and interrupt_at(events):
                going.drain(INTERRUPTED)
    return going, events
