"""The Defender: answers a question without seeing the reference."""

from __future__ import annotations

from collections.abc import Sequence

from langchain_core.messages import BaseMessage, HumanMessage, SystemMessage

from agents.models.seat import Journal, Seat
from agents.records import Answer
from prompts.domain import Domain
from prompts.render import fence, render
from tools.answers import AnswerKind


def defender_messages(domain: Domain, question: str, kind: AnswerKind, choices: Sequence[str]) -> list[BaseMessage]:
    """Build the conversation that every answering model sees, in a run and in a benchmark alike."""
    system = render("defender", title=domain.title, guidance=domain.guidance.defender.strip())
    data = {"question": question, "answer_kind": kind, "choices": list(choices)}
    return [SystemMessage(system), HumanMessage(render("defender_question", question=fence("question", data)))]


async def answer_question(
    seat: Seat,
    domain: Domain,
    question: str,
    kind: AnswerKind,
    choices: Sequence[str],
    journal: Journal,
    *,
    sample: int,
    parse_retries: int,
) -> Answer:
    """Ask for one Answer; `sample` numbers independent tries at the same question."""
    messages = defender_messages(domain, question, kind, choices)
    return await seat.ask(messages, Answer, journal, sample=sample, parse_retries=parse_retries)
