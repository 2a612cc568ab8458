"""The node at which a doubtful question waits for a person, and what it does with the decision."""

from __future__ import annotations

from typing import Any

from langgraph.runtime import Runtime
from langgraph.types import interrupt
from pydantic import ValidationError

from agents.records import Answer, Proof, Question, Verdict, describe
from agents.reviews import EDITABLE, PAST, Decision, Review, ReviewCase
from graph.question.nodes.node import Nodes, Update, question_of
from graph.question.pass_rate import Band
from graph.question.proof import Refuted
from graph.question.runtime import settings_of
from graph.question.state import CandidateState, rejection
from graph.question.survivor import novelty_item
from graph.settings import Settings


class RefusedDecision(ValueError):
    """A decision that cannot be carried out; the case waits for another."""


class Reviewing(Nodes):
    """The node `review`."""

    async def review(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Show the case to a person until there is a decision that can be carried out."""
        settings = settings_of(runtime)
        case = await self._case(state, settings)
        while True:
            given = interrupt(case.model_dump(mode="json"))
            try:
                return await self._carry_out(read_decision(given), state, settings)
            except RefusedDecision as refused:
                case = case.model_copy(update={"fault": str(refused)})

    async def _case(self, state: CandidateState, settings: Settings) -> ReviewCase:
        question = question_of(state)
        found = await (await (await self._source()).novelty(settings)).look(novelty_item(question, state["candidate"]))
        return ReviewCase(
            candidate=state["candidate"],
            index=state["index"],
            doubts=state["doubts"],
            question=question,
            answers=[Answer.model_validate(answer) for answer in state["answers"]],
            passed=state["passed"],
            judge_program=state["judge_program"],
            judge_answer=state["blind_answer"] or "",
            proof=Proof.model_validate(state["proof"]),
            verdict=Verdict.model_validate(state["verdict"]),
            easy=state["easy"],
            nearest=found.nearest_text,
        )

    async def _carry_out(self, decision: Decision, state: CandidateState, settings: Settings) -> Update:
        """Return what a decision changes; raises `RefusedDecision`."""
        question = apply_decision(question_of(state), decision)
        if decision.decision == "reject":
            reason = decision.note or "a reviewer rejected it"
            return {"review": _review(decision, state)} | rejection("rejected_in_review", reason, final=True)
        if decision.decision == "approve":
            return {"review": _review(decision, state)}
        return await self._edited(question, decision, state, settings)

    async def _edited(
        self, question: Question, decision: Decision, state: CandidateState, settings: Settings
    ) -> Update:
        """Put an edited question through the checks of an attempt again."""
        checks = await self._checks(state, settings)
        if refused := await checks.screen(question):
            raise RefusedDecision(refused["rejection"]["reason"])
        proof = await checks.prove(question, state["judge_program"], state["blind_answer"] or "")
        if isinstance(proof, Refuted):
            raise RefusedDecision(proof.reason)
        passed = sum(question.accepts(Answer.model_validate(answer).answer) for answer in state["answers"])
        if passed != state["passed"]:
            self._require_same_hardness(passed, state, settings)
        before = question_of(state)
        edited = [name for name in EDITABLE if getattr(question, name) != getattr(before, name)]
        return {
            "question": question.model_dump(),
            "proof": proof.model_dump(),
            "passed": passed,
            "review": _review(decision, state, edited),
        }

    def _require_same_hardness(self, passed: int, state: CandidateState, settings: Settings) -> None:
        """Refuse an answer that makes the Defender's answers right, or wrong, to another extent than is kept."""
        band, samples = Band.of(settings), len(state["answers"])
        if (band.verdict(passed, samples, 0) == "too easy") != state["easy"] or (
            band.verdict(passed, samples, 0) == "too hard"
        ):
            raise RefusedDecision(
                f"with this answer the Defender is right in {passed} of {samples} samples, "
                f"and --pass-rate {settings.pass_rate} is wanted"
            )


def read_decision(given: Any) -> Decision:
    """Read what the graph was resumed with.

    Raises:
        RefusedDecision: It is none.
    """
    try:
        return Decision.model_validate(given)
    except ValidationError as error:
        raise RefusedDecision(
            f"a decision has `decision` (approve, edit or reject) and `by`: {describe(error)}"
        ) from error


def apply_decision(question: Question, decision: Decision) -> Question:
    """Return the question with the fields changed that a decision changes.

    Raises:
        RefusedDecision: A field cannot be edited, nothing is changed, or the fields do not hold together.
    """
    edit = decision.edit
    if decision.decision != "edit":
        if edit:
            raise RefusedDecision(f"{decision.decision} changes no field; the decision edit does")
        return question
    if strange := [name for name in edit if name not in EDITABLE]:
        raise RefusedDecision(f"{strange[0]!r} cannot be edited; these can: {', '.join(EDITABLE)}")
    try:
        edited = Question.model_validate(question.model_dump() | edit)
    except ValidationError as error:
        raise RefusedDecision(describe(error)) from error
    if edited == question:
        raise RefusedDecision("the edit changes nothing; approve the question as it is")
    if edited.steps != question.steps:
        return edited.model_copy(update={"blemishes": []})  # which were those of the steps before
    return edited


def _review(decision: Decision, state: CandidateState, edited: list[str] | None = None) -> dict[str, Any]:
    return Review.model_validate(
        {
            "decision": PAST[decision.decision],
            "doubts": state["doubts"],
            "edited": edited or [],
            **decision.model_dump(include={"by", "when", "note"}),
        }
    ).model_dump()
