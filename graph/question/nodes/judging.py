"""The proof of the answer, without a model, and the Judge's grade of the reasoning."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agents import judge
from agents.errors import Unreadable
from agents.records import Proof, Verdict
from agents.rows import level_of
from graph.question.form import LEAST_CORRECTNESS
from graph.question.nodes.doubts import doubts_about
from graph.question.nodes.node import Nodes, Update, question_of
from graph.question.proof import Refuted
from graph.question.runtime import settings_of
from graph.question.state import CandidateState, rejection
from graph.question.survivor import novelty_item, wrong_answer
from graph.settings import Settings


class Judging(Nodes):
    """The nodes `prove` and `grade`."""

    async def prove(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Say how far the answer is computed rather than believed; refuse what is proved less than asked for."""
        checks = await self._checks(state, settings_of(runtime))
        found = await checks.prove(question_of(state), state["judge_program"], str(state["blind_answer"]))
        if isinstance(found, Refuted):
            return rejection("unverified", found.reason)
        return {"proof": found.model_dump()}

    async def grade(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Reveal the reference, get the Verdict, and turn away what teaches badly."""
        settings, question = settings_of(runtime), question_of(state)
        role, answer = await self._role("judge", state, runtime), str(state["blind_answer"])
        try:
            verdict = await judge.grade(role, state["messages"], question, wrong_answer(state, question), answer)
        except Unreadable as error:
            return rejection("failed", str(error))
        update: Update = {"verdict": verdict.model_dump()}
        if weakness := _weakness(verdict, settings):
            return update | rejection("low_quality", weakness)
        return update | {"doubts": await self._doubts(state, verdict, settings)}

    async def _doubts(self, state: CandidateState, verdict: Verdict, settings: Settings) -> list[str]:
        """Say why a person is to look at the question, as --review asks; nothing for most questions."""
        if settings.review == "none":
            return []
        question, proof = question_of(state), Proof.model_validate(state["proof"])
        gate = await (await self._source()).novelty(settings)
        found = doubts_about(question, proof, verdict, await gate.look(novelty_item(question, state["candidate"])))
        return found or (["every question is reviewed"] if settings.review == "all" else [])


def _weakness(verdict: Verdict, settings: Settings) -> str:
    """Say why the solution teaches badly; empty where it does not."""
    flaws, rubric = "; ".join(verdict.flaws) or "no flaw was named", verdict.reference_rubric
    if not verdict.well_posed:
        return f"the question is not well posed: {flaws}"
    if rubric.correctness < LEAST_CORRECTNESS:
        return f"the solution scores {rubric.correctness} of 5 for correctness ({flaws})"
    if settings.levels and level_of(rubric.mean) not in settings.allowed_levels:
        return f"the solution is {level_of(rubric.mean)}, and {settings.levels} is wanted"
    if not settings.levels and rubric.mean < settings.min_quality:
        return f"the solution scores {rubric.mean:.1f} of 5 ({flaws})"
    return ""
