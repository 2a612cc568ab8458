"""Put the state machine together: attack, screen, defend, solve with tools, grade, novelty, keep.

No checkpointer and no store are compiled in here: `graph.campaign.campaign` and the server each bring their own.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps
from typing import TypeVar

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agents.records import CandidateInput
from graph.question import routes
from graph.question.nodes import Nodes
from graph.question.resources import ResourcesSource
from graph.question.state import CandidateOutput, CandidateState
from graph.settings import Settings

Place = TypeVar("Place", bound=str)

QuestionBuilder = StateGraph[CandidateState, Settings, CandidateInput, CandidateOutput]
QuestionGraph = CompiledStateGraph[CandidateState, Settings, CandidateInput, CandidateOutput]


def build_question(source: ResourcesSource) -> QuestionBuilder:
    """Build the graph of one candidate.

    Args:
        source: Where the nodes get their models, sandbox and novelty gate.
    """
    nodes = Nodes(source)
    builder = StateGraph(
        CandidateState, context_schema=Settings, input_schema=CandidateInput, output_schema=CandidateOutput
    )
    builder.set_node_defaults(error_handler=nodes.fail)  # type: ignore[arg-type]  # the stubs omit NodeError
    builder.add_node("brief", nodes.brief)
    builder.add_node("attack", nodes.attack)
    builder.add_node("screen", nodes.screen)
    builder.add_node("defend", nodes.defend)
    builder.add_node("solve", nodes.solve)
    builder.add_node("tools", nodes.tools)
    builder.add_node("grade", nodes.grade)
    builder.add_node("novelty", nodes.novelty)
    builder.add_node("keep", nodes.keep)
    builder.add_node("reject", nodes.reject)
    builder.add_edge(START, "brief")
    builder.add_edge("brief", "attack")
    builder.add_conditional_edges("attack", _awaited(routes.route_after_attack))
    builder.add_conditional_edges("screen", _awaited(routes.route_after_screen))
    builder.add_conditional_edges("defend", _awaited(routes.route_after_defend))
    builder.add_conditional_edges("solve", _awaited(routes.route_after_solve))
    builder.add_conditional_edges("tools", _awaited(routes.route_after_tools))
    builder.add_conditional_edges("grade", _awaited(routes.route_after_grade))
    builder.add_conditional_edges("novelty", _awaited(routes.route_after_novelty))
    builder.add_edge("keep", END)
    builder.add_edge("reject", END)
    return builder


def _awaited(router: Callable[[CandidateState], Place]) -> Callable[[CandidateState], Awaitable[Place]]:
    """Make a coroutine of a router: LangGraph takes a plain function to a thread, which costs more than it does."""

    @wraps(router)
    async def route(state: CandidateState) -> Place:
        return router(state)

    return route
