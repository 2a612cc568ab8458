"""The Judge: solves blind with tools, then grades after the reveal, all in one conversation.

The conversation is handed in and out as messages, since each turn of it is a checkpointed step of the graph.
"""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolCall

from agents.records import Answer, ProgramRun, Question, SameReasoning, Verdict
from agents.role import Role
from prompts.domain import Domain
from prompts.render import fence, render
from tools.answers import final_answer
from tools.judge_tools.registry import JUDGE_TOOLS


def opening(domain: Domain, question: Question) -> list[BaseMessage]:
    """Begin the conversation with the question alone: no reference, no Defender's answer."""
    tools = [JUDGE_TOOLS[name].schema for name in domain.judge_tools]
    must_run = "You must run at least one program before you answer." if domain.judge_must_run else ""
    system = render(
        "judge_solve",
        title=domain.title,
        guidance=domain.guidance.judge.strip(),
        tools="\n".join(f"- `{tool['function']['name']}`: {tool['function']['description']}" for tool in tools),
        must_run=must_run,
    )
    data = {"question": question.question, "answer_kind": question.answer_kind, "choices": question.choices}
    return [SystemMessage(system), HumanMessage(render("judge_question", question=fence("question", data)))]


async def solve(role: Role, conversation: Sequence[BaseMessage]) -> AIMessage:
    """Take the Judge's next turn: tool calls, or a reply that ends in its answer.

    A call whose arguments are no JSON is a call all the same: servers want each answered, and the tool says what is
    wrong.
    """
    tools = [JUDGE_TOOLS[name].schema for name in role.domain.judge_tools]
    reply = await role.say(conversation, tools=tools)
    if not reply.invalid_tool_calls:
        return reply
    broken = [
        ToolCall(name=call["name"] or "", args={"unreadable": call["args"]}, id=call["id"])
        for call in reply.invalid_tool_calls
    ]
    return reply.model_copy(update={"tool_calls": [*reply.tool_calls, *broken], "invalid_tool_calls": []})


def blind_answer(reply: AIMessage) -> str | None:
    """Return the answer that a reply states, None where it states none."""
    return None if reply.tool_calls else final_answer(reply.text)


def printed_answer(run: ProgramRun, question: Question) -> str | None:
    """Return the answer that a program's last line states, as the Judge was told to let it.

    None where the program failed, states none, or states what no answer to the question can be: the Judge sees that.
    """
    *_, last = run.stdout.strip().splitlines() or [""]
    said = final_answer(last) if run.ok and last.startswith("ANSWER:") else None
    return said if said is not None and question.admits(said) else None


def nudge() -> HumanMessage:
    """Remind a Judge that ran nothing, or stated no answer, of what it owes."""
    return HumanMessage(render("judge_nudge"))


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
