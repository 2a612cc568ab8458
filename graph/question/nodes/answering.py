"""The Defender's answers, and the Judge's blind solution and grade."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from langchain_core.messages import BaseMessage, ToolMessage, message_to_dict, messages_from_dict
from langgraph.runtime import Runtime

from agents import judge
from agents.defender import answer_question
from agents.errors import Unreadable
from agents.records import Answer, Question, level_of
from graph.question.nodes.node import Nodes, Update, question_of
from graph.question.pass_rate import Band, Samples
from graph.question.runtime import settings_of
from graph.question.state import CandidateState, rejection
from graph.question.survivor import program_run, wrong_answer
from graph.settings import Settings
from tools.judge_tools.registry import JUDGE_TOOLS


class Answering(Nodes):
    """The nodes `defend`, `solve`, `tools` and `grade`."""

    async def defend(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Ask the Defender until its pass rate is decided, or until it is cheaper to ask the Judge first."""
        settings, question = settings_of(runtime), question_of(state)
        role = await self._role("defender", state, runtime)
        band, most = Band.of(settings), settings.defender_samples
        first = most if state["blind_answer"] is not None else min(state["samples_first"] or most, most)
        answers = [Answer.model_validate(answer) for answer in state["answers"]]
        samples = Samples(answers, state["passed"], state["sampled"])

        async def ask(number: int) -> Answer:
            return await answer_question(role, question, sample=number)

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
        settings, question = settings_of(runtime), question_of(state)
        role = await self._role("judge", state, runtime)
        conversation = messages_from_dict(state["conversation"]) or judge.opening(role.domain, question)
        reply = await judge.solve(role, conversation)
        turns_left = state["judge_turns_left"] - 1
        update: Update = {"conversation": plain([*conversation, reply]), "judge_turns_left": turns_left}
        answer = judge.blind_answer(reply)
        ran = any(run["by"] == "judge" and run["ok"] for run in state["evidence"])
        if answer is not None and (ran or not role.domain.judge_must_run):
            update |= record_blind_answer(question, answer)
        elif turns_left > 0 and not reply.tool_calls:
            update["conversation"] = plain([*conversation, reply, judge.nudge()])
        elif not reply.tool_calls:
            lack = "ran no program" if answer is not None else "stated no answer"
            update |= rejection("unverified", f"the judge {lack} in {settings.judge_turns} turns: {reply.text[:300]}")
        return update

    async def tools(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Run what the Judge asked for, in the sandbox; the last program may print its answer."""
        settings, resources, question = settings_of(runtime), await self._source(), question_of(state)
        domain, sandbox = await resources.domain(settings.domain), await resources.sandbox(settings)
        conversation, evidence = messages_from_dict(state["conversation"]), list(state["evidence"])
        answer: str | None = None
        for call in getattr(conversation[-1], "tool_calls", []):
            answer = None
            if call["name"] not in domain.judge_tools:
                text = f"there is no tool {call['name']!r}; there is: {', '.join(domain.judge_tools)}"
            else:
                use = await JUDGE_TOOLS[call["name"]].run(sandbox, call["args"])
                text = use.text
                if use.execution is not None:
                    run = program_run("judge", use.code, use.execution)
                    evidence.append(run.model_dump())
                    answer = judge.printed_answer(run, question)
            conversation.append(ToolMessage(text, tool_call_id=call["id"], name=call["name"]))
        update: Update = {"conversation": plain(conversation), "evidence": evidence}
        if answer is not None:
            return update | record_blind_answer(question, answer)
        if state["judge_turns_left"] <= 0:
            return update | rejection("unverified", f"the judge stated no answer in {settings.judge_turns} turns")
        return update

    async def grade(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Reveal the reference, get the Verdict, and turn away what teaches badly."""
        settings, question = settings_of(runtime), question_of(state)
        role = await self._role("judge", state, runtime)
        conversation, answer = messages_from_dict(state["conversation"]), str(state["blind_answer"])
        try:
            verdict = await judge.grade(role, conversation, question, wrong_answer(state, question), answer)
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
            reason = f"the solution is {level_of(mean)}, and --levels {settings.levels}"
            return update | rejection("low_quality", reason)
        if mean < settings.min_quality:
            return update | rejection("low_quality", f"the solution scores {mean:.1f} of 5 ({flaws})")
        return update


def record_blind_answer(question: Question, answer: str) -> Update:
    """Record the Judge's blind answer, and refuse the attempt where it is not the stated one."""
    if question.accepts(answer):
        return {"blind_answer": answer}
    reason = f"an independent solution gave {answer!r}, but the stated answer is {question.answer!r}"
    return {"blind_answer": answer} | rejection("unverified", reason)


def plain(messages: Sequence[BaseMessage]) -> list[dict[str, Any]]:
    """Write messages as plain data, as the state holds them."""
    return [message_to_dict(message) for message in messages]
