"""The routers of the question graph: pure functions of the state that say where a candidate goes next.

They are coroutines because LangGraph runs a plain function in a thread, which costs more than these do.
"""

from __future__ import annotations

from typing import Literal

from langchain_core.messages import AIMessage

from graph.question.state import CandidateState


async def route_after_attack(state: CandidateState) -> Literal["screen", "refuse"]:
    """Screen what could be read."""
    return "refuse" if state["rejection"] else "screen"


async def route_after_screen(state: CandidateState) -> Literal["defend", "refuse"]:
    """Spend a model call only on what the free checks let through."""
    return "refuse" if state["rejection"] else "defend"


async def route_after_defend(state: CandidateState) -> Literal["solve", "grade", "refuse"]:
    """Send what the Defender got wrong to the Judge, for its blind solution if the answer is not proved yet."""
    if state["rejection"]:
        return "refuse"
    return "solve" if state["proof"] is None else "grade"


async def route_after_solve(state: CandidateState) -> Literal["tools", "solve", "prove", "refuse"]:
    """Run the Judge's tools, or the solution in its text; ask again where there is neither that nor an answer."""
    if state["rejection"]:
        return "refuse"
    if state["blind_answer"] is not None:
        return "prove"
    return "tools" if isinstance(state["messages"][-1], AIMessage) else "solve"


async def route_after_tools(state: CandidateState) -> Literal["solve", "prove", "refuse"]:
    """Show the Judge what its programs gave, unless its solution is recorded."""
    if state["rejection"]:
        return "refuse"
    return "solve" if state["blind_answer"] is None else "prove"


async def route_after_prove(state: CandidateState) -> Literal["defend", "grade", "refuse"]:
    """Grade what is proved, once it is known to be hard enough."""
    if state["rejection"]:
        return "refuse"
    return "defend" if state["undecided"] else "grade"


async def route_after_grade(state: CandidateState) -> Literal["review", "novelty", "refuse"]:
    """Offer what is well explained to the gate, and show what is doubtful to a person first."""
    if state["rejection"]:
        return "refuse"
    return "review" if state["doubts"] else "novelty"


async def route_after_review(state: CandidateState) -> Literal["novelty", "refuse"]:
    """Offer what a person approved to the gate."""
    return "refuse" if state["rejection"] else "novelty"


async def route_after_novelty(state: CandidateState) -> Literal["keep", "refuse"]:
    """Keep what is new."""
    return "refuse" if state["rejection"] else "keep"


async def route_after_refuse(state: CandidateState) -> Literal["attack", "__end__"]:
    """Try again, unless the candidate has its outcome."""
    return "__end__" if state["outcome"] else "attack"
