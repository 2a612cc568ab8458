"""From the brief to a question that passed every check that costs no model call."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agents.attacker import write_question
from agents.errors import Unreadable
from agents.records import Brief, CandidateInput
from graph.curriculum.bandit import draw_brief
from graph.question.nodes.node import Nodes, Update, question_of
from graph.question.runtime import settings_of
from graph.question.state import CandidateState, fresh_attempt, rejection, too_near
from graph.question.survivor import novelty_item, program_run
from graph.settings import Settings, candidate_id
from tools.novelty.port import UnfitItem
from tools.programs.static_look import static_look


class Writing(Nodes):
    """The nodes `brief`, `attack` and `screen`."""

    async def brief(self, state: CandidateInput, runtime: Runtime[Settings]) -> Update:
        """Decide what to ask for."""
        settings = settings_of(runtime)
        domain = await (await self._source()).domain(settings.domain)
        return fresh_attempt(settings.judge_turns) | {
            "index": state.index,
            "candidate": candidate_id(settings.run_name, state.index),
            "brief": draw_brief(domain, settings, state).model_dump(),
            "easy_welcome": state.easy,
            "hard_welcome": state.hard,
            "samples_first": state.samples_first,
            "attempts_left": settings.max_attempts,
            "outcome": None,
            "reason": "",
            "survivor_id": None,
        }

    async def attack(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Let the Attacker write a question, with the last refusal as feedback."""
        settings, refused = settings_of(runtime), state["rejection"]
        role = await self._role("attacker", state, runtime)
        attempt = settings.max_attempts - state["attempts_left"] + 1
        feedback = refused["reason"] if refused else ""
        brief = Brief.model_validate(state["brief"]).model_copy(update={"attempt": attempt, "feedback": feedback})
        fresh = fresh_attempt(settings.judge_turns) | {"attempts_left": state["attempts_left"] - 1}
        try:
            question = await write_question(role, brief)
        except Unreadable as error:
            return fresh | rejection("malformed", str(error))
        if question.answer_kind not in role.domain.answer_kinds:
            reason = f"answer_kind {question.answer_kind!r} is not one of {', '.join(role.domain.answer_kinds)}"
            return fresh | rejection("malformed", reason)
        return fresh | {"question": question.model_dump()}

    async def screen(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Check all that costs no model call: the question's own program, then a read-only look for near-duplicates."""
        settings, resources, question = settings_of(runtime), await self._source(), question_of(state)
        evidence: list[Update] = []
        if question.program.strip():
            if pointless := static_look(question.program):
                return rejection("unverified", f"the program proves nothing: {pointless}")
            run = (await (await resources.sandbox(settings)).run(question.program, limits=settings.limits)).trusted()
            evidence = [program_run("attacker", question.program, run).model_dump()]
            if run.status != "ok":
                reason = f"the program ended with {run.status}: {run.stderr.strip()[-500:]}"
                return rejection("unverified", reason) | {"evidence": evidence}
            if not question.accepts(run.stdout):
                printed = run.stdout.strip()[-200:]
                reason = f"the program printed {printed!r}, but the stated answer is {question.answer!r}"
                return rejection("unverified", reason) | {"evidence": evidence}
        try:
            decision = await (await resources.novelty(settings)).look(novelty_item(question, state["candidate"]))
        except UnfitItem as error:
            return rejection("malformed", str(error)) | {"evidence": evidence}
        if decision.verdict != "novel":
            return too_near(decision) | {"evidence": evidence}
        return {"evidence": evidence}
