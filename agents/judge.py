"""The Judge: solves blind with tools, then grades after the reveal, all in one conversation.

The conversation is handed in and out as messages, since each turn of it is a checkpointed step of the graph.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolCall

from agents.records import Answer, Question, SameReasoning, Verdict
from agents.role import Role
from prompts.domain import Domain
from prompts.render import fence, render
from tools.answers import final_answer
from tools.inputs.kinds import read_input, wire
from tools.judge_tools.port import JudgeTool
from tools.judge_tools.registry import JUDGE_TOOLS
from tools.judge_tools.submit import SUBMIT, submit_tool
from tools.sandbox.port import Limits


def tools_for(domain: Domain, question: Question, limits: Limits) -> dict[str, JudgeTool]:
    """Return the tools that the Judge may call for this question, by name.

    Where something is computed, one of them submits its solution, and nothing else ends its work.
    """
    tools = {name: JUDGE_TOOLS[name] for name in domain.judge_tools}
    if question.inputs:
        stated = {one.name: wire(read_input(one)) for one in question.inputs}
        formula = question.answer_kind == "expression"
        tools[SUBMIT] = submit_tool(stated, question.admits, formula=formula, limits=limits)
    return tools


def opening(domain: Domain, question: Question, tools: Mapping[str, JudgeTool]) -> list[BaseMessage]:
    """Begin the conversation with the question and its inputs alone: no reference, no Defender's answer."""
    system = render(
        "judge_solve",
        title=domain.title,
        guidance=domain.guidance.judge.strip(),
        tools="\n".join(f"- `{tool.name}`: {tool.description}" for tool in tools.values()),
        ending=_ending(tools),
    )
    data = {
        "question": question.question,
        "answer_kind": question.answer_kind,
        "choices": question.choices,
        "inputs": [one.model_dump(exclude={"options"}) for one in question.inputs],
    }
    return [SystemMessage(system), HumanMessage(render("judge_question", question=fence("question", data)))]


async def solve(role: Role, conversation: Sequence[BaseMessage], tools: Mapping[str, JudgeTool]) -> AIMessage:
    """Take the Judge's next turn: tool calls, or a reply that ends in its answer.

    A call whose arguments are no JSON is a call all the same: servers want each answered, and the tool says what is
    wrong.
    """
    reply = await role.say(conversation, tools=[tool.schema for tool in tools.values()])
    if not reply.invalid_tool_calls:
        return reply
    broken = [
        ToolCall(name=call["name"] or "", args={"unreadable": call["args"]}, id=call["id"])
        for call in reply.invalid_tool_calls
    ]
    return reply.model_copy(update={"tool_calls": [*reply.tool_calls, *broken], "invalid_tool_calls": []})


def stated_answer(reply: AIMessage) -> str | None:
    """Return the answer that a reply states in words, None where it states none."""
    return None if reply.tool_calls else final_answer(reply.text)


def nudge(tools: Mapping[str, JudgeTool]) -> HumanMessage:
    """Remind a Judge that submitted nothing, or stated no answer, of what it owes."""
    return HumanMessage(render("judge_nudge", ending=_ending(tools)))


def _ending(tools: Mapping[str, JudgeTool]) -> str:
    """Say how the Judge ends its work: by a program where something is computed, else in words."""
    return render("judge_submit" if SUBMIT in tools else "judge_state").strip()


async def same_reasoning(role: Role, question: str, other: str) -> SameReasoning:
    """Ask whether whoever can solve one question has nothing to learn from the other."""
    messages = [
        SystemMessage(render("judge_same_reasoning", title=role.domain.title)),
        HumanMessage(f"{fence('question', question)}\n\n{fence('neighbour', other)}"),
    ]
    return await role.ask(messages, SameReasoning)


async def grade(
    role: Role, conversation: Sequence[BaseMessage], question: Question, defence: Answer | None, independent_answer: str
) -> Verdict:
    """Reveal the reference and the Defender's answer, and ask for the Verdict.

    The recorded blind answer stands, whatever the Verdict repeats.
    """
    reference = {
        "steps": question.steps,
        "answer": question.answer,
        "inputs": [one.model_dump() for one in question.inputs],
        "program": question.program,
        "independent_answer": independent_answer,
    }
    reveal = render(
        "judge_grade",
        reference=fence("reference", reference),
        defender=fence("defender", defence.model_dump() if defence else None),
        rubric=role.domain.rubric_text(),
    )
    verdict = await role.ask([*conversation, HumanMessage(reveal)], Verdict)
    return verdict.model_copy(update={"independent_answer": independent_answer})
