"""The replies of the scripted models: a pure function of the script and the request.

A request's task is read from the fenced data in its messages, not from its wording, so prompts may change freely.
"""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from agents.records import SEATS, SeatName
from evals.mock_server.liars.replies import liar_in, lying_answer, lying_question, lying_solution, lying_talk
from evals.mock_server.liars.table import SCRIPTED, Liar
from evals.mock_server.liars.worlds import bare
from evals.mock_server.script import Script
from evals.mock_server.spoiling import prose, spoil
from evals.mock_server.word_problems import WordProblem, read
from evals.mock_server.word_programs import (
    fit_steps,
    match_inputs,
    other_program,
    own_names,
    solve_program,
    stated_inputs,
)
from prompts.render import PromptError, unfence
from tools.judge_tools.submit import SUBMIT

Task = Literal["attack", "defend", "solve", "grade", "compare", "try"]
_FENCES: dict[Task, str] = {
    "attack": "brief",
    "defend": "question",
    "solve": "question",
    "grade": "reference",
    "compare": "neighbour",
    "try": "trial",
}
RECORDS = ("Question", "Answer", "Verdict", "SameReasoning", "Ready")


class UnanswerableError(ValueError):
    """No seat can answer the request; the client gets HTTP 400."""


@dataclass(frozen=True)
class Request:
    """A chat request: its task, its fenced data, and how far the conversation is."""

    task: Task
    data: dict[str, Any]
    first: bool
    """Whether this is the first request of its task, not a repeat after an unusable reply."""
    tools: tuple[dict[str, Any], ...]
    output: str | None
    """The last tool message's text, None before a tool was called."""

    @property
    def seat(self) -> SeatName:
        """The seat that performs the task."""
        if self.task == "try":
            return self.data["seat"]  # type: ignore[no-any-return]  # read_request put it there
        return {"attack": "attacker", "defend": "defender"}.get(self.task, "judge")  # type: ignore[return-value]  # only seats

    @property
    def question(self) -> str:
        """The text of the question, empty for the Attacker."""
        return str(self.data.get("question", ""))

    @property
    def record_tool(self) -> str | None:
        """The function whose arguments are a record, where the caller gives one."""
        return next((name for name in map(_tool_name, self.tools) if name in RECORDS), None)


@dataclass(frozen=True)
class Reply:
    """One assistant message: text, or a call of a function with its arguments as text."""

    text: str
    tool: str | None = None
    finish: str = "stop"


def read_request(body: dict[str, Any]) -> Request:
    """Find the task and data of a request; raises `UnanswerableError` where no seat fits."""
    model, messages = str(body.get("model", "")), body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(message, dict) for message in messages):
        raise UnanswerableError("messages must be a list of at least one object with role and content")
    own = [_text(message) for message in messages if message.get("role") in ("system", "developer", "user")]
    outputs = [_text(message) for message in messages if message.get("role") == "tool"]
    fences = ("brief", "question", "reference", "neighbour", "trial")
    brief, question, reference, neighbour, trial = (_fenced("\n".join(own), name) for name in fences)
    task: Task
    if trial is not None:
        task, data = "try", {**trial, "seat": next((seat for seat in SEATS if seat in model), "judge")}
    elif neighbour is not None:
        task, data = "compare", {**neighbour, **(question or {})}
    elif reference is not None:
        task, data = "grade", {**reference, **(question or {})}
    elif brief is not None:
        task, data = "attack", brief
    elif "attacker" in model and question is None:
        raise UnanswerableError("the Attacker needs a fence named 'brief' in its messages")
    else:
        task, data = "solve" if "judge" in model else "defend", question or {"question": own[-1] if own else ""}
    fence = f'<data name="{_FENCES[task]}">'
    last = messages[-1]
    first = len(messages) == 1 or fence in _text(last) or (task == "solve" and last.get("role") == "tool")
    return Request(task, data, first, tuple(body.get("tools") or ()), outputs[-1] if outputs else None)


def count_words(messages: list[dict[str, Any]]) -> int:
    """Count the words of all messages; this server counts words as tokens."""
    return sum(len(_text(message).split()) for message in messages)


