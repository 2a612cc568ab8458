"""The service as a command of its own, killed in the middle of a run: the next one lists the run, and resumes it."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from agents.records import SEATS
from evals.mock_server.server import Script, ScriptedServer, serve


@asynccontextmanager
async def command(home: Path, models: ScriptedServer) -> AsyncIterator[tuple[Any, httpx.AsyncClient]]:
    """Start `python -m graph.serve` on a free port, and end it as a terminal does."""
    seats = {f"NANOFLUX_{seat.upper()}": f"openai:scripted-{seat}" for seat in SEATS}
    urls = {f"NANOFLUX_{seat.upper()}_BASE_URL": models.base_url for seat in SEATS}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "graph.serve", "--port", "0", cwd=home, stdout=asyncio.subprocess.PIPE,
        env={**os.environ, **seats, **urls, "NANOFLUX_SANDBOX": "process"},
    )  # fmt: skip
    assert process.stdout is not None
    url = (await process.stdout.readline()).decode().strip()
    async with httpx.AsyncClient(base_url=url, timeout=60) as client:
        async with asyncio.timeout(60):
            while not await answers(client):
                await asyncio.sleep(0.1)
        yield process, client
    if process.returncode is None:
        process.send_signal(signal.SIGTERM)
    await process.wait()


async def answers(client: httpx.AsyncClient) -> bool:
    try:
        return (await client.get("/healthz")).status_code == 200
    except httpx.TransportError:
        return False


async def test_a_killed_service_loses_nothing_and_a_stopped_one_says_so(tmp_path: Path) -> None:
    async with serve(Script(latency_s=0.3)) as models:
        async with command(tmp_path, models) as (process, client):
            assert (await client.post("/api/runs", json={"name": "r", "target": 3, "slots": 1})).status_code == 201
            async with asyncio.timeout(60):
                while (await client.get("/api/runs/r")).json()["rows"] < 1:
                    await asyncio.sleep(0.1)
            process.kill()
            await process.wait()
        finished = {call.content for call in models.calls if call.status == 200 and call.finished}

        async with command(tmp_path, models) as (process, client):
            run = (await client.get("/api/runs/r")).json()
            assert (run["state"], run["rows"] >= 1) == ("stopped", True)
            assert "its process ended before it could say why" in run["ending"]
            assert (await client.post("/api/runs/r/resume")).status_code == 201
            async with client.stream("GET", "/api/runs/r/events") as events:
                process.send_signal(signal.SIGTERM)  # which lets the watcher go, and the steps in flight finish
                last = [line async for line in events.aiter_lines()]
            assert "event: end" in last
            assert await process.wait() == 0
        again = [call.content for call in models.calls if call.content in finished]
        assert len(again) <= len(finished) + 1, "what was paid for is not asked again, but for the call in flight"
    written = (tmp_path / "runs" / "r" / "funnel.json").read_text()
    assert "the service was shut down; it can be resumed" in written or "target reached" in written
