"""The Defender: answers a question without seeing the reference."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from agents.records import Answer
from agents.role import Role
from prompts.domain import Domain
from prompts.render import fence, render
from tools.answers import AnswerKind


class Posed(Protocol):
    """What a Defender is shown of a question: of a run's own, or of a benchmark's."""

    @property
    def question(self) -> str:
        """The text, without the options."""
        ...

    @property
    def answer_kind(self) -> AnswerKind:
        """How the answer is given."""
        ...

    @property
    def choices(self) -> Sequence[str]:
        """The options; empty unless it is a choice."""
        ...


def defender_messages(domain: Domain, posed: Posed) -> list[BaseMessage]:
    """Build the conversation that every answering model sees, in a run and in a benchmark alike."""
    system = render("defender", title=domain.title, guidance=domain.guidance.defender.strip())
    data = {"question": posed.question, "answer_kind": posed.answer_kind, "choices": list(posed.choices)}
    return [SystemMessage(system), HumanMessage(render("defender_question", question=fence("question", data)))]


async def answer_question(role: Role, posed: Posed, *, sample: int = 0) -> Answer:
    """Ask for one Answer; `sample` numbers independent tries at the same question."""
    return await role.ask(defender_messages(role.domain, posed), Answer, sample=sample)
