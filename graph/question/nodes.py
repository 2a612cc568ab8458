"""The nodes of the question graph, in the order in which a candidate meets them.

Nodes hold no prompt and no parsing: they read records from the state, ask a role or a tool, and return a partial
update. A refused attempt sets `rejection`; the routers send it back to `attack` while attempts last.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal
from uuid import uuid4

from langchain_core.messages import BaseMessage, ToolMessage, message_to_dict, messages_from_dict
from langgraph.errors import NodeError
from langgraph.runtime import Runtime
from langgraph.types import Command

from agents import judge
from agents.attacker import write_question
from agents.defender import answer_question
from agents.errors import CallError, Unreadable
from agents.models.seat import Seat
from agents.records import (
    Answer,
    Brief,
    CandidateInput,
    NearDuplicate,
    ProgramRun,
    Question,
    Refusal,
    SeatName,
    level_of,
)
from graph.curriculum.bandit import draw_brief
from graph.question.attempts import write_attempt
from graph.question.pass_rate import Band, Samples
from graph.question.resources import ResourcesSource, seat_specs
from graph.question.runtime import journal, settings_of, store_of
from graph.question.state import CandidateState, fresh_attempt, rejection
from graph.question.survivor import asked, build_survivor, defence, novelty_item, program_run, wrong_answer
from graph.settings import Settings, candidate_id
from graph.storage.journal import CandidateJournal
from graph.storage.records import write_refusal, write_survivor
from prompts.domain import Domain
from tools.judge_tools.registry import JUDGE_TOOLS
from tools.judge_tools.static_look import static_look
from tools.novelty.port import Decision, UnfitItem
from tools.sandbox.port import SandboxError

Update = dict[str, Any]


class Nodes:
    """The nodes as methods, so that they share one thing: where their resources comes from."""

    def __init__(self, source: ResourcesSource) -> None:
        self._source = source

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
        domain, seat, calls = await self._at_work(runtime, "attacker", state)
        before = await write_attempt(state, runtime)
        attempt = settings.max_attempts - state["attempts_left"] + 1
        if before and before.rejection:  # what was told when this was first played: the same request is not paid again
            refused = before.rejection
        feedback = refused["reason"] if refused else ""
        brief = Brief.model_validate(state["brief"]).model_copy(update={"attempt": attempt, "feedback": feedback})
        fresh = fresh_attempt(settings.judge_turns) | {"attempts_left": state["attempts_left"] - 1}
        try:
            question = await write_question(seat, domain, brief, calls, parse_retries=settings.parse_retries)
        except Unreadable as error:
            return fresh | rejection("malformed", str(error))
        if question.answer_kind not in domain.answer_kinds:
            reason = f"answer_kind {question.answer_kind!r} is not one of {', '.join(domain.answer_kinds)}"
            return fresh | rejection("malformed", reason)
        return fresh | {"question": question.model_dump()}

    async def screen(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Check all that costs no model call: the question's own program, then a read-only look for twins."""
        settings = settings_of(runtime)
        resources = await self._source()
        question = Question.model_validate(state["question"])
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
                reason = (
                    f"the program printed {run.stdout.strip()[-200:]!r}, but the stated answer is {question.answer!r}"
                )
                return rejection("unverified", reason) | {"evidence": evidence}
        try:
            decision = await (await resources.novelty(settings)).look(novelty_item(question, state["candidate"]))
        except UnfitItem as error:
            return rejection("malformed", str(error)) | {"evidence": evidence}
        if decision.verdict != "novel":
            return too_near(decision) | {"evidence": evidence}
        return {"evidence": evidence}

    async def defend(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Ask the Defender until its pass rate is decided, or until it is cheaper to ask the Judge first."""
        settings = settings_of(runtime)
        question = Question.model_validate(state["question"])
        domain, seat, calls = await self._at_work(runtime, "defender", state)
        band, most = Band.of(settings), settings.defender_samples
        first = most if state["blind_answer"] is not None else min(state["samples_first"] or most, most)
        answers = [Answer.model_validate(answer) for answer in state["answers"]]
        samples = Samples(answers, state["passed"], state["sampled"])

        async def ask(number: int) -> Answer:
            return await answer_question(
                seat, domain, question.question, question.answer_kind, question.choices, calls,
                sample=number, parse_retries=settings.parse_retries,
            )  # fmt: skip

        decided = await samples.go_on(band, ask, question, first=first, most=most)
        if not samples.answers:
            return rejection("failed", f"no sample of the defender could be read: {samples.unread}")
        passed, answered = samples.passed, len(samples.answers)
        update: Update = {
            "answers": [answer.model_dump() for answer in samples.answers],
            "sampled": samples.sampled,
            "passed": passed,
            "undecided": not decided,
        }
        rate = f"the defender was right in {passed} of {answered} samples"
        match band.verdict(passed, answered, 0) if decided else None:
            case "too easy" if state["easy_welcome"]:
                return update | {"easy": True}
            case "too easy":
                return update | rejection("too_easy", rate)
            case "too hard":
                return update | rejection("low_quality", f"{rate}: harder than --pass-rate {settings.pass_rate} allows")
            case "right" if not state["hard_welcome"]:
                return update | rejection("low_quality", f"{rate}: hard enough, but only easier ones are missing")
        return update

    async def solve(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Take one turn of the Judge's blind solution; record its answer before anything is revealed to it."""
        settings = settings_of(runtime)
        question = Question.model_validate(state["question"])
        domain, seat, calls = await self._at_work(runtime, "judge", state)
        conversation = messages_from_dict(state["conversation"]) or judge.opening(domain, question)
        reply = await judge.solve(seat, domain, conversation, calls)
        turns_left = state["judge_turns_left"] - 1
        update: Update = {"conversation": plain([*conversation, reply]), "judge_turns_left": turns_left}
        said = judge.blind_answer(reply)
        ran = any(run["by"] == "judge" and run["ok"] for run in state["evidence"])
        if said is not None and (ran or not domain.judge_must_run):
            update |= heard(question, said)
        elif turns_left > 0 and not reply.tool_calls:
            update["conversation"] = plain([*conversation, reply, judge.nudge()])
        elif not reply.tool_calls:
            lack = "ran no program" if said is not None else "stated no answer"
            update |= rejection("unverified", f"the judge {lack} in {settings.judge_turns} turns: {reply.text[:300]}")
        return update

    async def tools(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Run what the Judge asked for, in the sandbox; the last program may print its answer."""
        settings = settings_of(runtime)
        domain = await (await self._source()).domain(settings.domain)
        sandbox = await (await self._source()).sandbox(settings)
        conversation = messages_from_dict(state["conversation"])
        question, evidence = Question.model_validate(state["question"]), list(state["evidence"])
        said: str | None = None
        for call in getattr(conversation[-1], "tool_calls", []):
            said = None
            if call["name"] not in domain.judge_tools:
                text = f"there is no tool {call['name']!r}; there is: {', '.join(domain.judge_tools)}"
            else:
                use = await JUDGE_TOOLS[call["name"]].run(sandbox, call["args"])
                text = use.text
                if use.execution is not None:
                    run = program_run("judge", use.code, use.execution)
                    evidence.append(run.model_dump())
                    said = judge.printed_answer(run, question)
            conversation.append(ToolMessage(text, tool_call_id=call["id"], name=call["name"]))
        update: Update = {"conversation": plain(conversation), "evidence": evidence}
        if said is not None:
            return update | heard(question, said)
        if state["judge_turns_left"] <= 0:
            return update | rejection("unverified", f"the judge stated no answer in {settings.judge_turns} turns")
        return update

    async def grade(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Reveal the reference, get the Verdict, and turn away what teaches badly."""
        settings = settings_of(runtime)
        question = Question.model_validate(state["question"])
        domain, seat, calls = await self._at_work(runtime, "judge", state)
        try:
            verdict = await judge.grade(
                seat, domain, messages_from_dict(state["conversation"]), question, wrong_answer(state, question),
                str(state["blind_answer"]), calls, parse_retries=settings.parse_retries,
            )  # fmt: skip
        except Unreadable as error:
            return rejection("failed", str(error))
        update: Update = {"verdict": verdict.model_dump()}
        flaws = "; ".join(verdict.flaws) or "no flaw was named"
        if not verdict.well_posed:
            return update | rejection("low_quality", f"the question is not well posed: {flaws}")
        mean = verdict.reference_rubric.mean
        if settings.levels:
            if level_of(mean) in settings.allowed_levels:
                return update
            return update | rejection(
                "low_quality", f"the solution is {level_of(mean)}, and --levels {settings.levels}"
            )
        if mean < settings.min_quality:
            return update | rejection("low_quality", f"the solution scores {mean:.1f} of 5 ({flaws})")
        return update

    async def novelty(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Check and insert atomically: of two twins in flight only one passes."""
        settings = settings_of(runtime)
        question = Question.model_validate(state["question"])
        gate = await (await self._source()).novelty(settings)
        if settings.ask_borderline and (seen := await gate.look(novelty_item(question, state["candidate"]))).borderline:
            domain, seat, calls = await self._at_work(runtime, "judge", state)
            told = await judge.same_reasoning(
                seat, domain, question.question, seen.nearest_text, calls, parse_retries=settings.parse_retries
            )
            if told.same_reasoning:
                return too_near(seen.model_copy(update={"verdict": "duplicate", "rule": "judge"}))
        decision = await gate.admit(novelty_item(question, state["candidate"]))
        if decision.verdict != "novel":
            return too_near(decision)
        return {"novelty": {"nearest": decision.nearest, "score": decision.score, "embedder": gate.embedder}}

    async def keep(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Write the survivor."""
        settings = settings_of(runtime)
        resources = await self._source()
        models = {name: spec.model for name, spec in seat_specs(settings, state["index"]).items()}
        usage = await journal(state, runtime, resources).usage()
        guarantees = (await resources.sandbox(settings)).guarantees()
        survivor = build_survivor(state, await resources.domain(settings.domain), models, usage, guarantees)
        await write_attempt(state, runtime)
        await write_survivor(store_of(runtime), settings.run_name, survivor)
        return {"outcome": "kept", "reason": "", "survivor_id": survivor.id}

    async def reject(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Write down how the candidate ended."""
        settings, last = settings_of(runtime), state["rejection"]
        if last is None:
            raise ValueError(f"candidate {state['candidate']} was rejected without a reason")
        question = Question.model_validate(state["question"]) if state["question"] else None
        spec = seat_specs(settings, state["index"])["defender"]
        refusal = Refusal(
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
        )
        await write_attempt(state, runtime)
        await write_refusal(store_of(runtime), settings.run_name, refusal)
        return {"outcome": refusal.outcome, "reason": refusal.reason}

    async def fail(
        self, state: CandidateState, error: NodeError, runtime: Runtime[Settings]
    ) -> Command[Literal["reject"]]:
        """End the candidate where a model or the sandbox failed for good; let any other error through."""
        if not isinstance(error.error, CallError | SandboxError):
            raise error.error
        if isinstance(error.error, SandboxError):
            # Where not even this can be run, the sandbox is gone, and that is no fault of the candidate.
            sandbox = await (await self._source()).sandbox(settings_of(runtime))
            (await sandbox.run(f"print({uuid4().hex!r})")).trusted()
        update = rejection("failed", str(error.error))
        if state["rejection"] or not state["question"]:  # the Attacker's call: what is there is of the attempt before
            left = state["attempts_left"] - 1
            update = fresh_attempt(settings_of(runtime).judge_turns) | {"attempts_left": left} | update
        return Command(update=update, goto="reject")

    async def _at_work(
        self, runtime: Runtime[Settings], name: SeatName, state: CandidateState
    ) -> tuple[Domain, Seat, CandidateJournal]:
        settings, resources = settings_of(runtime), await self._source()
        seat = await resources.seat(settings, name, state["index"])
        return await resources.domain(settings.domain), seat, journal(state, runtime, resources)


def heard(question: Question, said: str) -> Update:
    """Record the Judge's blind answer, and refuse the attempt where it is not the stated one."""
    if question.accepts(said):
        return {"blind_answer": said}
    reason = f"an independent solution gave {said!r}, but the stated answer is {question.answer!r}"
    return {"blind_answer": said} | rejection("unverified", reason)


def too_near(found: Decision) -> Update:
    """Refuse a twin, and say of what."""
    near = {"name": found.nearest, "rule": found.rule, "score": found.score or 0.0, "question": found.nearest_text}
    return rejection("contaminated" if found.verdict == "contaminated" else "duplicate", found.feedback, near)


def plain(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    """Write messages as plain data, as the state holds them."""
    return [message_to_dict(message) for message in messages]
