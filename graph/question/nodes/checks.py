"""The checks that take no model: before a question is paid for, and again after a reviewer's edit."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from agents.records import Brief, Proof, Question
from graph.question.form import form_faults, off_brief, same_again
from graph.question.proof import Refuted, agreement, own_fault, prove, reaches, seed_of, solve_all
from graph.question.resources import Resources
from graph.question.state import rejection, too_near
from graph.question.survivor import novelty_item
from graph.settings import Settings
from tools.inputs.draws import make_draws
from tools.novelty.port import UnfitItem
from tools.sandbox.port import Sandbox
from tools.steps.faults import step_faults


class Checks:
    """What the checks of one candidate's questions need.

    Args:
        settings: The run's.
        resources: Opened clients.
        candidate: Id of the candidate.
        brief: What it was asked for.
    """

    def __init__(self, settings: Settings, resources: Resources, candidate: str, brief: Brief) -> None:
        self._settings, self._resources = settings, resources
        self._candidate, self._brief = candidate, brief

    async def screen(self, question: Question, refused: Iterable[Question] = ()) -> dict[str, Any]:
        """Refuse a question, cheapest check first: brief, form, steps, program, near-duplicates; or update nothing."""
        settings, resources = self._settings, self._resources
        if strays := off_brief(question, self._brief, await resources.domain(settings.domain)):
            return rejection("off_brief", strays)
        if any(same_again(question, before) for before in refused):
            return rejection("duplicate", "this very question was refused before; write another one")
        if faults := form_faults(question):
            return rejection("malformed", "; ".join(faults[:5]))
        if fault := await self._unproved(question):
            return rejection("unverified", fault)
        try:
            decision = await (await resources.novelty(settings)).look(novelty_item(question, self._candidate))
        except UnfitItem as error:
            return rejection("malformed", str(error))
        return {} if decision.verdict == "novel" else too_near(decision)

    async def _unproved(self, question: Question) -> str:
        """Say why steps or program, called on stated and redrawn inputs, contradict the answer or prove nothing."""
        if faults := step_faults(question.steps, question.answer, question.answer_kind, question.choices):
            return "; ".join(faults[:3])
        if not question.inputs:
            return ""
        sandbox = await self._sandbox()
        draws = make_draws(question.inputs, seed_of(question))
        solved = await solve_all(question, question.program, draws, sandbox, self._settings.limits)
        return await own_fault(question, draws, solved, sandbox)

    async def prove(self, question: Question, judge_program: str, judge_answer: str) -> Proof | Refuted:
        """Say how far the answer is computed rather than believed; what is proved too little is refuted, too."""
        settings = self._settings
        if question.inputs:
            found = await prove(
                question, judge_program, await self._sandbox(), settings.limits,
                wanted=settings.proof_draws, seed=seed_of(question),
            )  # fmt: skip
        elif question.accepts(judge_answer):
            found = agreement()
        else:
            found = Refuted("an independent examiner came to another answer")
        if isinstance(found, Refuted):
            return found
        floor = settings.proof or (await self._resources.domain(settings.domain)).proof[question.answer_kind]
        if not reaches(found.grade, floor):
            lack = f"the proof is {found.grade!r}, and {floor!r} is the least to keep for {question.answer_kind}"
            return Refuted(f"{lack}: give inputs that can be redrawn and a program that computes")
        return found

    async def _sandbox(self) -> Sandbox:
        return await self._resources.sandbox(self._settings)
