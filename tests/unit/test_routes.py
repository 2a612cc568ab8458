from __future__ import annotations

from typing import Any, cast

import pytest

from graph import routes
from graph.state import CandidateState, fresh_attempt

ROUTERS = [
    (routes.route_after_attack, "screen"),
    (routes.route_after_screen, "defend"),
    (routes.route_after_defend, "solve"),
    (routes.route_after_grade, "novelty"),
    (routes.route_after_novelty, "keep"),
]


def state(**changes: Any) -> CandidateState:
    return cast(CandidateState, {**fresh_attempt(3), "attempts_left": 1, **changes})


@pytest.mark.parametrize(("router", "onward"), ROUTERS)
def test_a_refusal_goes_back_while_attempts_last(router: Any, onward: str) -> None:
    refused = {"outcome": "too_easy", "reason": "right"}
    assert router(state()) == onward
    assert router(state(setback=refused)) == "attack"
    assert router(state(setback=refused, attempts_left=0)) == "reject"


def test_the_judge_goes_on_until_its_answer_is_recorded() -> None:
    calling = {"type": "ai", "data": {"tool_calls": [{"name": "python"}]}}
    talking = {"type": "human", "data": {}}
    assert routes.route_after_solve(state(conversation=[calling])) == "tools"
    assert routes.route_after_solve(state(conversation=[talking])) == "solve"
    assert routes.route_after_solve(state(conversation=[calling], blind_answer="4")) == "grade"
    assert routes.route_after_solve(state(conversation=[calling], blind_answer="4", undecided=True)) == "defend"
    assert routes.route_after_defend(state(blind_answer="4")) == "grade"
    assert routes.route_after_tools(state()) == "solve"
    assert routes.route_after_tools(state(blind_answer="4")) == "grade"
    assert routes.route_after_tools(state(blind_answer="4", undecided=True)) == "defend"
    assert routes.route_after_tools(state(blind_answer="4", setback={"outcome": "unverified"})) == "attack"
    assert routes.route_after_solve(state(conversation=[calling], setback={"outcome": "unverified"})) == "attack"
