"""The Attacker: writes one question from a brief."""

from __future__ import annotations

from langchain_core.messages import HumanMessage, SystemMessage

from agents.models.seat import Journal, Seat
from agents.records import Brief, Question
from prompts.domain import Domain
from prompts.render import fence, render


async def write_question(seat: Seat, domain: Domain, brief: Brief, journal: Journal, *, parse_retries: int) -> Question:
    """Ask for a Question; the system prompt is the same for every brief, so providers' prompt caches hit."""
    system = render(
        "attacker",
        title=domain.title,
        guidance=domain.guidance.attacker.strip(),
        answer_kinds=", ".join(domain.answer_kinds),
        exemplars=fence("exemplars", list(domain.exemplars)),
    )
    user = render("attacker_brief", brief=fence("brief", brief.model_dump()))
    return await seat.ask([SystemMessage(system), HumanMessage(user)], Question, journal, parse_retries=parse_retries)
