"""What becomes of the Judge's tool calls: each answered, eight run, a program in the text taken for a submission."""

from __future__ import annotations

from typing import Any

import pytest
from langchain_core.messages import AIMessage, HumanMessage, ToolMessage

from agents import judge
from agents.judge import stated_answer
from graph.question.nodes.answering import MOST_CALLS, ToolWork
from prompts.domain import load_domain
from tests.unit.graph.test_proof import GOOD, question
from tools.judge_tools.submit import SUBMIT, fenced_program
from tools.sandbox.port import Limits
from tools.sandbox.registry import open_sandbox


def call(name: str, code: str, number: int) -> dict[str, Any]:
    return {"name": name, "args": {"code": code}, "id": f"c{number}"}


async def carried_out(reply: AIMessage) -> ToolWork:
    tools = judge.tools_for(load_domain("math"), question(), Limits())
    async with open_sandbox("process", limits=Limits(), concurrency=1) as sandbox:
        work = ToolWork(tools, sandbox)
        await work.carry_out(reply)
    return work


async def test_what_a_submitted_program_returns_is_the_answer_whatever_is_claimed() -> None:
    work = await carried_out(AIMessage("It is 42.", tool_calls=[call(SUBMIT, GOOD, 1)]))
    assert work.submitted is not None
    assert (work.submitted.value, work.submitted.code) == ("19", GOOD)
    assert "Recorded: solve returned 19" in work.replies[0].text


@pytest.mark.parametrize(
    ("code", "why"),
    [
        ("print(19)", "it defines no function solve"),
        ("def solve(boxes):\n    return 19", "must take exactly the inputs"),
        ("def solve(boxes, pens, given):\n    return 1 // 0", "ZeroDivisionError"),
        ("def solve(boxes, pens, given):\n    return 'many'", "no answer of the kind asked for"),
        ("def solve(boxes, pens, given):\n    return None", "which is no answer"),
    ],
)
async def test_a_program_that_returns_no_answer_is_not_recorded_and_the_judge_is_told_why(code: str, why: str) -> None:
    work = await carried_out(AIMessage("", tool_calls=[call(SUBMIT, code, 1)]))
    assert work.submitted is None
    assert "Not recorded" in work.replies[0].text
    assert why in work.replies[0].text


async def test_eight_calls_of_a_reply_are_run_and_the_others_answered_with_why() -> None:
    calls = [call("python", f"print({number})", number) for number in range(MOST_CALLS + 2)]
    work = await carried_out(AIMessage("", tool_calls=calls))
    assert len(work.runs) == MOST_CALLS
    answered = [reply.tool_call_id for reply in work.replies if isinstance(reply, ToolMessage)]
    assert answered == [made["id"] for made in calls]
    assert all("at most 8" in reply.text for reply in work.replies[MOST_CALLS:])


async def test_a_fenced_program_is_a_submission_where_no_tool_is_called() -> None:
    work = await carried_out(AIMessage(f"I would do this:\n```python\n{GOOD}```\nANSWER: 42"))
    assert work.submitted is not None
    assert work.submitted.value == "19"
    assert isinstance(work.replies[0], HumanMessage), "a server without tools takes no tool message"


async def test_an_unknown_tool_is_answered_with_those_there_are() -> None:
    work = await carried_out(AIMessage("", tool_calls=[call("browser", "", 1)]))
    assert "there is: python, submit_solution" in work.replies[0].text


def test_only_a_fence_that_defines_solve_is_a_submission() -> None:
    assert fenced_program("```python\nprint(1)\n```") is None
    assert fenced_program("def solve(a):\n    return a") is None
    assert fenced_program("```\ndef solve(a):\n    return 1\n```\n```py\ndef solve(a):\n    return a\n```") == (
        "def solve(a):\n    return a\n"
    )


def test_without_inputs_the_judge_states_its_answer_and_has_nothing_to_submit() -> None:
    text = question(inputs=[], program="", answer_kind="text", answer="Ann")
    tools = judge.tools_for(load_domain("math"), text, Limits())
    assert list(tools) == ["python"]
    assert "ANSWER: <the answer alone>" in judge.opening(load_domain("math"), text, tools)[0].text
    assert stated_answer(AIMessage("So it is Ann.\nANSWER: Ann")) == "Ann"


def test_the_judge_is_shown_no_blemish_that_was_put_in() -> None:
    text = question(blemishes=["clumsy order"])
    tools = judge.tools_for(load_domain("math"), text, Limits())
    assert "clumsy" not in "".join(message.text for message in judge.opening(load_domain("math"), text, tools))
