"""What all nodes share: where their clients come from, and how a role is made ready for a candidate."""

from __future__ import annotations

from functools import wraps
from typing import Any, Protocol

from langgraph.errors import GraphBubbleUp
from langgraph.runtime import Runtime

from agents.records import Brief, Question, SeatName
from agents.role import Role
from graph.question.nodes.checks import Checks
from graph.question.resources import ResourcesSource
from graph.question.runtime import journal, settings_of
from graph.question.state import CandidateState
from graph.settings import Settings
from tools.tracing import known, span

Update = dict[str, Any]


class Node(Protocol):
    """A node of the question graph, as LangGraph calls it."""

    async def __call__(self, state: Any, runtime: Runtime[Settings]) -> Update:
        """Do the node's work, and say what changes."""
        ...


AGENTS: dict[str, SeatName] = {"attack": "attacker", "defend": "defender", "solve": "judge", "grade": "judge"}
"""Nodes in which a model acts."""


def traced(name: str, node: Node) -> Node:
    """Give a node a span of its own."""
    agent = AGENTS.get(name)
    title = f"invoke_agent {agent}" if agent else name
    attributes = {"nanoflux.node": name, "gen_ai.agent.name": agent, "gen_ai.operation.name": agent and "invoke_agent"}

    @wraps(node)
    async def measured(state: Any, runtime: Runtime[Settings]) -> Update:
        with span(title, attributes, harmless=(GraphBubbleUp,)) as opened:
            update = await node(state, runtime)
            rejected = update.get("rejection")
            outcome = update.get("outcome") or (rejected and rejected["outcome"])
            opened.set_attributes(known({"nanoflux.outcome": outcome}))
        return update

    return measured


class Nodes:
    """Nodes as methods, so that they share one thing: the source of their opened clients."""

    def __init__(self, source: ResourcesSource) -> None:
        self._source = source

    async def _role(self, name: SeatName, state: CandidateState, runtime: Runtime[Settings]) -> Role:
        settings, resources = settings_of(runtime), await self._source()
        return Role(
            domain=await resources.domain(settings.domain),
            seat=await resources.seat(settings, name, state["index"]),
            journal=journal(state, runtime, resources, can_wait=_can_wait(name, state)),
            parse_retries=settings.parse_retries,
        )

    async def _checks(self, state: CandidateState, settings: Settings) -> Checks:
        brief = Brief.model_validate(state["brief"])
        return Checks(settings, await self._source(), state["candidate"], brief)


def _can_wait(name: SeatName, state: CandidateState) -> bool:
    """Whether what a seat does next is not urgent: nothing was refused yet, and nobody waits for the Judge."""
    return name == "defender" or (name == "attacker" and state["rejection"] is None)


def question_of(state: CandidateState) -> Question:
    """Return the question of the attempt in hand."""
    return Question.model_validate(state["question"])
