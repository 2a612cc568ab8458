"""The replies of the scripted models: a pure function of the script and the request.

A request's task is read from the fenced data in its messages, not from its wording, so prompts may change freely.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass
from typing import Any, Literal

from agents.records import SeatName
from evals.mock_server.faults import Script
from evals.mock_server.word_problems import WordProblem, read
from prompts.render import PromptError, unfence

Task = Literal["attack", "defend", "solve", "grade", "compare"]
_FENCES: dict[Task, str] = {
    "attack": "brief",
    "defend": "question",
    "solve": "question",
    "grade": "reference",
    "compare": "neighbour",
}
RECORDS = ("Question", "Answer", "Verdict", "SameReasoning")


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
    fences = ("brief", "question", "reference", "neighbour")
    brief, question, reference, neighbour = (_fenced("\n".join(own), name) for name in fences)
    task: Task
    if neighbour is not None:
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
        return Reply(_prose(draw))
    if request.task == "attack":
        return _attack(script, request, draw)
    if request.task == "solve":
        return _solve(script, request, draw)
    if request.task == "compare":
        same = script.holds("same_reasoning", request.question)
        return _wrap(request, json.dumps({"reason": "I compared their steps.", "same_reasoning": same}))
    spoilt = request.first and script.draw("malformed", request.task, request.question) < script.malformed
    record = _answer(script, request, draw) if request.task == "defend" else _verdict(script, request)
    return _spoil(request, record, draw) if spoilt else _wrap(request, json.dumps(record))


def _attack(script: Script, request: Request, draw: random.Random) -> Reply:
    try:
        seed, attempt = int(request.data["seed"]), int(request.data.get("attempt", 1))
        steps = int(request.data["hops"]) if script.obliging else None
    except (KeyError, TypeError, ValueError) as error:
        raise UnanswerableError(f"the brief needs whole numbers as seed, attempt and hops: {error!r}") from error
    plan = script.plan(seed, attempt)
    original = script.original(seed, attempt) if plan == "duplicate" else None
    problem = stated = original or script.problem(seed, attempt, steps)
    if plan in ("wrong_alike", "wrong_apart"):
        stated = problem.without_a_step(random.Random(problem.text))  # noqa: S311  # reproducible, no secret
    record = {
        "question": problem.text if original is None else _respaced(problem.text, draw),
        "steps": stated.working,
        "answer": str(stated.answer),
        "answer_kind": "number",
        "choices": [],
        "program": problem.program if plan == "wrong_apart" else stated.program,
        "topic": request.data.get("topic") or "arithmetic",
        "skills": [request.data.get("skill") or "arithmetic"],
    }
    if plan != "malformed" or not request.first:
        return _wrap(request, json.dumps(record))
    if draw.random() < 0.2:
        nonsense = {**record, "question": _prose(draw), "steps": ["?"], "program": "print(undefined)", "answer": "7"}
        return _wrap(request, json.dumps(nonsense))
    return _spoil(request, record, draw)


def _respaced(text: str, draw: random.Random) -> str:
    return draw.choice((text, text, text.upper(), text.lower(), text.replace(" ", "  "), f" {text}\n"))


def _answer(script: Script, request: Request, draw: random.Random) -> dict[str, Any]:
    problem = read(request.question)
    if problem is None:
        return {"steps": ["I have not met this kind of question."], "answer": "I do not know"}
    if script.holds("defender_right", request.question):
        return {"steps": problem.working, "answer": str(problem.answer)}
    slip = draw.choice((1, 2, 5, 10, 20, 100)) * draw.choice((1, 3, 7))
    return {"steps": [*problem.working[:-1], "I add up what is left."], "answer": str(problem.answer + slip)}


def _solve(script: Script, request: Request, draw: random.Random) -> Reply:
    """Call the Python tool, then answer with what it printed; an unusable reply has no `ANSWER:`."""
    problem = read(request.question)
    if request.output is not None:
        if request.first and script.draw("malformed", "solve", request.question) < script.malformed:
            return Reply(_prose(draw))
        lines = [line.strip().removeprefix("ANSWER: ") for line in request.output.splitlines() if line.strip()]
        return Reply(f"The program has run.\nANSWER: {lines[-1] if lines else 'none'}")
    truth = "unknown" if problem is None else str(problem.answer)
    lazy = request.first and script.holds("judge_lazy", request.question)
    tools = [tool for tool in request.tools if _tool_name(tool) not in RECORDS]
    if lazy or not tools:
        return Reply(f"I did this in my head.\nANSWER: {truth}")
    tool = next((tool for tool in tools if _tool_name(tool) == "python"), tools[0])
    parameters = (tool.get("function") or {}).get("parameters") or {}
    name = next(iter(parameters.get("required") or parameters.get("properties") or ["code"]))
    return Reply(json.dumps({name: _program(script, request.question, problem)}), tool=_tool_name(tool))


def _program(script: Script, question: str, problem: WordProblem | None) -> str:
    if problem is None:
        return "print('unknown')"
    if script.holds("judge_wrong", question):
        problem = problem.without_a_step(random.Random(f"judge {problem.text}"))  # noqa: S311  # reproducible, no secret
    if script.holds("judge_prints", question):
        return problem.program.replace("print(total)", "print('ANSWER:', total)")
    return problem.program


def _verdict(script: Script, request: Request) -> dict[str, Any]:
    low, right = script.holds("low_quality", request.question), script.holds("defender_right", request.question)
    criteria = ("correctness", "rigor", "structure", "completeness", "clarity")
    return {
        "independent_answer": script.truth(request.question) or "unknown",
        "well_posed": True,
        "reference_rubric": dict.fromkeys(criteria, 1 if low else 5),
        "defender_rubric": dict.fromkeys(criteria, 5 if right else 2),
        "flaws": ["The explanation skips what matters."] if low else [],
        "explanation": "Each step was compared with the program's.",
    }


def _wrap(request: Request, text: str, finish: str = "stop") -> Reply:
    return Reply(text, request.record_tool, finish)


def _spoil(request: Request, record: dict[str, Any], draw: random.Random) -> Reply:
    """Turn a record into an unusable reply of a kind that models give: cut off, not JSON, prose, or a field missing."""
    text = json.dumps(record)
    fault = draw.choice(("cut", "broken", "prose", "fields"))
    if fault == "cut":
        return _wrap(request, text[: len(text) * 3 // 5], finish="length")
    if fault == "broken":
        return _wrap(request, text.replace('": ', "': ", 2))
    if fault == "prose":
        return Reply(_prose(draw))
    return _wrap(request, json.dumps(dict(list(record.items())[1:])))


def _prose(draw: random.Random) -> str:
    return " ".join("".join(draw.choices("aeioulnrst", k=draw.randint(2, 9))) for _ in range(draw.randint(9, 30)))


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