def answer(script: Script, request: Request) -> Reply:
    """Return the reply of the request's seat."""
    draw = random.Random(script.draw("reply", request.task, request.data))  # noqa: S311  # reproducible, no secret
    if script.rubbish:
        return Reply(prose(draw))
    if request.task == "try":
        return _wrap(request, json.dumps({"word": request.data["word"]}))
    if request.task == "attack":
        return _attack(script, request, draw)
    if request.task == "solve":
        liar = liar_in(request.question)
        return _lie(liar, request) if liar else _solve(script, request, draw)
    if request.task == "compare":
        same = script.holds("same_reasoning", request.question)
        return _wrap(request, json.dumps({"reason": "I compared their steps.", "same_reasoning": same}))
    spoilt = request.first and script.draw("malformed", request.task, request.question) < script.malformed
    record = _answer(script, request, draw) if request.task == "defend" else _verdict(script, request)
    return _spoil(request, record, draw) if spoilt else _wrap(request, json.dumps(record))


def _attack(script: Script, request: Request, draw: random.Random) -> Reply:
    try:
        seed, attempt = int(request.data["seed"]), int(request.data.get("attempt", 1))
        hops = int(request.data["hops"])
    except (KeyError, TypeError, ValueError) as error:
        raise UnanswerableError(f"the brief needs whole numbers as seed, attempt and hops: {error!r}") from error
    plan = script.plan(seed, attempt)
    if name := script.liar_of(seed):
        problem = script.problem(seed, 1 if SCRIPTED[name].repeats else attempt)
        return _wrap(request, json.dumps(lying_question(name, problem, request.data)))
    original = script.original(seed, attempt) if plan == "duplicate" else None
    problem = computed = original or script.problem(seed, attempt, hops if script.obliging else None)
    if plan in ("wrong_alike", "wrong_apart"):
        computed = problem.without_a_step(random.Random(problem.text))  # noqa: S311  # reproducible, no secret
    text = problem.text if original is None else _respaced(problem.text, draw)
    inputs = stated_inputs(text)
    program = problem if plan == "wrong_apart" else computed
    record = {
        "question": text,
        "steps": fit_steps(computed.working, hops),
        "answer": str(computed.answer),
        "answer_kind": "number",
        "choices": [],
        "inputs": inputs,
        "program": solve_program(program, list(own_names(inputs)), own_names(inputs)),
        "topic": request.data.get("topic") or "arithmetic",
        "skills": [request.data.get("skill") or "arithmetic"],
    }
    if plan != "malformed" or not request.first:
        return _wrap(request, json.dumps(record))
    if draw.random() < 0.2:
        nonsense = {
            **record,
            "question": prose(draw),
            "steps": ["?"],
            "inputs": [],
            "program": "print(undefined)",
            "answer": "7",
        }
        return _wrap(request, json.dumps(nonsense))
    return _spoil(request, record, draw)


def _respaced(text: str, draw: random.Random) -> str:
    return draw.choice((text, text, text.upper(), text.lower(), text.replace(" ", "  "), f" {text}\n"))


def _answer(script: Script, request: Request, draw: random.Random) -> dict[str, Any]:
    problem = read(bare(request.question))
    if problem and (liar := liar_in(request.question)):
        choices = request.data.get("choices") or []
        text = lying_answer(liar, request.question, choices, draw.choice((1, 2, 5, 10, 21)))
        return {"steps": problem.working[:-1], "answer": text}
    if problem is None:
        return {"steps": ["I have not met this kind of question."], "answer": "I do not know"}
    if script.holds("defender_right", request.question):
        return {"steps": problem.working, "answer": str(problem.answer)}
    slip = draw.choice((1, 2, 5, 10, 20, 100)) * draw.choice((1, 3, 7))
    return {"steps": [*problem.working[:-1], "I add up what is left."], "answer": str(problem.answer + slip)}


