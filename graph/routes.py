"""The routers of the question graph: pure functions of the state that say where a candidate goes next."""

from __future__ import annotations

from typing import Literal

from graph.state import CandidateState


def _again(state: CandidateState) -> Literal["attack", "reject"]:
    return "attack" if state["attempts_left"] > 0 else "reject"


def route_after_attack(state: CandidateState) -> Literal["screen", "attack", "reject"]:
    """Screen what could be read."""
    return _again(state) if state["setback"] else "screen"


def route_after_screen(state: CandidateState) -> Literal["defend", "attack", "reject"]:
    """Spend a model call only on what the free checks let through."""
    return _again(state) if state["setback"] else "defend"


def route_after_defend(state: CandidateState) -> Literal["solve", "attack", "reject"]:
    """Send what the Defender got wrong to the Judge."""
    return _again(state) if state["setback"] else "solve"


def route_after_solve(state: CandidateState) -> Literal["tools", "solve", "grade", "attack", "reject"]:
    """Run the Judge's tools, let it go on, or grade once its blind answer agrees."""
    if state["setback"]:
        return _again(state)
    if state["blind_answer"] is not None:
        return "grade"
    return "tools" if state["conversation"][-1]["data"].get("tool_calls") else "solve"


def route_after_grade(state: CandidateState) -> Literal["novelty", "attack", "reject"]:
    """Offer what is well explained to the gate."""
    return _again(state) if state["setback"] else "novelty"


def route_after_novelty(state: CandidateState) -> Literal["keep", "attack", "reject"]:
    """Keep what is new."""
    return _again(state) if state["setback"] else "keep"
