"""The proof of the answer, without a model, and the Judge's grade of the reasoning."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agents import judge
from agents.errors import Unreadable
from agents.records import Proof, Question, Verdict
from agents.rows import level_of
from graph.question.form import LEAST_CORRECTNESS
from graph.question.nodes.node import Nodes, Update, question_of
from graph.question.proof import Refuted, agreement, prove, reaches, seed_of
from graph.question.runtime import settings_of
from graph.question.state import CandidateState, rejection
from graph.question.survivor import wrong_answer
from graph.settings import Settings


class Judging(Nodes):
    """The nodes `prove` and `grade`."""

    async def prove(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Say how far the answer is computed rather than believed; refuse what is proved less than asked for."""
        settings, resources, question = settings_of(runtime), await self._source(), question_of(state)
        found = await self._proof(question, state, settings)
        if isinstance(found, Refuted):
            return rejection("unverified", found.reason)
        floor = settings.proof or (await resources.domain(settings.domain)).proof[question.answer_kind]
        if not reaches(found.grade, floor):
            lack = f"the proof is {found.grade!r}, and {floor!r} is the least to keep for {question.answer_kind}"
            return rejection("unverified", f"{lack}: give inputs that can be redrawn and a program that computes")
        return {"proof": found.model_dump()}

    async def _proof(self, question: Question, state: CandidateState, settings: Settings) -> Proof | Refuted:
        if question.inputs:
            sandbox = await (await self._source()).sandbox(settings)
            return await prove(
                question, state["judge_program"], sandbox, settings.limits,
                wanted=settings.proof_draws, seed=seed_of(question),
            )  # fmt: skip
        if question.accepts(str(state["blind_answer"])):
            return agreement()
        return Refuted("an independent examiner came to another answer")

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
        return update


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
