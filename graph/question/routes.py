"""The routers of the question graph: pure functions of the state that say where a candidate goes next."""

from __future__ import annotations

from typing import Literal

from graph.question.state import CandidateState


def _again(state: CandidateState) -> Literal["attack", "reject"]:
    return "attack" if state["attempts_left"] > 0 else "reject"


def route_after_attack(state: CandidateState) -> Literal["screen", "attack", "reject"]:
    """Screen what could be read."""
    return _again(state) if state["rejection"] else "screen"


def route_after_screen(state: CandidateState) -> Literal["defend", "attack", "reject"]:
    """Spend a model call only on what the free checks let through."""
    return _again(state) if state["rejection"] else "defend"


def route_after_defend(state: CandidateState) -> Literal["solve", "grade", "attack", "reject"]:
    """Send what the Defender got wrong to the Judge, for its blind answer if that is not there yet."""
    if state["rejection"]:
        return _again(state)
    return "solve" if state["blind_answer"] is None else "grade"


def route_after_solve(state: CandidateState) -> Literal["tools", "solve", "defend", "grade", "attack", "reject"]:
    """Run the Judge's tools, or let it go on; once its blind answer agrees, grade, or see if it is hard enough."""
    calls_a_tool = state["conversation"][-1]["data"].get("tool_calls")
    if calls_a_tool and not state["rejection"] and state["blind_answer"] is None:
        return "tools"
    return route_after_tools(state)


def route_after_tools(state: CandidateState) -> Literal["solve", "defend", "grade", "attack", "reject"]:
    """Show the Judge what its programs printed, unless that was its answer."""
    if state["rejection"]:
        return _again(state)
    if state["blind_answer"] is None:
        return "solve"
    return "defend" if state["undecided"] else "grade"


def route_after_grade(state: CandidateState) -> Literal["novelty", "attack", "reject"]:
    """Offer what is well explained to the gate."""
    return _again(state) if state["rejection"] else "novelty"


def route_after_novelty(state: CandidateState) -> Literal["keep", "attack", "reject"]:
    """Keep what is new."""
    return _again(state) if state["rejection"] else "keep"
