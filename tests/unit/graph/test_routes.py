"""Where a candidate goes next, and what is written down where it can go nowhere."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

import pytest
from langchain_core.messages import AIMessage, HumanMessage
from langgraph.errors import NodeError
from langgraph.runtime import Runtime

from agents.errors import CallFailed
from graph.question import routes
from graph.question.nodes.ending import Ending
from graph.question.resources import shared_resources
from graph.question.state import CandidateState, fresh_attempt
from graph.settings import Settings
from tools.novelty.port import NoveltyError

ROUTERS = [
    (routes.route_after_attack, "screen"),
    (routes.route_after_screen, "defend"),
    (routes.route_after_prove, "grade"),
    (routes.route_after_defend, "solve"),
    (routes.route_after_grade, "novelty"),
    (routes.route_after_review, "novelty"),
    (routes.route_after_novelty, "keep"),
]


def state(**changes: Any) -> CandidateState:
    return cast(CandidateState, {**fresh_attempt(3), "attempts_left": 1, **changes})


@pytest.mark.parametrize(("router", "onward"), ROUTERS)
async def test_what_is_refused_goes_to_one_place_and_the_rest_goes_on(router: Any, onward: str) -> None:
    assert await router(state()) == onward
    assert await router(state(rejection={"outcome": "too_easy", "reason": "right"})) == "refuse"


async def test_what_is_doubtful_goes_to_a_person_first() -> None:
    assert await routes.route_after_grade(state(doubts=["the answer is free text"])) == "review"


async def test_a_refused_candidate_tries_again_until_it_has_its_outcome() -> None:
    assert await routes.route_after_refuse(state(outcome=None)) == "attack"
    assert await routes.route_after_refuse(state(outcome="too_easy")) == "__end__"


async def test_the_judge_goes_on_until_its_answer_is_recorded_and_then_proved() -> None:
    reply, reminder = AIMessage("", tool_calls=[]), HumanMessage("Go on.")
    refused = {"outcome": "unverified"}
    assert await routes.route_after_solve(state(messages=[reply])) == "tools"
    assert await routes.route_after_solve(state(messages=[reply, reminder])) == "solve"
    assert await routes.route_after_solve(state(messages=[reply], blind_answer="4")) == "prove"
    assert await routes.route_after_solve(state(messages=[reply], rejection=refused)) == "refuse"
    assert await routes.route_after_tools(state()) == "solve"
    assert await routes.route_after_tools(state(blind_answer="4")) == "prove"
    assert await routes.route_after_tools(state(blind_answer="4", rejection=refused)) == "refuse"
    assert await routes.route_after_prove(state(proof={})) == "grade"
    assert await routes.route_after_prove(state(proof={}, undecided=True)) == "defend"
    assert await routes.route_after_defend(state(proof={})) == "grade"


async def failed(error: Exception, **changes: Any) -> dict[str, Any]:
    """Return the update of the error handler."""
    runtime = cast(Runtime[Settings], SimpleNamespace(context=Settings()))
    told = cast(NodeError, SimpleNamespace(error=error))
    command = await Ending(shared_resources).fail(state(**changes), told, runtime)
    assert command.goto == "refuse"
    return cast(dict[str, Any], command.update)


async def test_a_failed_call_for_another_question_leaves_nothing_of_the_one_before() -> None:
    before = {"rejection": {"outcome": "too_easy", "reason": "right"}, "question": {"question": "Why?"}, "passed": 1}
    update = await failed(CallFailed("500"), **before)
    assert (update["question"], update["passed"], update["attempts_left"]) == (None, 0, 0)
    assert update["rejection"]["outcome"] == "failed"


async def test_a_failed_call_for_the_first_question_is_an_attempt() -> None:
    assert (await failed(CallFailed("500")))["attempts_left"] == 0


async def test_a_failed_call_keeps_what_the_attempt_had_come_to() -> None:
    assert (await failed(CallFailed("500"), question={"question": "Why?"})).keys() == {"rejection"}


async def test_a_gate_that_is_gone_is_no_candidates_fault() -> None:
    with pytest.raises(NoveltyError):
        await failed(NoveltyError("the server does not answer"))
