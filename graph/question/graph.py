"""Put the state machine together: attack, screen, defend, solve with tools, prove, grade, review, novelty, keep.

No checkpointer and no store are compiled in here: `graph.campaign.campaign` and the server each bring their own.
"""

from __future__ import annotations

from langgraph.graph import END, START, StateGraph
from langgraph.graph.state import CompiledStateGraph

from agents.records import CandidateInput
from graph.question import routes
from graph.question.nodes.answering import Answering
from graph.question.nodes.ending import Ending
from graph.question.nodes.judging import Judging
from graph.question.nodes.node import Node, traced
from graph.question.nodes.reviewing import Reviewing
from graph.question.nodes.writing import Writing
from graph.question.resources import ResourcesSource
from graph.question.state import CandidateOutput, CandidateState
from graph.settings import Settings

QuestionBuilder = StateGraph[CandidateState, Settings, CandidateInput, CandidateOutput]
QuestionGraph = CompiledStateGraph[CandidateState, Settings, CandidateInput, CandidateOutput]


def build_question(source: ResourcesSource) -> QuestionBuilder:
    """Build the graph of one candidate.

    Args:
        source: Where the nodes get their models, sandbox and novelty gate.
    """
    writing, answering, judging, ending = Writing(source), Answering(source), Judging(source), Ending(source)
    builder = StateGraph(
        CandidateState, context_schema=Settings, input_schema=CandidateInput, output_schema=CandidateOutput
    )
    builder.set_node_defaults(error_handler=ending.fail)  # type: ignore[arg-type]  # the stubs omit NodeError
    nodes: dict[str, Node] = {
        "brief": writing.brief,
        "attack": writing.attack,
        "screen": writing.screen,
        "defend": answering.defend,
        "solve": answering.solve,
        "tools": answering.tools,
        "prove": judging.prove,
        "grade": judging.grade,
        "review": Reviewing(source).review,
        "novelty": ending.novelty,
        "keep": ending.keep,
        "refuse": ending.refuse,
    }
    for name, node in nodes.items():
        builder.add_node(name, traced(name, node))
    builder.add_edge(START, "brief")
    builder.add_edge("brief", "attack")
    builder.add_conditional_edges("attack", routes.route_after_attack)
    builder.add_conditional_edges("screen", routes.route_after_screen)
    builder.add_conditional_edges("defend", routes.route_after_defend)
    builder.add_conditional_edges("solve", routes.route_after_solve)
    builder.add_conditional_edges("tools", routes.route_after_tools)
    builder.add_conditional_edges("prove", routes.route_after_prove)
    builder.add_conditional_edges("grade", routes.route_after_grade)
    builder.add_conditional_edges("review", routes.route_after_review)
    builder.add_conditional_edges("novelty", routes.route_after_novelty)
    builder.add_conditional_edges("refuse", routes.route_after_refuse)
    builder.add_edge("keep", END)
    return builder
