"""The service on a real socket, inside the test's process, with scripted models for every seat."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
import uvicorn
from fastapi import FastAPI

from agents.records import SEATS
from evals.mock_server.in_process import run_in_process
from evals.mock_server.server import Script, ScriptedServer
from evals.mock_server.server import serve as serve_models
from graph.callers.allowed import Allowed
from graph.service.app import build_app
from graph.service.running.runs import Runs


@dataclass
class Service:
    """A running service, and the models that its runs use."""

    url: str
    client: httpx.AsyncClient
    app: FastAPI
    models: ScriptedServer
    runs_dir: Path

    @property
    def runs(self) -> Runs:
        runs: Runs = self.app.state.runs
        return runs

    def settings(self, **more: Any) -> dict[str, Any]:
        """Name the scripted models for all seats."""
        seats: dict[str, Any] = {seat: f"openai:scripted-{seat}" for seat in SEATS}
        urls = {f"{seat}_base_url": self.models.base_url for seat in SEATS}
        return {**seats, **urls, "sandbox": "process", "slots": 2, **more}

    async def run(self, name: str, **more: Any) -> dict[str, Any]:
        """Start a run and wait for its end."""
        started = await self.client.post("/api/runs", json=self.settings(name=name, **more))
        assert started.status_code == 201, started.text
        return await self.ended(name)

    async def ended(self, name: str) -> dict[str, Any]:
        """Watch a run to its end; return its last state."""
        last: dict[str, Any] = {}
        async with self.client.stream("GET", f"/api/runs/{name}/events") as events:
            assert events.headers["content-type"].startswith("text/event-stream")
            async for line in events.aiter_lines():
                if line.startswith("data: ") and line != "data: {}":
                    last = json.loads(line.removeprefix("data: "))
        return last


@contextlib.asynccontextmanager
async def open_service(runs_dir: Path, script: Script, **allowed: Any) -> AsyncIterator[Service]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NANOFLUX_RUNS_DIR", str(runs_dir))
        app = build_app(Allowed(**allowed))
        listener = socket.create_server(("127.0.0.1", 0), backlog=512)
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        config = uvicorn.Config(app, log_level="warning", access_log=False, ws="none", timeout_graceful_shutdown=1)
        async with (
            serve_models(script) as models,
            run_in_process(config, listener),
            httpx.AsyncClient(base_url=url, timeout=60) as client,
        ):
            try:
                yield Service(url, client, app, models, runs_dir)
            finally:
                app.state.runs.dismiss_watchers()


@pytest.fixture
async def service(tmp_path: Path) -> AsyncIterator[Service]:
    async with open_service(tmp_path / "runs", Script()) as opened:
        yield opened


async def until(what: Any, patience_s: float = 30) -> None:
    """Wait until something holds."""
    async with asyncio.timeout(patience_s):
        while not what():
            await asyncio.sleep(0.02)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def shared(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Service]:
    """One service for tests that change nothing; it has a finished run, `done`."""
    async with open_service(tmp_path_factory.mktemp("shared") / "runs", Script(defender_right=0.3)) as opened:
        await opened.run("done", target=4)
        yield opened
