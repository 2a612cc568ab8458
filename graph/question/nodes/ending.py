"""How an attempt, and at last its candidate, ends: past the novelty gate as a survivor, or refused."""

from __future__ import annotations

from typing import Literal
from uuid import uuid4

from langgraph.errors import NodeError
from langgraph.runtime import Runtime
from langgraph.types import Command

from agents import judge
from agents.errors import CallError, Unreadable
from agents.records import ProgramRun, Question
from agents.reviews import Review
from agents.rows import NearDuplicate, Refusal
from graph.question.attempts import write_attempt
from graph.question.nodes.node import Nodes, Update, question_of
from graph.question.resources import seat_specs
from graph.question.runtime import journal, settings_of, store_of
from graph.question.state import CandidateState, Rejection, fresh_attempt, rejection, too_near
from graph.question.survivor import asked, build_survivor, defence, novelty_item
from graph.settings import Settings
from graph.storage.records import write_refusal, write_survivor
from tools.sandbox.port import SandboxError
from tools.tracing import known, span


class Ending(Nodes):
    """The nodes `novelty`, `keep` and `refuse`, and the handler of their errors."""

    async def novelty(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Check and insert atomically: of two near-duplicates in flight only one passes."""
        settings, question, reviewed = settings_of(runtime), question_of(state), state["review"] is not None
        gate = await (await self._source()).novelty(settings)
        item = novelty_item(question, state["candidate"])
        if settings.ask_borderline and not reviewed and (found := await gate.look(item)).borderline:
            role = await self._role("judge", state, runtime)
            compared = await judge.same_reasoning(role, question.question, found.nearest_text)
            if compared.same_reasoning:
                return too_near(found.model_copy(update={"verdict": "duplicate", "rule": "judge"}))
        with span("retrieval novelty", {"gen_ai.operation.name": "retrieval"}) as opened:
            decision = await gate.admit(item)
            opened.set_attributes(
                known({"nanoflux.novelty.verdict": decision.verdict, "nanoflux.novelty.score": decision.score})
            )
        if decision.verdict != "novel":
            return too_near(decision, final=reviewed)  # what a person was asked about is not asked again otherwise
        return {
            "novelty": {"nearest": decision.nearest or "", "score": decision.score or 0.0, "embedder": gate.embedder}
        }

    async def keep(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Write the survivor."""
        settings, resources = settings_of(runtime), await self._source()
        models = {name: spec.model for name, spec in seat_specs(settings, state["index"]).items()}
        usage = await journal(state, runtime, resources).usage()
        guarantees = (await resources.sandbox(settings)).guarantees()
        survivor = build_survivor(state, await resources.domain(settings.domain), models, usage, guarantees)
        await write_attempt(state, runtime)
        await write_survivor(store_of(runtime), settings.run_name, survivor)
        return {"outcome": "kept", "reason": "", "survivor_id": survivor.id}

    async def refuse(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Write the attempt down; end the candidate where no attempt is left, or none would help."""
        written, last = await write_attempt(state, runtime), state["rejection"]
        if written and written.rejection and not (last and last["final"]):
            # The first account stands: a candidate that starts over tells the Attacker the same and pays nothing twice.
            last = written.rejection
        if last is None:
            raise ValueError(f"candidate {state['candidate']} was refused without a reason")
        if state["attempts_left"] > 0 and not last["final"]:
            mine = [state["question"]] if state["question"] else []
            return {"rejection": last, "refused": [*state["refused"], *mine]}
        refusal = await self._refusal(state, last, runtime)
        await write_refusal(store_of(runtime), settings_of(runtime).run_name, refusal)
        return {"outcome": refusal.outcome, "reason": refusal.reason}

    async def _refusal(self, state: CandidateState, last: Rejection, runtime: Runtime[Settings]) -> Refusal:
        settings = settings_of(runtime)
        question = Question.model_validate(state["question"]) if state["question"] else None
        spec = seat_specs(settings, state["index"])["defender"]
        return Refusal(
            id=state["candidate"],
            index=state["index"],
            outcome=last["outcome"],
            reason=last["reason"],
            attempts=settings.max_attempts - state["attempts_left"],
            asked=asked(state),
            question=question,
            defender=defence(state, question, spec.model) if question and state["answers"] else None,
            evidence=[ProgramRun.model_validate(run) for run in state["evidence"]],
            usage=await journal(state, runtime, await self._source()).usage(),
            near=NearDuplicate.model_validate(last["near"]) if last["near"] else None,
            review=Review.model_validate(state["review"]) if state["review"] else None,
        )

    async def fail(
        self, state: CandidateState, error: NodeError, runtime: Runtime[Settings]
    ) -> Command[Literal["refuse"]]:
        """End the candidate where a model or the sandbox failed for good; let any other error through."""
        if not isinstance(error.error, CallError | SandboxError):
            raise error.error
        if isinstance(error.error, SandboxError):
            # Where not even this can be run, the sandbox is gone, and that is no fault of the candidate.
            sandbox = await (await self._source()).sandbox(settings_of(runtime))
            (await sandbox.run(f"print({uuid4().hex!r})")).trusted()
        update = rejection("failed", str(error.error), final=not isinstance(error.error, Unreadable))
        if state["rejection"] or not state["question"]:  # the Attacker's call: what is there is of the attempt before
            left = state["attempts_left"] - 1
            update = fresh_attempt(settings_of(runtime).judge_turns) | {"attempts_left": left} | update
        return Command(update=update, goto="refuse")
