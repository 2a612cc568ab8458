"""Ask the scripted server as the roles do: fenced data in, one message out."""

from __future__ import annotations

import json
import ssl
import subprocess
import sys
from typing import Any

import httpx

from agents.models.forms.strict_schema import strict_schema
from agents.records import Brief, Question, Record
from evals.mock_server.server import ScriptedServer
from prompts.render import fence
from tools.answers import final_answer

CERTIFICATES = ssl.create_default_context()
"""Shared: a client that loads its own takes longer to make than its call takes."""
PYTHON_TOOL: dict[str, Any] = {
    "type": "function",
    "function": {
        "name": "python",
        "parameters": {"type": "object", "properties": {"code": {"type": "string"}}, "required": ["code"]},
    },
}
SUBMIT_TOOL = {"type": "function", "function": {**PYTHON_TOOL["function"], "name": "submit_solution"}}


def brief(seed: int, attempt: int = 1, hops: int = 4) -> dict[str, Any]:
    data = Brief(domain="math", topic="trade", skill="sums", hops=hops, seed=seed, attempt=attempt).model_dump()
    return {"role": "user", "content": f"Write a question.\n{fence('brief', data)}"}


def asked(question: str) -> dict[str, Any]:
    return {"role": "user", "content": fence("question", {"question": question})}


def structured(record: type[Record]) -> dict[str, Any]:
    schema = {"name": record.__name__, "schema": strict_schema(record), "strict": True}
    return {"response_format": {"type": "json_schema", "json_schema": schema}}


def function_of(record: type[Record]) -> dict[str, Any]:
    tool = {"type": "function", "function": {"name": record.__name__, "parameters": strict_schema(record)}}
    return {"tools": [tool], "tool_choice": {"type": "function", "function": {"name": record.__name__}}}


async def post(
    server: ScriptedServer, seat: str, *messages: dict[str, Any], key: str = "any", **options: Any
) -> httpx.Response:
    body = {"model": f"scripted-{seat}", "messages": list(messages), **options}
    async with httpx.AsyncClient(base_url=server.base_url, timeout=20, verify=CERTIFICATES) as client:
        return await client.post("/chat/completions", json=body, headers={"Authorization": f"Bearer {key}"})


async def say(server: ScriptedServer, seat: str, *messages: dict[str, Any], **options: Any) -> dict[str, Any]:
    response = await post(server, seat, *messages, **options)
    assert response.status_code == 200, response.text
    message: dict[str, Any] = response.json()["choices"][0]["message"]
    return message


async def question_of(server: ScriptedServer, seed: int, attempt: int = 1, hops: int = 4) -> Question:
    message = await say(server, "attacker", brief(seed, attempt, hops), **structured(Question))
    return Question.model_validate_json(message["content"])


def printed(program: str) -> str:
    return subprocess.run(
        [sys.executable, "-I", "-"], input=program, capture_output=True, text=True, check=True
    ).stdout.strip()


def asked_with_inputs(question: Question) -> dict[str, Any]:
    inputs = [one.model_dump(exclude={"options"}) for one in question.inputs]
    return {"role": "user", "content": fence("question", {"question": question.question, "inputs": inputs})}


async def submitted(server: ScriptedServer, question: Question) -> str:
    """Return the program that the Judge submits."""
    call = await say(server, "judge", asked_with_inputs(question), tools=[PYTHON_TOOL, SUBMIT_TOOL])
    [wanted] = call["tool_calls"]
    assert wanted["function"]["name"] == "submit_solution"
    return str(json.loads(wanted["function"]["arguments"])["code"])


def returned(question: Question, program: str | None = None) -> str:
    """Return what a question's program, or another over its inputs, returns for the stated inputs."""
    stated = {one.name: int(one.value) for one in question.inputs}
    return printed(f"{question.program if program is None else program}\nprint(solve(**{stated}))")


async def solve(server: ScriptedServer, question: str) -> str:
    """Play the graph's part: run the program the Judge calls for, and return its answer."""
    call = await say(server, "judge", asked(question), tools=[PYTHON_TOOL])
    [wanted] = call["tool_calls"]
    assert wanted["function"]["name"] == "python"
    output = printed(json.loads(wanted["function"]["arguments"])["code"])
    result = {"role": "tool", "tool_call_id": wanted["id"], "content": f"status: ok\n{output}\n"}
    message = await say(server, "judge", asked(question), call, result, tools=[PYTHON_TOOL])
    return final_answer(message["content"]) or ""
