"""From the brief to a question that passed every check that costs no model call."""

from __future__ import annotations

from langgraph.runtime import Runtime

from agents.attacker import write_question
from agents.errors import SetupError, Unreadable
from agents.records import Brief, CandidateInput, Question
from graph.curriculum.bandit import draw_brief
from graph.question.nodes.node import Nodes, Update, question_of
from graph.question.runtime import candidate_of, settings_of
from graph.question.state import CandidateState, fresh_attempt, rejection
from graph.settings import Settings


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
        checks = await self._checks(state, settings_of(runtime))
        return await checks.screen(question_of(state), map(Question.model_validate, state["refused"]))
