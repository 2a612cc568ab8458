"""Both graphs under the real `langgraph dev`, driven as a client would: SDK and RemoteGraph, no key, no network."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from langgraph.pregel.remote import RemoteGraph
from langgraph_sdk import get_client
from langgraph_sdk.client import LangGraphClient

from evals.mock_server.server import Script, ScriptedServer, serve
from graph.settings import candidate_id
from tests import ROOT


@pytest.fixture
async def scripted() -> AsyncIterator[ScriptedServer]:
    async with serve(Script()) as server:
        yield server


@pytest.fixture
async def url(tmp_path: Path) -> AsyncIterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    home = tmp_path / "home"  # a checkout of its own, since the server keeps its state where it runs
    home.mkdir()
    for name in ("langgraph.json", "pyproject.toml", "graph", "agents", "tools", "prompts"):
        (home / name).symlink_to(ROOT / name)
    with (tmp_path / "server.log").open("w") as log:
        process = await asyncio.create_subprocess_exec(
            str(Path(sys.executable).parent / "langgraph"), "dev", "--no-browser", "--no-reload",
            "--host", "127.0.0.1", "--port", str(port), cwd=home, stdout=log, stderr=log, start_new_session=True,
            env={**os.environ, "LANGGRAPH_CLI_NO_ANALYTICS": "1", "LANGSMITH_TRACING": "false"},
        )  # fmt: skip
    try:
        await wait_until_ready(process, f"http://127.0.0.1:{port}")
        yield f"http://127.0.0.1:{port}"
    finally:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        await process.wait()
        said = (tmp_path / "server.log").read_text()
        assert "BlockingError" not in said
        assert "Failed to get" not in said, "every schema can be told"


async def wait_until_ready(process: asyncio.subprocess.Process, url: str) -> None:
    async with httpx.AsyncClient(base_url=url) as client:
        while process.returncode is None:
            with contextlib.suppress(httpx.TransportError):
                if (await client.get("/ok")).status_code == 200:
                    return
            await asyncio.sleep(0.1)
    raise AssertionError("the server ended before it was ready")


def context(server: ScriptedServer, **more: Any) -> dict[str, Any]:
    seats = {seat: f"openai:scripted-{seat}" for seat in ("attacker", "defender", "judge")}
    urls = {f"{seat}_base_url": server.base_url for seat in seats}
    return {**seats, **urls, "name": "served", "sandbox": "process", **more}


@pytest.fixture
async def client(url: str) -> AsyncIterator[LangGraphClient]:
    async with get_client(url=url) as opened:
        yield opened


async def test_both_graphs_run_over_http(client: LangGraphClient, scripted: ScriptedServer, tmp_path: Path) -> None:
    assistants = {found["graph_id"]: found for found in await client.assistants.search()}
    assert set(assistants) == {"question", "campaign"}
    schemas = await client.assistants.get_schemas(assistants["question"]["assistant_id"])
    fields = (schemas["context_schema"] or {})["properties"]
    assert all(field.get("description") for field in fields.values()), "Studio's form explains every knob"
    assert fields["target"]["default"] == 12

    alone = context(scripted, runs_dir="alone")
    thread = await client.threads.create(thread_id=candidate_id("served", 0))
    result: Any = await client.runs.wait(thread["thread_id"], "question", input={"index": 0}, context=alone)
    assert result["outcome"] == "kept", result
    assert scripted.script.truth(result["question"]["question"]) == result["question"]["answer"]
    kept = await client.store.get_item(["served", "survivors"], key=result["survivor_id"])
    assert kept["value"]["question"] == result["question"]["question"]

    remote = RemoteGraph("question", client=client)
    again = await remote.ainvoke({"index": 1}, context=alone)
    assert again["outcome"] == "kept"

    whole = context(scripted, target=3)
    events = [part.data async for part in client.runs.stream(
        None, "campaign", input={}, context=whole, stream_mode="custom"
    ) if part.event == "custom"]  # fmt: skip
    assert events[0]["type"] == "start"
    assert events[-1]["type"] == "summary"
    assert events[-1]["ending"] == "target reached"
    assert events[-1]["outcomes"]["failed"] == 0
    folder = tmp_path / "home" / "runs" / "served"
    assert len((folder / "dataset.jsonl").read_text().splitlines()) == 3
    assert (folder / "settings.json").exists()

    for wrong, said in (
        ({"target": 0}, "greater than or equal to 1"),
        ({"topics": "alchemy"}, "math has no topic 'alchemy'"),
        ({"target": 2}, "already has 3 rows"),
    ):
        bad: Any = await client.runs.wait(
            None, "campaign", input={}, context=context(scripted, **wrong), raise_error=False
        )
        assert said in bad["__error__"]["message"]
