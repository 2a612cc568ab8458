"""The Defender: answers a question without seeing the reference.

It answers as a record (`json`), in prose that ends in `ANSWER:` (`prose`), as the datasets that we write teach, or so
after two worked examples (`few_shot`), without which a very small model does not find an end. A final answer that
cannot be read as one of the question's kind is asked for once more; then the sample is unread, which is neither right
nor wrong.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any, Protocol

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage

from agents.errors import Unreadable
from agents.records import Answer, DefenderForm
from agents.role import Role
from prompts.domain import Domain
from prompts.render import fence, posed_text, render
from tools.answers import AnswerKind, final_answer, reads_as, reply_answer


class Posed(Protocol):
    """What a Defender is shown of a question: of a run's own, or of a benchmark's."""

    @property
    def question(self) -> str:
        """The text, without the options."""
        ...

    @property
    def answer_kind(self) -> AnswerKind:
        """How the answer is given."""
        ...

    @property
    def choices(self) -> Sequence[str]:
        """The options; empty unless it is a choice."""
        ...


def defender_messages(domain: Domain, posed: Posed, form: DefenderForm = "json") -> list[BaseMessage]:
    """Build the conversation that every answering model sees, in a run and in a benchmark alike."""
    if form != "json":
        opening: list[BaseMessage] = [SystemMessage(render("dataset_system", title=domain.title))]
        for example in domain.worked_examples if form == "few_shot" else ():
            opening += [HumanMessage(example.question), AIMessage(example.reply)]
        return [*opening, HumanMessage(posed_text(posed.question, posed.choices))]
    system = render("defender", title=domain.title, guidance=domain.guidance.defender.strip())
    data = {"question": posed.question, "answer_kind": posed.answer_kind, "choices": list(posed.choices)}
    return [SystemMessage(system), HumanMessage(render("defender_question", question=fence("question", data)))]


async def answer_question(role: Role, posed: Posed, *, sample: int = 0, form: DefenderForm = "json") -> Answer:
    """Ask for one Answer; `sample` numbers independent tries at the same question.

    Raises:
        Unreadable: No reply, or no final answer, could be read.
    """
    messages = defender_messages(role.domain, posed, form)
    answer, reply = await _ask(role, messages, posed, sample, form)
    if answer is not None and reads_as(answer.answer, posed.answer_kind, posed.choices):
        return answer
    messages += [AIMessage(reply or "(no content)"), HumanMessage(_again(posed))]
    steps = answer.steps if answer is not None else _lines(reply)
    answer, _ = await _ask(role, messages, posed, sample, form)
    if answer is not None and form != "json":  # the second reply has the answer, and the first one the reasons
        answer = answer.model_copy(update={"steps": steps})
    if answer is None or not reads_as(answer.answer, posed.answer_kind, posed.choices):
        stated = "none" if answer is None else repr(answer.answer[:100])
        raise Unreadable(f"the defender's final answer cannot be read as {posed.answer_kind}: {stated}")
    return answer


async def _ask(
    role: Role, messages: Sequence[BaseMessage], posed: Posed, sample: int, form: DefenderForm
) -> tuple[Answer | None, str]:
    """Return the Answer, None where prose states none, and the reply as the model should see it again."""
    if form == "json":
        answer = await role.ask(messages, Answer, sample=sample, answer=_shape(posed))
        return answer, answer.model_dump_json()
    text = (await role.say(messages, sample=sample, grammar=reply_grammar(posed, form))).text
    final = reply_answer(text, posed.answer_kind, posed.choices)
    return (Answer(steps=_lines(text), answer=final) if final else None), text


def _lines(text: str) -> list[str]:
    """Return the reasoning of a reply in prose: its lines, but for the one that states the final answer."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return [line for line in lines if final_answer(line) is None][:MOST_STEPS]


NUMBER = r"^-?[0-9]{1,12}([./][0-9]{1,6})?$"
EXPRESSION = r"^[0-9A-Za-z+*/^().-]{1,40}$"


def _shape(posed: Posed) -> dict[str, Any]:
    """Return what a final answer of this kind looks like, in terms of JSON schema."""
    if posed.choices:
        return {"enum": list(posed.choices)}
    return {"number": {"pattern": NUMBER}, "expression": {"pattern": EXPRESSION}}.get(posed.answer_kind, {})


def reply_grammar(posed: Posed, form: DefenderForm) -> str:
    """Write the form of a short reply in prose as llama.cpp's GBNF: some lines, then the answer, and an end.

    A small model is held to it after worked examples; in any other form it is empty.
    """
    if form != "few_shot":
        return ""
    finals = {
        "number": '"-"? [0-9]{1,12} ([./] [0-9]{1,6})?',
        "expression": "[0-9A-Za-z+*/^().-]{1,40}",
    }
    final = " | ".join(map(json.dumps, posed.choices)) or finals.get(posed.answer_kind, r"[^\n]{1,60}")
    return f'root ::= line{{1,4}} "ANSWER: " final\nline ::= [^\\n]{{1,100}} "\\n"\nfinal ::= {final}\n'


MOST_STEPS = 20
"""Lines of a prose reply that are kept."""


def _again(posed: Posed) -> str:
    choices = "; it is one of the options" if posed.choices else ""
    return render("defender_again", kind=f"a {posed.answer_kind}{choices}")
