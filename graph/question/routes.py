"""The routers of the question graph: pure functions of the state that say where a candidate goes next.

They are coroutines because LangGraph runs a plain function in a thread, which costs more than these do.
"""

from __future__ import annotations

from typing import Literal

from graph.question.state import CandidateState


async def route_after_attack(state: CandidateState) -> Literal["screen", "refuse"]:
    """Screen what could be read."""
    return "refuse" if state["rejection"] else "screen"


async def route_after_screen(state: CandidateState) -> Literal["defend", "refuse"]:
    """Spend a model call only on what the free checks let through."""
    return "refuse" if state["rejection"] else "defend"


async def route_after_defend(state: CandidateState) -> Literal["solve", "grade", "refuse"]:
    """Send what the Defender got wrong to the Judge, for its blind answer if that is not there yet."""
    if state["rejection"]:
        return "refuse"
    return "solve" if state["blind_answer"] is None else "grade"


async def route_after_solve(state: CandidateState) -> Literal["tools", "solve", "defend", "grade", "refuse"]:
    """Run the Judge's tools, or let it go on; once its blind answer agrees, grade, or see if it is hard enough."""
    calls_a_tool = state["conversation"][-1]["data"].get("tool_calls")
    if calls_a_tool and not state["rejection"] and state["blind_answer"] is None:
        return "tools"
    return await route_after_tools(state)


async def route_after_tools(state: CandidateState) -> Literal["solve", "defend", "grade", "refuse"]:
    """Show the Judge what its programs printed, unless that was its answer."""
    if state["rejection"]:
        return "refuse"
    if state["blind_answer"] is None:
        return "solve"
    return "defend" if state["undecided"] else "grade"


async def route_after_grade(state: CandidateState) -> Literal["novelty", "refuse"]:
    """Offer what is well explained to the gate."""
    return "refuse" if state["rejection"] else "novelty"


async def route_after_novelty(state: CandidateState) -> Literal["keep", "refuse"]:
    """Keep what is new."""
    return "refuse" if state["rejection"] else "keep"


async def route_after_refuse(state: CandidateState) -> Literal["attack", "__end__"]:
    """Try again, unless the candidate has its outcome."""
    return "__end__" if state["outcome"] else "attack"
