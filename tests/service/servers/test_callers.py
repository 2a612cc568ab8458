"""What a caller over HTTP may not do: have a key sent somewhere, name the owner's files, mistype a bound."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from langgraph_sdk.client import LangGraphClient

from tests.service.servers.conftest import settings
from tests.service.servers.langgraph_dev import OWNERS_KEY

SEATS = {seat: f"openai:any-{seat}" for seat in ("attacker", "defender", "judge")}


class Eavesdropper:
    """A server that keeps every byte it is sent, and answers nothing that a client could use."""

    def __init__(self) -> None:
        self.received = b""
        self.url = ""

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.received += await reader.read(65536)
        writer.write(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()


@pytest.fixture
async def eavesdropper() -> AsyncIterator[Eavesdropper]:
    spy = Eavesdropper()
    server = await asyncio.start_server(spy.answer, "127.0.0.1", 0)
    spy.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    async with server:
        yield spy


async def refusal(client: LangGraphClient, graph: str = "campaign", **run: Any) -> str:
    ended: Any = await client.runs.wait(None, graph, raise_error=False, **{"input": {}, **run})
    assert set(ended) == {"__error__"}, ended
    message: str = ended["__error__"]["message"]
    assert "\n" not in message
    assert "--" not in message
    assert "pydantic" not in message
    return message


@pytest.mark.parametrize(
    ("stated", "expected"),
    [
        ({"max_used": 3}, "'max_used' is no setting; did you mean max_usd?"),
        ({"hops": "2..3"}, "'hops' is no setting; did you mean hops_low and hops_high?"),
        ({"hops_low": 4, "hops_high": 3}, "hops_low 4 is above hops_high 3; give the lower number first"),
        ({"hops_low": 4}, "hops_low and hops_high go together: give both, or neither"),
        ({"pass_rate_high": "most"}, "pass_rate_high 'most': give a number"),
        ({"target": 0}, "target 0: give 1 or more"),
        ({"target": "many"}, "target 'many': give a whole number"),
        ({"domain": "maths"}, "domain 'maths': choose from genomics, math, medicine"),
        ({"mix": "/etc/passwd"}, "mix '/etc/passwd': choose from balanced, natural; a file is named by mix_file"),
        ({"topics": "alchemy"}, "topics: math has no topic 'alchemy'"),
        ({"max_usd": 1, **SEATS, "attacker_base_url": "http://localhost:1/v1"}, "attacker: cannot reach http://local"),
    ],
    ids=str,
)
async def test_a_setting_that_cannot_be_is_refused_in_one_line(
    client: LangGraphClient, stated: dict[str, Any], expected: str
) -> None:
    assert expected in await refusal(client, context=stated)
    assert expected in await refusal(client, input=stated)
    assert expected in await refusal(client, config={"configurable": stated})


async def test_one_candidate_takes_no_settings_of_a_campaign(client: LangGraphClient) -> None:
    expected = "'max_usd' is a setting of the campaign, not of one candidate"
    assert await refusal(client, "question", context={"max_usd": 1}) == expected
    assert await refusal(client, "question", input={"index": 0, "max_usd": 1}) == expected
    assert await refusal(client, "question", input={"index": -1}) == "index -1: give 0 or more"


@pytest.mark.parametrize(
    "stated",
    [
        {"defender_key_env": "HOME"},
        {"defender_key_env": "OPENAI_API_KEY"},
        {"defender_key_env": "PATH", "defender": "anthropic:any"},
        {"defender": "anthropic:any"},
        {"defender_base_url": "https://attacker.example/v1"},
        {"defender_base_url": "http://127.0.0.1@attacker.example/v1"},
        {"defender_base_url": "https://api.openai.com.attacker.example/v1", "defender_key_env": "OPENAI_API_KEY"},
        {"defender_base_url": "https://api.openai.com@attacker.example/v1", "defender_key_env": "OPENAI_API_KEY"},
        {"defender_base_url": "http://169.254.169.254/latest"},
        {"novelty_store": "http://127.0.0.1:6333"},
        {"embedder": "/etc"},
        {"runs_dir": "/tmp"},
        {"runs_dir": "../elsewhere"},
        {"runs_dir": ".", "name": "graph"},
        {"protect": "/etc/passwd"},
        {"protect": "../../secrets.jsonl"},
        {"protect": ".env"},
        {"protect": "pyproject.toml"},
        {"mix_file": "/etc/shares.json"},
    ],
    ids=str,
)
@pytest.mark.parametrize("graph", ["campaign", "question"])
async def test_what_is_the_owners_is_not_the_callers_to_name(
    client: LangGraphClient, eavesdropper: Eavesdropper, graph: str, stated: dict[str, Any]
) -> None:
    urls = {f"{seat}_base_url": eavesdropper.url for seat in SEATS}
    message = await refusal(client, graph, context={**SEATS, **urls, **stated})
    assert next(iter(stated)).removesuffix("_file") in message or "defender" in message
    assert eavesdropper.received == b""


@pytest.mark.parametrize("graph", ["campaign", "question"])
async def test_a_server_that_the_caller_names_gets_no_key(
    client: LangGraphClient, eavesdropper: Eavesdropper, graph: str
) -> None:
    urls = {f"{seat}_base_url": eavesdropper.url for seat in SEATS}
    given = {**SEATS, **urls, "sandbox": "process", "name": f"spied-{graph}"}
    await client.runs.wait(None, graph, input={}, context=given, raise_error=False)
    assert b"/v1/models" in eavesdropper.received
    assert OWNERS_KEY.encode() not in eavesdropper.received
    assert b"Bearer none" in eavesdropper.received


async def test_a_stored_assistant_may_name_no_more_than_a_caller(client: LangGraphClient, scripted: Any) -> None:
    stored = await client.assistants.create("campaign", context={"attacker": "openai:x", "attacker_key_env": "HOME"})
    assert "attacker_key_env 'HOME'" in await refusal(client, stored["assistant_id"])
    assert "'max_used' is no setting" in await refusal(
        client, stored["assistant_id"], context=settings(scripted, max_used=1)
    )
    await client.assistants.delete(stored["assistant_id"])


async def test_a_run_that_is_started_by_a_command_is_checked_too(
    client: LangGraphClient, eavesdropper: Eavesdropper
) -> None:
    thread = (await client.threads.create())["thread_id"]
    stolen = {**SEATS, "judge_base_url": eavesdropper.url, "judge_key_env": "HOME"}
    start = {"method": "run.start", "params": {"assistant_id": "campaign", "input": stolen}}
    begun = await client.http.client.post(f"/threads/{thread}/commands", json={"id": 1, **start})
    assert begun.json()["type"] == "success", begun.text
    (run,) = await client.runs.list(thread)
    await client.runs.join(thread, run["run_id"])
    assert (await client.runs.get(thread, run["run_id"]))["status"] == "error"
    assert eavesdropper.received == b""
