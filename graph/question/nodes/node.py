"""What all nodes share: where their clients come from, and how a role is made ready for a candidate."""

from __future__ import annotations

from typing import Any

from langgraph.runtime import Runtime

from agents.records import Question, SeatName
from agents.role import Role
from graph.question.resources import ResourcesSource
from graph.question.runtime import journal, settings_of
from graph.question.state import CandidateState
from graph.settings import Settings

Update = dict[str, Any]


class Nodes:
    """Nodes as methods, so that they share one thing: the source of their opened clients."""

    def __init__(self, source: ResourcesSource) -> None:
        self._source = source

    async def _role(self, name: SeatName, state: CandidateState, runtime: Runtime[Settings]) -> Role:
        settings, resources = settings_of(runtime), await self._source()
        return Role(
            domain=await resources.domain(settings.domain),
            seat=await resources.seat(settings, name, state["index"]),
            journal=journal(state, runtime, resources),
            parse_retries=settings.parse_retries,
        )


def question_of(state: CandidateState) -> Question:
    """Return the question of the attempt in hand."""
    return Question.model_validate(state["question"])
