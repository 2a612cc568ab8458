"""One `langgraph dev` for all tests of a process: it takes seconds to start, and its runs share nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from evals.mock_server.server import Script, ScriptedServer, serve
from tests.service.servers.langgraph_dev import DevServer, langgraph_dev


@pytest.fixture(scope="session")
def dev(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevServer]:
    with langgraph_dev(tmp_path_factory.mktemp("dev")) as server:
        yield server


@pytest.fixture
async def client(dev: DevServer) -> AsyncIterator[LangGraphClient]:
    async with get_client(url=dev.url) as opened:
        yield opened


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedServer]:
    async with serve(Script()) as server:
        yield server


def settings(server: ScriptedServer, **more: Any) -> dict[str, Any]:
    """Name the scripted server for all seats."""
    seats = {seat: f"openai:scripted-{seat}" for seat in ("attacker", "defender", "judge")}
    urls = {f"{seat}_base_url": server.base_url for seat in seats}
    return {**seats, **urls, "sandbox": "process", **more}