def _solve(script: Script, request: Request, draw: random.Random) -> Reply:
    """Submit a `solve` over the inputs; where a question has none, say what the Python tool printed."""
    problem, inputs = read(request.question), request.data.get("inputs") or []
    spoilt = request.first and script.draw("malformed", "solve", request.question) < script.malformed
    if spoilt and (inputs or request.output is not None):
        return Reply(prose(draw))
    if request.first and request.output is None and script.holds("judge_lazy", request.question):
        return Reply(f"I did this in my head.\nANSWER: {_truth(problem)}")
    if inputs and (request.output is not None or not script.holds("judge_prints", request.question)):
        return _submit(request, _judge_program(script, request.question, problem, inputs))
    if not inputs and request.output is not None:
        lines = [line.strip().removeprefix("ANSWER: ") for line in request.output.splitlines() if line.strip()]
        return Reply(f"The program has run.\nANSWER: {lines[-1] if lines else 'none'}")
    tools = [tool for tool in request.tools if _tool_name(tool) not in RECORDS]
    if not tools:
        return Reply(f"I did this in my head.\nANSWER: {_truth(problem)}")
    tool = next((tool for tool in tools if _tool_name(tool) == "python"), tools[0])
    stated = stated_inputs(request.question)
    call = ", ".join(f"{one['name']}={one['value']}" for one in stated)
    code = _judge_program(script, request.question, problem, stated)
    return _call(tool, f"{code}\nprint('ANSWER:', solve({call}))" if problem else "print('unknown')")


def _lie(liar: Liar, request: Request) -> Reply:
    """Play a lying Judge."""
    inputs = request.data.get("inputs") or []
    code = lying_solution(liar, request.question, inputs) if inputs else None
    return _submit(request, code) if code else Reply(lying_talk(liar, request.question))


def _truth(problem: WordProblem | None) -> str:
    return "unknown" if problem is None else str(problem.answer)


def _submit(request: Request, code: str) -> Reply:
    """Submit a program by the tool, or as a fenced block where there is none."""
    tool = next((tool for tool in request.tools if _tool_name(tool) == SUBMIT), None)
    return _call(tool, code) if tool else Reply(f"This is my solution.\n```python\n{code}\n```")


def _call(tool: dict[str, Any], code: str) -> Reply:
    parameters = (tool.get("function") or {}).get("parameters") or {}
    name = next(iter(parameters.get("required") or parameters.get("properties") or ["code"]))
    return Reply(json.dumps({name: code}), tool=_tool_name(tool))


def _judge_program(
    script: Script, question: str, problem: WordProblem | None, inputs: Sequence[Mapping[str, Any]]
) -> str:
    parameters = [str(one["name"]) for one in inputs]
    if problem is None:
        return f"def solve({', '.join(parameters)}):\n    raise ValueError('I have not met this kind of question')\n"
    if script.holds("judge_wrong", question):
        problem = problem.without_a_step(random.Random(f"judge {problem.text}"))  # noqa: S311  # reproducible, no secret
    return other_program(problem, parameters, match_inputs(question, inputs))


def _verdict(script: Script, request: Request) -> dict[str, Any]:
    low, right = script.holds("low_quality", request.question), script.holds("defender_right", request.question)
    lowest = liar.scores if (liar := liar_in(request.question)) else 5
    split = {"structure": 3} if script.holds("split_rubric", request.question) and not low else {}
    criteria = ("correctness", "rigor", "structure", "completeness", "clarity")
    return {
        "independent_answer": script.truth(request.question) or "unknown",
        "flaws": ["The explanation skips what matters."] if low else [],
        "explanation": "Each step was compared with the program's.",
        "well_posed": True,
        "reference_rubric": dict.fromkeys(criteria, 1 if low else 5) | {"correctness": 1 if low else lowest} | split,
        "defender_rubric": dict.fromkeys(criteria, 5 if right else 2),
    }


def _wrap(request: Request, text: str, finish: str = "stop") -> Reply:
    return Reply(text, request.record_tool, finish)


def _spoil(request: Request, record: dict[str, Any], draw: random.Random) -> Reply:
    spoilt = spoil(record, draw)
    return Reply(spoilt.text) if spoilt.is_prose else _wrap(request, spoilt.text, spoilt.finish)


def _fenced(text: str, name: str) -> dict[str, Any] | None:
    try:
        data = unfence(text, name)
    except PromptError:
        return None
    return data if isinstance(data, dict) else {"question": data} if name == "question" else {name: data}


def _text(message: dict[str, Any]) -> str:
    content = message.get("content") or ""
    return content if isinstance(content, str) else "\n".join(str(part.get("text", "")) for part in content)


def _tool_name(tool: dict[str, Any]) -> str:
    return str((tool.get("function") or {}).get("name", ""))
