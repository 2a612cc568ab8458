"""How a Defender is asked in prose, with worked examples and without, and what is kept of its replies."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple, cast

import pytest
from langchain_core.messages import AIMessage, BaseMessage

from agents.defender import answer_question, defender_messages, reply_grammar
from agents.errors import Unreadable
from agents.role import Role
from graph.settings import Settings
from prompts.domain import domain_names, load_domain
from tools.answers import AnswerKind, final_answer


@dataclass
class Sum:
    question: str = "What is 2 + 2?"
    answer_kind: AnswerKind = "number"
    choices: Sequence[str] = ()


@dataclass
class Speaker:
    """Plays a role: gives its replies one after the other."""

    replies: list[str]
    domain: Any = field(default_factory=lambda: load_domain("math"))
    asked: list[list[BaseMessage]] = field(default_factory=list)

    async def say(self, messages: Sequence[BaseMessage], *, sample: int = 0, grammar: str = "") -> AIMessage:
        self.asked.append(list(messages))
        return AIMessage(self.replies.pop(0))


@pytest.mark.parametrize("name", domain_names())
def test_worked_examples_come_before_the_question_and_end_as_a_reply_should(name: str) -> None:
    domain = load_domain(name)
    plain, shown = defender_messages(domain, Sum(), "prose"), defender_messages(domain, Sum(), "few_shot")
    examples = shown[1:-1]
    assert [shown[0], shown[-1]] == plain
    assert [message.type for message in examples] == ["human", "ai"] * len(domain.worked_examples)
    assert all(final_answer(message.text) for message in examples[1::2])
    assert examples


async def test_the_line_of_the_final_answer_is_no_step() -> None:
    speaker = Speaker(["With 2 more there are 2 + 2 = 5.\nANSWER: 5"])
    answer = await answer_question(cast(Role, speaker), Sum(), form="few_shot")
    assert (answer.steps, answer.answer) == (["With 2 more there are 2 + 2 = 5."], "5")


async def test_an_answer_that_is_given_on_the_second_asking_keeps_the_reasons_of_the_first() -> None:
    speaker = Speaker(["2 + 2 = 5.\nANSWER: 5 apples or so", "ANSWER: 5"])
    answer = await answer_question(cast(Role, speaker), Sum(), form="prose")
    assert (answer.steps, answer.answer) == (["2 + 2 = 5."], "5")
    assert speaker.asked[1][-2].text.startswith("2 + 2 = 5."), "it sees its own reply again"


async def test_a_reply_without_an_answer_is_unread_in_the_end() -> None:
    with pytest.raises(Unreadable, match="cannot be read as number"):
        await answer_question(cast(Role, Speaker(["Let me see.", "I see."])), Sum(), form="few_shot")


@pytest.mark.parametrize(
    ("settings", "form"),
    [
        ({"defender": "offline:smollm2"}, "few_shot"),
        ({"defender": "openai:gpt-5-mini"}, "json"),
        ({"defender": "offline:smollm2", "defender_form": "json"}, "json"),
    ],
)
def test_the_form_that_suits_the_model_is_taken_where_none_is_given(settings: dict[str, str], form: str) -> None:
    assert Settings.model_validate(settings).answer_form == form


@pytest.mark.parametrize(
    ("kind", "choices", "final"),
    [
        ("number", (), r'"-"? [0-9]{1,12} ([./] [0-9]{1,6})?'),
        ("choice", ('the "first"', "both"), r'"the \"first\"" | "both"'),
        ("text", (), r"[^\n]{1,60}"),
    ],
)
def test_a_small_models_prose_is_held_to_lines_and_an_answer_of_its_kind(
    kind: AnswerKind, choices: tuple[str, ...], final: str
) -> None:
    class Asked(NamedTuple):
        question: str
        answer_kind: AnswerKind
        choices: tuple[str, ...]

    asked = Asked("How many?", kind, choices)
    lines = reply_grammar(asked, "few_shot").splitlines()
    assert lines == ['root ::= line{1,4} "ANSWER: " final', r'line ::= [^\n]{1,100} "\n"', f"final ::= {final}"]
    assert not reply_grammar(asked, "prose")
