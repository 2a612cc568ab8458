"""The naive order: every model call first and every check afterwards; what the campaign's order is measured against.

The Judge is always told what its program printed, also where that was its answer.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

from langchain_core.messages import BaseMessage, ToolMessage

from agents import judge
from agents.attacker import write_question
from agents.defender import answer_question
from agents.errors import Unreadable
from agents.models.calls import CallCost
from agents.records import SEATS, Brief, Proof, Question, SeatName, SeatUsage
from agents.role import Role
from graph.campaign.preflight import preflight
from graph.question.proof import prove
from graph.question.resources import Resources
from graph.settings import Settings
from tools.judge_tools.port import ToolRun
from tools.novelty.port import NoveltyItem


class Meter:
    """A journal that recalls nothing and adds up."""

    def __init__(self) -> None:
        self.total = SeatUsage(usd=0.0)

    async def recall(self, _key: str) -> None:
        """Remember nothing: naive loops ask again."""

    @asynccontextmanager
    async def _admitted(self) -> AsyncIterator[CallCost]:
        yield CallCost()

    closing = None

    async def unhurried(self, _key: str) -> None:
        """No call waits for a batch."""

    def admit(self, _worst: SeatUsage) -> AbstractAsyncContextManager[CallCost]:
        """Admit everything."""
        return self._admitted()

    async def record(self, _key: str, _seat: SeatName, usage: SeatUsage, _reply: dict[str, Any]) -> None:
        """Add one call."""
        self.total = self.total.plus(usage)


async def naive(settings: Settings, resources: Resources, meter: Meter) -> int:
    """Run as many candidates as the target's survivors take, one attempt after another; return the survivors."""
    steering = await preflight(resources, settings)
    kept = index = 0

    async def worker() -> None:
        nonlocal kept, index
        while kept < settings.target:
            mine, index = index, index + 1
            for attempt in range(1, settings.max_attempts + 1):
                cell = steering.choose(mine)
                brief = Brief(domain=settings.domain, seed=mine, attempt=attempt, **cell.model_dump())
                if await one_attempt(settings, resources, meter, brief):
                    kept += 1
                    break

    await asyncio.gather(*(worker() for _ in range(settings.slots)))
    return kept


async def one_attempt(settings: Settings, resources: Resources, meter: Meter, brief: Brief) -> bool:
    """Pay for every call of one question, and look at what they say only then."""
    domain, sandbox = await resources.domain(settings.domain), await resources.sandbox(settings)
    attacker, defender, grader = [
        Role(domain, await resources.seat(settings, name, 0), meter, settings.parse_retries) for name in SEATS
    ]
    try:
        question = await write_question(attacker, brief)
        answers = [
            await answer_question(defender, question, sample=sample) for sample in range(settings.defender_samples)
        ]
        tools = judge.tools_for(domain, question, settings.limits)
        conversation: list[BaseMessage] = judge.opening(domain, question, tools)
        solution = ToolRun("", "", None)
        for _ in range(settings.judge_turns):
            reply = await judge.solve(grader, conversation, tools)
            conversation.append(reply)
            for call in reply.tool_calls:
                solution = await tools[call["name"]].run(sandbox, call["args"])
                conversation.append(ToolMessage(solution.text, tool_call_id=call["id"]))
            if solution.value is not None:
                break
        verdict = await judge.grade(grader, conversation, question, answers[0], solution.value or "")
        proof = await prove(question, solution.code, sandbox, settings.limits, wanted=16, seed=brief.seed)
    except Unreadable:
        return False
    return (
        isinstance(proof, Proof)
        and not any(question.accepts(answer.answer) for answer in answers)
        and verdict.well_posed
        and verdict.reference_rubric.mean >= settings.min_quality
        and await is_new(settings, resources, question, brief.seed)
    )


async def is_new(settings: Settings, resources: Resources, question: Question, number: int) -> bool:
    """Ask the gate, as the campaign does."""
    item = NoveltyItem(
        question=question.question, owner=f"naive {number}", answer=question.answer,
        answer_kind=question.answer_kind, choices=tuple(question.choices), program=question.program,
    )  # fmt: skip
    return (await (await resources.novelty(settings)).admit(item)).verdict == "novel"
