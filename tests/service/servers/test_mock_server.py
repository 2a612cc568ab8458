"""The scripted server over real HTTP on loopback: every other test that needs a model leans on it."""

from __future__ import annotations

import asyncio
import json
import re
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import openai
import pytest

from agents.records import Answer, Question, Record, Verdict
from evals.mock_server.__main__ import main
from evals.mock_server.server import Script, serve
from prompts.render import fence
from tests import ROOT
from tests.service.chat import (
    PYTHON_TOOL,
    asked,
    asked_with_inputs,
    brief,
    function_of,
    post,
    printed,
    question_of,
    returned,
    say,
    solve,
    structured,
    submitted,
)
from tools.answers import same_number
from tools.judge_tools.submit import fenced_program


@pytest.mark.parametrize("form", ["json_schema", "function", "text"])
async def test_every_seat_replies_with_its_record(form: str) -> None:
    def shape(record: type[Record]) -> dict[str, Any]:
        if form == "text":
            return {}
        return structured(record) if form == "json_schema" else function_of(record)

    def body(message: dict[str, Any]) -> str:
        text = message["tool_calls"][0]["function"]["arguments"] if form == "function" else message["content"]
        return str(text)

    async with serve(Script()) as server:
        question = Question.model_validate_json(body(await say(server, "attacker", brief(1), **shape(Question))))
        given = Answer.model_validate_json(
            body(await say(server, "defender", asked(question.question), **shape(Answer)))
        )
        shown = {"role": "user", "content": fence("reference", question.model_dump())}
        talk = (asked(question.question), {"role": "assistant", "content": "ANSWER: 1"}, shown)
        verdict = Verdict.model_validate_json(body(await say(server, "judge", *talk, **shape(Verdict))))
    assert question.answer == returned(question) == server.script.truth(question.question)
    assert question.topic == "trade"
    assert not same_number(given.answer, question.answer)
    assert verdict.reference_rubric.mean == 5
    assert verdict.independent_answer == question.answer


async def test_the_judge_submits_a_solution_over_the_inputs_by_another_route() -> None:
    async with serve(Script()) as server:
        question = await question_of(server, 7)
        program = await submitted(server, question)
        assert returned(question, program) == question.answer
        assert program != question.program
        text = (await say(server, "judge", asked_with_inputs(question)))["content"]
    assert str(fenced_program(text)).strip() == program.strip(), "where there are no tools"


async def test_without_inputs_the_judge_runs_a_program_and_then_says_what_it_printed() -> None:
    async with serve(Script()) as server:
        question = await question_of(server, 7)
        assert await solve(server, question.question) == question.answer


async def test_the_official_client_reads_replies_streams_and_models() -> None:
    async with serve(Script()) as server, openai.AsyncOpenAI(base_url=server.base_url, api_key="any") as client:
        talk: Any = [brief(3)]
        parsed = await client.chat.completions.parse(model="attacker", messages=talk, response_format=Question)
        stream = await client.chat.completions.create(
            model="attacker", messages=talk, stream=True, stream_options={"include_usage": True}
        )
        chunks = [chunk async for chunk in stream]
        models = [model.id async for model in await client.models.list()]
    first = parsed.choices[0].message.parsed
    assert first is not None
    streamed = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert Question.model_validate_json(streamed) == first
    assert parsed.usage is not None
    assert parsed.usage.total_tokens == parsed.usage.prompt_tokens + parsed.usage.completion_tokens > 50
    assert [chunk.usage.completion_tokens for chunk in chunks if chunk.usage] == [len(streamed.split())]
    assert models == ["scripted-attacker", "scripted-defender", "scripted-judge"]


async def test_forms_can_be_refused_and_plain_text_still_works() -> None:
    async with serve(Script(refuse_json_schema=True, refuse_tools=True)) as server:
        schema = await post(server, "attacker", brief(1), **structured(Question))
        function = await post(server, "attacker", brief(1), **function_of(Question))
        tool = await post(server, "judge", asked("Why?"), tools=[PYTHON_TOOL])
        text = await say(server, "attacker", brief(1))
    assert [schema.status_code, function.status_code, tool.status_code] == [400, 400, 200]
    assert "response_format" in schema.json()["error"]["message"]
    assert "tools" in function.json()["error"]["message"]
    Question.model_validate_json(text["content"])


