"""Both graphs under the real `langgraph dev`, driven as a client would: SDK, RemoteGraph, MCP; no key, no network."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from langgraph.pregel.remote import RemoteGraph
from langgraph_sdk.client import LangGraphClient
from mcp import Client

from evals.mock_server.server import Script, ScriptedServer, serve
from graph.settings import candidate_id
from tests.service.servers.conftest import settings
from tests.service.servers.langgraph_dev import DevServer


async def assistants(client: LangGraphClient) -> dict[str, str]:
    return {found["graph_id"]: found["assistant_id"] for found in await client.assistants.search()}


async def test_a_candidate_runs_over_http(client: LangGraphClient, scripted: ScriptedServer) -> None:
    alone = settings(scripted, name="alone", runs_dir="elsewhere")
    thread = await client.threads.create(thread_id=candidate_id("alone", 0))
    result: Any = await client.runs.wait(thread["thread_id"], "question", input={"index": 0}, context=alone)
    assert result["outcome"] == "kept", result
    assert scripted.script.truth(result["question"]["question"]) == result["question"]["answer"]
    kept = await client.store.get_item(["alone", "survivors"], key=result["survivor_id"])
    assert kept["value"]["question"] == result["question"]["question"]

    again = await RemoteGraph("question", client=client).ainvoke({"index": 1}, context=alone)
    assert again["outcome"] == "kept"


async def test_a_candidate_waits_for_a_person_and_goes_on(client: LangGraphClient, scripted: ScriptedServer) -> None:
    alone, thread = settings(scripted, name="reviewed", review="all"), (await client.threads.create())["thread_id"]
    await client.runs.wait(thread, "question", input={"index": 0}, context=alone)

    async def case() -> Any:
        state: Any = await client.threads.get_state(thread)
        [task] = state["tasks"]
        return task["interrupts"][0]["value"]

    async def resume(**decision: Any) -> Any:
        return await client.runs.wait(thread, "question", command={"resume": decision}, context=alone)

    asked = await case()
    assert (asked["doubts"], asked["fault"]) == (["every question is reviewed"], "")
    await resume(decision="perhaps", by="ann")
    assert "a decision has `decision` (approve, edit or reject) and `by`" in (await case())["fault"]
    await resume(decision="edit", by="ann", edit={"answer": "1"})
    assert "not in the stated answer 1" in (await case())["fault"]
    result = await resume(decision="approve", by="ann")
    assert result["outcome"] == "kept"
    kept: Any = await client.store.get_item(["reviewed", "survivors"], key=result["survivor_id"])
    assert kept["value"]["review"]["by"] == "ann"


async def test_a_campaign_takes_its_settings_as_context_or_as_input(
    client: LangGraphClient, scripted: ScriptedServer, dev: DevServer
) -> None:
    whole = settings(scripted, name="served", target=3, hops_low=2, hops_high=4, levels=["L4", "L5"])
    events = [part.data async for part in client.runs.stream(
        None, "campaign", input={}, context=whole, stream_mode="custom"
    ) if part.event == "custom"]  # fmt: skip
    assert events[0]["type"] == "start"
    assert events[-1]["type"] == "summary"
    assert events[-1]["ending"] == "target reached"
    assert events[-1]["outcomes"]["failed"] == 0
    folder = dev.home / "runs" / "served"
    assert len((folder / "dataset.jsonl").read_text().splitlines()) == 3
    recorded = json.loads((folder / "settings.json").read_text())
    assert (recorded["hops"], recorded["levels"]) == ("2..4", "L4,L5"), "written as the command line writes it"

    resumed: Any = await client.runs.wait(None, "campaign", input={**whole, "target": 4})
    assert resumed["ending"] == "target reached"
    assert resumed["folder"] == "runs/served"
    assert len((folder / "dataset.jsonl").read_text().splitlines()) == 4

    shrunk: Any = await client.runs.wait(None, "campaign", input={**whole, "target": 2}, raise_error=False)
    assert "target 2: " in shrunk["__error__"]["message"]
    assert "already has 4 rows" in shrunk["__error__"]["message"]
    assert "--" not in shrunk["__error__"]["message"]


async def test_a_cancelled_campaign_says_what_became_of_it(client: LangGraphClient, dev: DevServer) -> None:
    async with serve(Script(latency_s=5)) as slow:
        thread = await client.threads.create()
        given = settings(slow, name="cancelled")
        run = await client.runs.create(thread["thread_id"], "campaign", input=given)
        async with asyncio.timeout(30):
            while not slow.calls:
                await asyncio.sleep(0.1)
        await client.runs.cancel(thread["thread_id"], run["run_id"], wait=True)
    values: Any = (await client.threads.get_state(thread["thread_id"]))["values"]
    assert values["folder"] == "runs/cancelled"
    assert values["ending"] == "cut off before its end; the same request resumes it"
    assert (dev.home / values["folder"] / "README.md").exists(), "the sums are written all the same"


async def test_the_form_is_for_people(client: LangGraphClient) -> None:
    ids = await assistants(client)
    forms = {name: (await client.assistants.get_schemas(found))["context_schema"] for name, found in ids.items()}
    campaign, question = ((forms[name] or {})["properties"] for name in ("campaign", "question"))
    for field in campaign.values():
        assert field["description"]
        assert "--" not in field["description"]
        assert "LOW..HIGH" not in field["description"]
    assert campaign["target"]["default"] == 12
    assert campaign["max_usd"]["title"] == "Most dollars to spend"
    assert campaign["domain"]["enum"] == ["genomics", "math", "medicine"]
    assert {"auto", "process"} <= set(campaign["sandbox"]["enum"])
    assert campaign["mix"]["enum"] == ["balanced", "natural"]
    assert campaign["levels"]["items"]["enum"] == ["L1", "L2", "L3", "L4", "L5"]
    assert campaign["pass_rate_high"]["type"] == "number"
    assert question.keys() < campaign.keys()
    assert not {"target", "max_usd", "mix", "slots", "give_up_after"} & question.keys()


async def test_mcp_offers_both_graphs_as_tools(dev: DevServer, scripted: ScriptedServer) -> None:
    async with Client(f"{dev.url}/mcp") as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        assert set(tools) == {"campaign", "question"}
        for tool in tools.values():
            assert len(tool.description or "") > 60
            assert "domain" in tool.input_schema["properties"]
            assert tool.input_schema["additionalProperties"] is False
            assert "--" not in json.dumps(tool.input_schema)
        ended = await client.call_tool("campaign", settings(scripted, name="by-tool", target=1))
        assert not ended.is_error
        assert "target reached" in ended.content[0].text  # type: ignore[union-attr]  # it is text
        wrong = await client.call_tool("campaign", {"max_used": 1})
        assert wrong.is_error
        assert "'max_used' is no setting; did you mean max_usd?" in wrong.content[0].text  # type: ignore[union-attr]  # it is text
    assert len((dev.home / "runs" / "by-tool" / "dataset.jsonl").read_text().splitlines()) == 1


@pytest.mark.parametrize("path", ["/.well-known/agent-card.json", "/a2a/campaign"])
async def test_a2a_is_off(client: LangGraphClient, path: str) -> None:
    response = await client.http.client.post(path, json={"jsonrpc": "2.0", "id": 1, "method": "message/send"})
    assert response.status_code in (404, 405)
