"""From the brief to a question that passed every check that costs no model call."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agents.attacker import write_question
from agents.errors import SetupError, Unreadable
from agents.records import Brief, CandidateInput, Question
from graph.curriculum.bandit import draw_brief
from graph.question.form import form_faults, off_brief, same_again
from graph.question.nodes.node import Nodes, Update, question_of
from graph.question.proof import own_fault, seed_of, solve_all
from graph.question.runtime import candidate_of, settings_of
from graph.question.state import CandidateState, fresh_attempt, rejection, too_near
from graph.question.survivor import novelty_item
from graph.settings import Settings
from tools.inputs.draws import make_draws
from tools.novelty.port import UnfitItem
from tools.steps.faults import step_faults


class Writing(Nodes):
    """The nodes `brief`, `attack` and `screen`."""

    async def brief(self, state: CandidateInput, runtime: Runtime[Settings]) -> Update:
        """Decide what to ask for."""
        settings, resources = settings_of(runtime), await self._source()
        if settings.capped and settings.folder not in resources.ledgers:
            raise SetupError("max_usd, max_tokens and max_minutes bound a campaign; leave them out for one question")
        return fresh_attempt(settings.judge_turns) | {
            "index": state.index,
            "candidate": candidate_of(settings, state.index),
            "brief": draw_brief(await resources.domain(settings.domain), settings, state).model_dump(),
            "easy_welcome": state.easy,
            "hard_welcome": state.hard,
            "samples_first": state.samples_first,
            "attempts_left": settings.max_attempts,
            "refused": [],
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
        return fresh | {"question": question.model_dump()}

    async def screen(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Check all that costs no model call, cheapest first: brief, form, steps, program, near-duplicates."""
        settings, resources, question = settings_of(runtime), await self._source(), question_of(state)
        domain, brief = await resources.domain(settings.domain), Brief.model_validate(state["brief"])
        if strays := off_brief(question, brief, domain):
            return rejection("off_brief", strays)
        if any(same_again(question, Question.model_validate(before)) for before in state["refused"]):
            return rejection("duplicate", "this very question was refused before; write another one")
        if faults := form_faults(question):
            return rejection("malformed", "; ".join(faults[:5]))
        if fault := await self._unproved(question, settings):
            return rejection("unverified", fault)
        try:
            decision = await (await resources.novelty(settings)).look(novelty_item(question, state["candidate"]))
        except UnfitItem as error:
            return rejection("malformed", str(error))
        return {} if decision.verdict == "novel" else too_near(decision)

    async def _unproved(self, question: Question, settings: Settings) -> str:
        """Say why steps or program, called on stated and redrawn inputs, contradict the answer or prove nothing."""
        if faults := step_faults(question.steps, question.answer, question.answer_kind, question.choices):
            return "; ".join(faults[:3])
        if not question.inputs:
            return ""
        sandbox = await (await self._source()).sandbox(settings)
        draws = make_draws(question.inputs, seed_of(question))
        solved = await solve_all(question, question.program, draws, sandbox, settings.limits)
        return await own_fault(question, draws, solved, sandbox)