async def test_only_the_key_opens() -> None:
    async with serve(Script(key="let-me-in")) as server:
        assert (await post(server, "attacker", brief(1), key="guess")).status_code == 401
        assert (await post(server, "attacker", brief(1), key="let-me-in")).status_code == 200
        async with httpx.AsyncClient(base_url=server.base_url) as client:
            assert (await client.get("/models")).status_code == 401


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400),
        (b"[]", 400),
        (b'{"model": "scripted-attacker"}', 400),
        (b'{"model": "scripted-attacker", "messages": [{"role": "user", "content": "hi"}]}', 400),
        (b'{"model": "scripted-attacker", "messages": ["hi"]}', 400),
        (b'{"model": "nobody", "messages": [{"role": "user", "content": "hi"}]}', 404),
    ],
)
async def test_requests_that_no_seat_can_answer_are_refused(body: bytes, status: int) -> None:
    async with serve(Script()) as server, httpx.AsyncClient(base_url=server.base_url) as client:
        response = await client.post("/chat/completions", content=body)
    assert response.status_code == status
    assert response.json()["error"]["message"]


async def test_slow_calls_overlap() -> None:
    async with (
        serve(Script(latency_s=0.2)) as server,
        httpx.AsyncClient(base_url=server.base_url, timeout=20) as client,
    ):
        bodies = [{"model": "attacker", "messages": [brief(seed)]} for seed in range(64)]
        began = time.monotonic()
        replies = await asyncio.gather(*(client.post("/chat/completions", json=body) for body in bodies))
        took = time.monotonic() - began
    assert {reply.status_code for reply in replies} == {200}
    assert took < 64 * 0.2 / 3
    assert all((call.ended_s or 0) - call.started_s >= 0.19 for call in server.calls)


async def test_a_client_that_left_has_not_finished_its_call(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    async with serve(Script(hang_s=0.5), log=log) as server, httpx.AsyncClient(base_url=server.base_url) as client:
        body = {"model": "attacker", "messages": [brief(1)]}
        with pytest.raises(httpx.ReadTimeout):
            await client.post("/chat/completions", json=body, timeout=0.1)
        reply = await client.post("/chat/completions", json=body, timeout=0.45)
        await asyncio.sleep(0.7)  # by then the first try, given up after 0.1 s, is over on the server too
        listed = (await client.get(server.base_url.removesuffix("/v1") + "/_calls")).json()
    assert reply.status_code == 200, "only the first try hangs"
    assert [call["finished"] for call in listed] == [False, True]
    assert listed[0]["content"] == listed[1]["content"]
    [line] = log.read_text().splitlines()
    assert json.loads(line) == listed[1]
    assert (listed[1]["seat"], listed[1]["tries"], listed[1]["status"]) == ("attacker", 2, 200)


def test_the_command_serves_until_it_is_told_to_stop_and_keeps_the_truth(tmp_path: Path) -> None:
    log = tmp_path / "calls.jsonl"
    command = [sys.executable, "-m", "evals.mock_server", "--seed", "4", "--wrong-answer", ".5", "--log", str(log)]
    seen: list[str] = []
    for _ in range(2):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
            try:
                assert process.stdout is not None
                url = process.stdout.readline().strip()
                assert re.fullmatch(r"http://127\.0\.0\.1:\d+/v1", url)
                body = {"model": "attacker", "messages": [brief(9)]}
                reply = httpx.post(f"{url}/chat/completions", json=body, timeout=20).json()
                seen.append(reply["choices"][0]["message"]["content"])
                body = {"model": "judge", "messages": [asked(json.loads(seen[0])["question"])], "tools": [PYTHON_TOOL]}
                reply = httpx.post(f"{url}/chat/completions", json=body, timeout=20).json()
                call = reply["choices"][0]["message"]["tool_calls"][0]["function"]
                truth = Script().truth(json.loads(seen[0])["question"])
                assert printed(json.loads(call["arguments"])["code"]) == f"ANSWER: {truth}"
            finally:
                process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
    assert seen[0] == seen[1]
    lines = [json.loads(line) for line in log.read_text().splitlines()]
    assert [line["status"] for line in lines] == [200] * 4
    assert lines[0]["content"] == lines[2]["content"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--port=99999"], "--port 99999: give 65535 or less"),
        (["--port=-1"], "--port: '-1': give 0 or more"),
        (["--wrong-answer=7"], "--wrong-answer: Input should be less than or equal to 1"),
        (["--log=/no/such/folder/log"], "make it first"),
        (["--prt=3"], "did you mean --port?"),
    ],
)
def test_what_keeps_the_command_from_serving_is_one_line(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 1
    assert said in lines[0]


def test_a_port_that_is_taken_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        assert main([f"--port={port}"]) == 2
    assert f"cannot serve on port {port}" in capsys.readouterr().err
