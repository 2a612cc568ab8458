"""`langgraph dev`, killed: what a thread came to is still there when the server is started again."""

from __future__ import annotations

import asyncio
import os
import signal
from pathlib import Path
from typing import Any

import pytest
from langgraph_sdk import get_client

from evals.mock_server.server import ScriptedServer
from graph.settings import candidate_id
from tests.service.servers.conftest import settings
from tests.service.servers.langgraph_dev import langgraph_dev

FLUSHED_S = 12
"""Seconds until the server has written down which threads there are; their history is written at once."""


@pytest.mark.slow
async def test_a_threads_history_outlives_sigkill(tmp_path: Path, scripted: ScriptedServer) -> None:
    thread = candidate_id("killed", 0)
    with langgraph_dev(tmp_path) as server:
        async with get_client(url=server.url) as client:
            await client.threads.create(thread_id=thread)
            given = settings(scripted, name="killed")
            ended: Any = await client.runs.wait(thread, "question", input={"index": 0}, context=given)
            assert ended["outcome"] == "kept"
            await asyncio.sleep(FLUSHED_S)
        os.killpg(server.pid, signal.SIGKILL)
    with langgraph_dev(tmp_path) as server:
        async with get_client(url=server.url) as client:
            state: Any = await client.threads.get_state(thread)
            assert state["values"]["survivor_id"] == ended["survivor_id"]
            assert len(await client.threads.get_history(thread)) > 3
