"""The Attacker: writes one question from a brief."""

from __future__ import annotations

from langchain_core.messages import HumanMessage, SystemMessage

from agents.records import Brief, Question
from agents.role import Role
from prompts.render import fence, render
from tools.inputs.kinds import INPUT_KINDS


async def write_question(role: Role, brief: Brief) -> Question:
    """Ask for a Question; the system prompt is the same for every brief, so providers' prompt caches hit."""
    system = render(
        "attacker",
        title=role.domain.title,
        guidance=role.domain.guidance.attacker.strip(),
        answer_kinds=", ".join(role.domain.answer_kinds),
        kinds=", ".join(f"`{name}` ({kind.form})" for name, kind in INPUT_KINDS.items()),
        exemplars=fence("exemplars", list(role.domain.exemplars)),
    )
    user = render("attacker_brief", brief=fence("brief", brief.model_dump()))
    return await role.ask([SystemMessage(system), HumanMessage(user)], Question)
