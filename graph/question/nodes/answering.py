"""The Defender's answers, and the Judge's blind solution."""

from __future__ import annotations

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolCall, ToolMessage
from langgraph.runtime import Runtime

from agents import judge
from agents.defender import answer_question
from agents.records import Answer, ProgramRun, Question
from graph.question.nodes.node import Nodes, Update, question_of
from graph.question.pass_rate import Band, Samples
from graph.question.runtime import settings_of
from graph.question.state import CandidateState, rejection
from graph.question.survivor import program_run
from graph.settings import Settings
from tools.answers import answers_agree
from tools.judge_tools.port import JudgeTool, ToolRun
from tools.judge_tools.submit import SUBMIT, fenced_program
from tools.sandbox.port import Sandbox
from tools.tracing import known, span

MOST_CALLS = 8
"""Tool calls of one reply that are run; the others are answered with why."""


class Answering(Nodes):
    """The nodes `defend`, `solve` and `tools`."""

    async def defend(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Ask the Defender until its pass rate is decided, or until it is cheaper to ask the Judge first."""
        settings, question = settings_of(runtime), question_of(state)
        role = await self._role("defender", state, runtime)
        band, most = Band.of(settings), settings.defender_samples
        first = most if state["proof"] is not None else min(state["samples_first"] or most, most)
        answers = [Answer.model_validate(answer) for answer in state["answers"]]
        samples = Samples(answers, state["passed"], state["sampled"])

        async def ask(number: int) -> Answer:
            answer = await answer_question(role, question, sample=number, form=settings.answer_form)
            return await self._as_stated(answer, question, settings)

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
                return update | rejection(
                    "low_quality", f"{rate}: harder than a pass rate of {settings.pass_rate} allows"
                )
            case "right" if not state["hard_welcome"]:
                return update | rejection("low_quality", f"{rate}: hard enough, but only easier ones are missing")
        return update

    async def _as_stated(self, answer: Answer, question: Question, settings: Settings) -> Answer:
        """Write a formula that equals the stated one as that is written; only algebra in the sandbox can tell."""
        if question.answer_kind != "expression" or question.accepts(answer.answer):
            return answer
        sandbox = await (await self._source()).sandbox(settings)
        if await answers_agree(sandbox, answer.answer, question.answer, "expression"):
            return answer.model_copy(update={"answer": question.answer})
        return answer

    async def solve(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Take one turn of the Judge's blind solution; nothing has been revealed to it."""
        settings, question = settings_of(runtime), question_of(state)
        role = await self._role("judge", state, runtime)
        tools = judge.tools_for(role.domain, question, settings.limits)
        opening = [] if state["messages"] else judge.opening(role.domain, question, tools)
        reply = await judge.solve(role, [*state["messages"], *opening], tools)
        turns_left = state["judge_turns_left"] - 1
        update: Update = {"messages": [*opening, reply], "judge_turns_left": turns_left}
        if reply.tool_calls or (question.inputs and fenced_program(reply.text)):
            return update
        answer = None if question.inputs else judge.stated_answer(reply)
        if answer is not None:
            return update | {"blind_answer": answer}
        if turns_left > 0:
            return update | {"messages": [*update["messages"], judge.nudge(tools)]}
        return update | no_answer(question, settings)

    async def tools(self, state: CandidateState, runtime: Runtime[Settings]) -> Update:
        """Run what the Judge asked for, in the sandbox; a submitted solution that returns an answer ends its work."""
        settings, resources, question = settings_of(runtime), await self._source(), question_of(state)
        domain, sandbox = await resources.domain(settings.domain), await resources.sandbox(settings)
        work = ToolWork(judge.tools_for(domain, question, settings.limits), sandbox)
        await work.carry_out(state["messages"][-1])
        update: Update = {
            "messages": work.replies,
            "evidence": [*state["evidence"], *(run.model_dump() for run in work.runs)],
        }
        if work.submitted is not None:
            return update | {"judge_program": work.submitted.code, "blind_answer": work.submitted.value}
        if state["judge_turns_left"] <= 0:
            return update | no_answer(question, settings)
        return update


class ToolWork:
    """What the tool calls of one reply came to.

    Attributes:
        replies: One message a call.
        runs: Programs that ran.
        submitted: The last solution that returned an answer, None where none did.
    """

    def __init__(self, tools: dict[str, JudgeTool], sandbox: Sandbox) -> None:
        self._tools, self._sandbox = tools, sandbox
        self.replies: list[BaseMessage] = []
        self.runs: list[ProgramRun] = []
        self.submitted: ToolRun | None = None

    async def carry_out(self, reply: BaseMessage) -> None:
        """Run the calls of a reply, or the program in its text where it makes none."""
        calls = reply.tool_calls if isinstance(reply, AIMessage) else []
        if not calls and (program := fenced_program(reply.text)):
            self.replies.append(HumanMessage(await self._use(SUBMIT, {"code": program})))
        for place, call in enumerate(calls):
            text = await self._call(call) if place < MOST_CALLS else f"Not run: at most {MOST_CALLS} calls a reply are."
            self.replies.append(ToolMessage(text, tool_call_id=call["id"], name=call["name"]))

    async def _call(self, call: ToolCall) -> str:
        if call["name"] not in self._tools:
            return f"there is no tool {call['name']!r}; there is: {', '.join(self._tools)}"
        return await self._use(call["name"], call["args"])

    async def _use(self, name: str, arguments: dict[str, object]) -> str:
        tool = {"gen_ai.operation.name": "execute_tool", "gen_ai.tool.name": name, "gen_ai.tool.type": "function"}
        with span(f"execute_tool {name}", tool) as opened:
            run = await self._tools[name].run(self._sandbox, arguments)
            opened.set_attributes(known({"nanoflux.status": run.execution.status if run.execution else None}))
        if run.execution is not None:
            self.runs.append(program_run(run.code, run.execution))
        if run.value is not None:
            self.submitted = run
        return run.text


def no_answer(question: Question, settings: Settings) -> Update:
    """Refuse the attempt, since the Judge came to no answer."""
    lack = "submitted no solution that returns an answer" if question.inputs else "stated no answer"
    return rejection("unverified", f"the judge {lack} in {settings.judge_turns} turns")
